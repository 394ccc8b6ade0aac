"""A running service held against its contract: schemathesis makes the requests, we judge."""
