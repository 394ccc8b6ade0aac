"""Reading and checking training data."""
