"""Are the scores true? Simulated clusters whose needs and whose next week are known, hour by hour."""
