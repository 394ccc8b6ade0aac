"""What runs a model: its class, its files, its batches, its versions and its stored results."""
