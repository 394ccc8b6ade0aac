"""Functions as they stand in routes; `test_reaching.py` reads what they do with the database."""

import os
from typing import Any

from lockstitch.database.session import ANONYMOUS, Database

SELECT = "select id, title from public.expenses as e join companies on true"
DATABASE_URL = "postgresql://postgres.abcdef@db.example.com:5432/postgres"
SUPABASE_SERVICE_ROLE_KEY = os.environ.get("SUPABASE_KEY", "")


def create_client(url: str, key: str) -> Any:
    """Stand where supabase-py's function of this name stands."""
    return url, key


admin = create_client("https://example.supabase.co", os.environ.get("SUPABASE_SERVICE_ROLE", ""))
client = create_client("https://example.supabase.co", os.environ.get("SUPABASE_ANON_KEY", ""))


def by_constant(connection: Any) -> Any:
    return connection.execute(SELECT)


def by_text(connection: Any) -> Any:
    connection.execute("insert into comments (body) values (%s)")
    connection.execute("update public.expenses set state = 'submitted'")
    connection.execute("DELETE FROM comments WHERE id = %s")


def by_client() -> Any:
    client.table("comments").insert({"body": "x"}).execute()
    return client.from_("expenses").select("*").execute()


def by_admin() -> Any:
    return admin.table("expenses").select("*").execute()


def by_key(session: Any) -> Any:
    return session.get("/rest/v1/expenses", headers={"apikey": SUPABASE_SERVICE_ROLE_KEY})


def by_role(connection: Any) -> Any:
    connection.execute("set local role authenticated")


async def by_principal(database: Database, principal: Any) -> None:
    async with database.transaction(principal.actor) as connection:
        await connection.execute("select 1")


async def by_actor(database: Database) -> None:
    async with database.transaction(ANONYMOUS) as connection:
        await connection.execute("select 1")


def by_login() -> Any:
    return DATABASE_URL


def by_call(connection: Any) -> Any:
    return inner(connection)


def inner(connection: Any) -> Any:
    return by_constant(connection)


def by_recursion(connection: Any) -> Any:
    return by_recursion(connection) or by_text(connection)


def by_parts(connection: Any, column: str) -> Any:
    return connection.execute(f"select {column} from comments where id = %s")


def by_words() -> str:
    """Take it from expenses."""
    return "Pick one from companies that we like, or update comments."
