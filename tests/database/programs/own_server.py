"""Own a Postgres until a line comes, or the process is killed: own_server.py DIRECTORY."""

import os
import signal
import sys
from pathlib import Path

import psycopg

from lockstitch.database.embedded import EmbeddedPostgres

# As a server does that drains before it ends.
signal.signal(signal.SIGINT, signal.SIG_IGN)

with EmbeddedPostgres(Path(sys.argv[1])) as server:
    with psycopg.connect(server.dsn("postgres")) as connection:
        connection.execute("create table if not exists public.notes (text text)")
        connection.execute("insert into public.notes values ('committed')")
    print(os.geteuid(), server.dsn("postgres"), flush=True)
    sys.stdin.readline()
