"""What the checks of a column say, read as Postgres itself prints them."""

from decimal import Decimal

import psycopg
import pytest

from lockstitch.database.catalogue.checks import limits_of
from lockstitch.database.catalogue.limits import Limits
from lockstitch.database.catalogue.reading import read_connection

INT4 = Limits(minimum=Decimal(-(2**31)), maximum=Decimal(2**31 - 1))


@pytest.mark.parametrize(
    ("column", "limits"),
    [
        ("text check (c in ('a', 'b'))", Limits(values=("a", "b"))),
        ("varchar(9) check (c in ('a', 'it''s'))", Limits(("a", "it's"), maximum_length=9)),
        ("text check (c = 'a' or c = 'b')", Limits(values=("a", "b"))),
        ("text check (c is null or c = any (array['a', 'b']))", Limits(values=("a", "b"))),
        ("text check (c = any ('{a}'::text[] || array['b']))", Limits()),
        ("text check (c = any ('{a,\"b c\"}'))", Limits(values=("a", "b c"))),
        ("text check (c = 'only')", Limits(values=("only",))),
        ("mood", Limits(values=("calm", "it's loud"))),
        ("mood check (c <> 'calm')", Limits(values=("calm", "it's loud"))),
        ("varchar(40)", Limits(maximum_length=40)),
        ("character(3)", Limits(maximum_length=3)),
        ("text check (char_length(c) between 1 and 200)", Limits(None, 1, 200)),
        ("varchar check (length(c) < 20 and length(c) > 2)", Limits(None, 3, 19)),
        ("text check (c <> '')", Limits(minimum_length=1)),
        ("text check (c <> '' and length(c) < 9 and c <> 'none')", Limits(None, 1, 8)),
        ("text check (200 >= length(c))", Limits(None, None, 200)),
        ("text check (length(c) = 8 and c ~ '^[a-z]')", Limits(None, 8, 8)),
        ("text check (c ~ '^(a|b)$' and c <> 'a')", Limits()),
        ("text check (length(trim(c)) > 2)", Limits()),
        ("integer", INT4),
        ("integer check (c >= 1)", Limits(minimum=Decimal(1), maximum=Decimal(2**31 - 1))),
        ("integer check (c > -5 and c < 5)", Limits(None, None, None, -5, 5, True, True)),
        ("integer check (c in (1, 2))", Limits(("1", "2"), None, None, INT4.minimum, INT4.maximum)),
        ("integer check (c + 1 > 2)", INT4),
        ("float8 check (c >= 0)", Limits(minimum=Decimal(0))),
        ("float8 check (c between 0 and 0.5)", Limits(minimum=Decimal(0), maximum=Decimal("0.5"))),
        ("numeric", Limits()),
        ("numeric(6, 2)", Limits(None, None, None, -10000, 10000, True, True)),
        ("numeric(6, 2) check (c > 0)", Limits(None, None, None, 0, 10000, True, True)),
        ("text[] check (cardinality(c) <= 10)", Limits(maximum_count=10)),
        ("text[] check (c <@ array['a', 'b'])", Limits(values=("a", "b"))),
        ("text[] check (c <@ '{a,b}' and cardinality(c) > 0)", Limits(("a", "b"), minimum_count=1)),
        ("text[] check (c <@ (array['a'] || array['b']))", Limits()),
        ("jsonb check (jsonb_typeof(c) = 'object')", Limits(json="object")),
        ("jsonb check (c is null or jsonb_typeof(c) = 'array')", Limits(json="array")),
        ("short", Limits(None, 2, 5)),
        ("shorter", Limits(None, 2, 4)),
        ("text check (not (c = 'a'))", Limits()),
        ("date check (c > '2020-01-01')", Limits()),
        ("boolean check (c = true)", Limits()),
    ],
)
def test_a_column_allows_what_its_type_and_checks_allow(
    owner_dsn: str, column: str, limits: Limits
) -> None:
    with psycopg.connect(owner_dsn) as connection:
        connection.execute("create type mood as enum ('calm', 'it''s loud')")
        connection.execute("create domain short text check (length(value) between 2 and 5)")
        connection.execute("create domain shorter short check (length(value) < 5)")
        connection.execute(f"create table public.one (c {column}, other text)".encode())
        table = read_connection(connection).table("one")

    assert table is not None
    assert limits_of(table, table.columns[0]) == limits
    assert limits_of(table, table.columns[1]) == Limits()
