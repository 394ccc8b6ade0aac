"""`lockstitch db prepare`: a Postgres that knows nothing of Lockstitch."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from lockstitch.database.embedded import EmbeddedPostgres

MIGRATIONS = Path(__file__).parents[2] / "examples" / "sentiment" / "supabase" / "migrations"
PASSWORD = "a long random one"  # pragma: allowlist secret


def lockstitch(
    folder: Path, *arguments: str, **environment: str
) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "lockstitch.cli.main", "db", *arguments]
    return subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True
    )


def test_a_bare_database_is_prepared_twice_and_migrated(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "postgres") as server:
        with psycopg.connect(server.dsn("supabase_admin"), autocommit=True) as connection:
            connection.execute("create database bare template template0")
        superuser = server.dsn("supabase_admin", "bare")

        for _ in range(2):
            made = lockstitch(
                tmp_path, "prepare", "--dsn", superuser, LOCKSTITCH_ROLES_PASSWORD=PASSWORD
            )
            assert made.returncode == 0, made.stderr
        as_postgres = make_conninfo(superuser, user="postgres", password=PASSWORD, passfile="")
        options = ("--dsn", as_postgres, "--migrations", str(MIGRATIONS))
        migrated = lockstitch(tmp_path, "migrate", *options)
        assert migrated.returncode == 0, migrated.stderr

        with psycopg.connect(make_conninfo(as_postgres, user="authenticator")) as connection:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("select * from public.organisations")
            connection.rollback()
            connection.execute("set role lockstitch_server")
            assert connection.execute("select count(*) from private.sessions").fetchone() == (0,)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    dsn = "postgresql://supabase_admin@127.0.0.1:1/none"

    without = lockstitch(tmp_path, "prepare", "--dsn", dsn, LOCKSTITCH_ROLES_PASSWORD="")
    nobody = lockstitch(tmp_path, "prepare", "--dsn", dsn, LOCKSTITCH_ROLES_PASSWORD=PASSWORD)

    assert without.returncode == 2
    assert "LOCKSTITCH_ROLES_PASSWORD" in without.stderr
    assert nobody.returncode == 2
    assert "cannot be reached" in nobody.stderr
