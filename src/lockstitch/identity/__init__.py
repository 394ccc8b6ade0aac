"""Who is calling: accounts, sessions, and what each route says of its callers."""
