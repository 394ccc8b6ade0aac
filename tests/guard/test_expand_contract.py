"""Expanding migrations on a real server: the code of before and that of now use one table."""

from collections.abc import Iterator

import psycopg
import pytest

from lockstitch.contract.algebra import Array, Boolean, Enumeration, Number, Schema, Text, nullable
from lockstitch.contract.document import Document
from lockstitch.guard.fixes.migrations import (
    Migration,
    add_column,
    column_type,
    file_names,
    keep_column,
    rename_column,
)

Connection = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def table(owner_dsn: str) -> Iterator[Connection]:
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        connection.execute('create table public.tasks (id int, title text not null, "order" int)')
        connection.execute("insert into public.tasks values (1, 'first', 10)")
        yield connection


def rows(table: Connection) -> list[tuple[object, ...]]:
    return table.execute("select * from public.tasks order by id").fetchall()


def test_a_renamed_column_holds_what_either_code_writes(
    table: Connection,
) -> None:
    migration = rename_column("public.tasks.order", "public.tasks.rank", "int")

    table.execute(migration.text)
    table.execute("insert into public.tasks (id, title, \"order\") values (2, 'of before', 20)")
    table.execute("insert into public.tasks (id, title, rank) values (3, 'of now', 30)")
    table.execute('update public.tasks set "order" = 11 where id = 1')
    table.execute("update public.tasks set rank = 21 where id = 2")
    table.execute("update public.tasks set rank = null where id = 3")

    assert rows(table) == [
        (1, "first", 11, 11),
        (2, "of before", 21, 21),
        (3, "of now", None, None),
    ]
    table.execute(migration.contract)
    assert rows(table) == [(1, "first", 11), (2, "of before", 21), (3, "of now", None)]


def test_a_column_that_was_renamed_already_comes_back(
    table: Connection,
) -> None:
    table.execute('alter table public.tasks rename column "order" to rank')

    table.execute(rename_column("public.tasks.order", "public.tasks.rank", "int").text)

    assert rows(table) == [(1, "first", 10, 10)]


@pytest.mark.parametrize("kind", ["numeric(8,2)", "mood", "character varying(40)", "integer"])
def test_a_renamed_column_keeps_the_type_that_it_has(table: Connection, kind: str) -> None:
    table.execute("create type public.mood as enum ('good', 'bad')")
    table.execute(f'alter table public.tasks add column "o\'ld" {kind}')

    table.execute(rename_column("public.tasks.o'ld", "public.tasks.New", "text").text)

    types = table.execute(
        "select format_type(atttypid, atttypmod) from pg_attribute "
        "where attrelid = 'public.tasks'::regclass and attname in ('o''ld', 'New')"
    ).fetchall()
    assert types == [(kind,), (kind,)]


def test_a_renamed_column_stays_not_null(table: Connection) -> None:
    table.execute(rename_column("public.tasks.title", "public.tasks.name", "text").text)
    table.execute("insert into public.tasks (id, title) values (2, 'of before')")
    table.execute("insert into public.tasks (id, name) values (3, 'of now')")

    with pytest.raises(psycopg.errors.NotNullViolation):
        table.execute("insert into public.tasks (id) values (4)")
    assert [row[1] == row[3] for row in rows(table)] == [True, True, True]
    assert "name" in {
        row[0]
        for row in table.execute(
            "select attname from pg_attribute "
            "where attrelid = 'public.tasks'::regclass and attnotnull"
        )
    }


def test_a_kept_column_may_be_left_out(table: Connection) -> None:
    migration = keep_column("public.tasks.title", "text")

    table.execute(migration.text)
    table.execute("insert into public.tasks (id) values (2)")

    assert rows(table) == [(1, "first", 10), (2, None, None)]
    table.execute(migration.contract)
    assert rows(table) == [(1, 10), (2, None)]


@pytest.mark.parametrize(
    ("kind", "default", "value"),
    [
        ("text", '"it\'s"', "it's"),
        ("bigint", "3", 3),
        ("boolean", "False", False),
        ("date", "None", None),
    ],
)
def test_a_new_column_has_a_default_for_the_code_of_before(
    table: Connection, kind: str, default: str, value: object
) -> None:
    migration = add_column("public.tasks.project", kind, default)

    table.execute(migration.text)
    table.execute("insert into public.tasks (id, title) values (2, 'of before')")

    assert rows(table) == [(1, "first", 10, value), (2, "of before", None, value)]
    table.execute(migration.contract)


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        (Boolean(), "boolean"),
        (Number(integer=True), "bigint"),
        (Number(), "double precision"),
        (nullable(Text(format="date")), "date"),
        (Text(format="date-time"), "timestamptz(3)"),
        (Text(), "text"),
        (Enumeration(("a", "b")), "text"),
        (Array(), "jsonb"),
    ],
)
def test_a_column_has_the_type_of_the_values(schema: Schema, kind: str) -> None:
    document = Document(version="3.1.0", title="", schemas={}, operations=())

    assert column_type(schema, document) == kind


def test_migrations_are_named_behind_those_that_are_there() -> None:
    one, other = (Migration(name=name, expand="", contract="") for name in ("one", "other"))

    assert list(file_names([one, other, one], ["20260101000009_a.sql", "notes.sql"])) == [
        "20260101000010_one.sql",
        "20260101000011_other.sql",
    ]
