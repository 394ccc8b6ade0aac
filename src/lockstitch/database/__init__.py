"""Postgres: the embedded server, its migrations, and sessions under row-level security."""
