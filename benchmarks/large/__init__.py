"""How each step of the main job grows with the size of the cluster."""
