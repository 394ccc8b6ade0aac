"""Postgres, Python and TypeScript held against each other.

`compare_tables` holds the models that declare a table against the catalogue, `compare_policies`
holds its policies and grants against the routes and what they say of their callers.
"""
