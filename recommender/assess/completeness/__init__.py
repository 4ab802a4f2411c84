"""What did the window miss: a law of how often edges happen, bounds, births, and estimates."""
