"""Serves the built web console and the interactive reference beside the API."""
