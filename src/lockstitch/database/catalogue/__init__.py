"""What a Postgres database consists of: tables, constraints, policies and grants, as frozen data.

`read_catalogue` reads a running server, `catalogue_of_migrations` a throw-away one that has just
been migrated, or the copy that was kept from the last time.
"""
