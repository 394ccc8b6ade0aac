"""Dump and restore: one file with what a project has in its database, and the way back.

What belongs to the project is dumped: its schemas, the rows of Supabase's schemas `auth` and
`storage`, what the project has put on those (policies, triggers, grants), the roles that it uses,
and the files of its datasets. What the server or Supabase brings along stays out, so that a dump
fits any server that has it: an embedded one, or a project on Supabase.
"""
