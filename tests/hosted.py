"""A database like that of a hosted project of Supabase.

The roles and the objects of Supabase are there before anybody migrates; `postgres` is no superuser,
nobody may play the part of Supabase Auth, and what Lockstitch adds to its own servers is not there.
That `postgres` may make policies on the tables of Storage and Realtime is the work of `supautils`
there, and of two memberships here.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx2
import psycopg
from fastapi import FastAPI
from psycopg import sql
from psycopg.conninfo import make_conninfo

from lockstitch import Lockstitch, Settings
from lockstitch.database.embedded import EmbeddedPostgres
from lockstitch.database.prelude import apply_prelude

ROOT = Path(__file__).parents[1]
TEMPLATE = "hosted_template"
LOGIN = "lockstitch_login"
PASSWORD = "a long random one"

MIGRATIONS = ROOT / "examples" / "sentiment" / "supabase" / "migrations"
ADA = {"email": "ada@example.com", "password": "correct horse battery"}

AS_HOSTED = """
drop trigger wake_listeners on realtime.messages;
drop function realtime.wake_listeners();
comment on database hosted_template is null;
revoke supabase_auth_admin from authenticator;
revoke create on schema auth, storage, realtime from postgres;
drop schema supabase_migrations cascade;
"""


@dataclass(frozen=True, slots=True)
class Hosted:
    """One database, as each of those who log in reaches it."""

    server: EmbeddedPostgres
    name: str

    def dsn(self, role: str) -> str:
        return self.server.dsn(role, self.name)

    @property
    def login_dsn(self) -> str:
        """As the service logs in, by the role that the documentation makes."""
        return make_conninfo(
            self.server.dsn("postgres", self.name), user=LOGIN, password=PASSWORD, passfile=""
        )


def login_role() -> str:
    """The SQL of docs/supabase.md that makes the role of the service."""
    page = (ROOT / "docs" / "supabase.md").read_text()
    (block,) = re.findall(r"```sql\n( *create role lockstitch_login.*?)```", page, re.DOTALL)
    return block


@contextmanager
def hosted_server(folder: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(folder, durable=False) as server:
        with psycopg.connect(server.dsn("supabase_admin", "postgres"), autocommit=True) as owner:
            owner.execute(sql.SQL("create database {}").format(sql.Identifier(TEMPLATE)))
        with psycopg.connect(server.dsn("supabase_admin", TEMPLATE)) as owner:
            apply_prelude(owner)
            owner.execute(AS_HOSTED)
        yield server


@contextmanager
def hosted_database(server: EmbeddedPostgres, template: str = TEMPLATE) -> Iterator[Hosted]:
    name = f"hosted_{uuid4().hex}"
    with psycopg.connect(server.dsn("supabase_admin", "postgres"), autocommit=True) as owner:
        make = sql.SQL("create database {} template {} strategy wal_log owner postgres")
        owner.execute(make.format(sql.Identifier(name), sql.Identifier(template)))
        yield Hosted(server, name)
        owner.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def migrate(database: Hosted) -> str:
    command = [sys.executable, "-m", "lockstitch.cli.main", "db", "migrate", "--dsn"]
    arguments = [database.dsn("postgres"), "--migrations", str(MIGRATIONS)]
    return subprocess.check_output([*command, *arguments], text=True)


def application(settings: Settings) -> FastAPI:
    app = FastAPI()
    Lockstitch(app, settings=settings)
    return app


def problem(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rpartition(":")[2]
