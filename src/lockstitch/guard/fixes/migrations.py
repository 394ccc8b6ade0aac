"""Expand and contract: SQL that lets the code of before and that of now use one table.

The expanding migration comes before the new code and breaks nothing that runs; the contracting one
comes when nothing uses the old column any more.
"""

import json
import re
from collections.abc import Iterable
from typing import Final

from pydantic import BaseModel, ConfigDict

from lockstitch.contract.algebra import Boolean, Number, Schema, Text, without_null
from lockstitch.contract.document import Document

_TYPES: Final = {
    "date": "date",
    "date-time": "timestamptz(3)",
    "time": "time",
    "uuid": "uuid",
    "decimal": "numeric",
}
# PostgreSQL's own words, which name a column only in quotes.
_RESERVED: Final = frozenset(
    word
    for line in (
        "all analyse analyze and any array as asc asymmetric both case cast check collate column",
        "constraint create current_catalog current_date current_role current_time default desc",
        "current_timestamp current_user deferrable distinct do else end except false fetch for",
        "foreign from grant group having in initially intersect into lateral leading limit null",
        "not localtime localtimestamp offset on only or order placing primary references returning",
        "select session_user some symmetric table then to trailing true union unique user using",
        "variadic when where window with",
    )
    for word in line.split()
)
_PLAIN: Final = re.compile(r"[a-z_][a-z0-9_]*")
_FIRST: Final = "20000101000000"


class Migration(BaseModel):
    """SQL for both steps, and what it is called."""

    model_config = ConfigDict(frozen=True)

    name: str
    expand: str
    contract: str

    @property
    def text(self) -> str:
        """The expanding migration, which carries the contracting one as a comment."""
        later = "".join(f"-- {line}".rstrip() + "\n" for line in self.contract.splitlines())
        head = "\n-- Contract, as a migration of its own, when nothing uses the old way any more:"
        return f"{self.expand}{head}\n{later}"


def column_type(schema: Schema, document: Document) -> str:
    """Return the type of a column for the values of a schema."""
    inner, _ = without_null(schema)
    match document.resolve(inner):
        case Boolean():
            return "boolean"
        case Number(integer=True):
            return "bigint"
        case Number():
            return "double precision"
        case Text(format=kind):
            return _TYPES.get(kind or "", "text")
        case found:
            values = getattr(found, "values", ())
            return "text" if values and all(isinstance(one, str) for one in values) else "jsonb"


class _Column:
    """A column as SQL names it."""

    def __init__(self, column: str) -> None:
        schema, table, name = column.rsplit(".", 2)
        self.table = f"{_quoted(schema)}.{_quoted(table)}"
        self.name = _quoted(name)
        self.text = _text(name)
        self.function = f"{_quoted(schema)}.{_quoted(f'{table}_keep_{name}')}"
        self.trigger = _quoted(f"{table}_keep_{name}")
        self.words = f"{table}_{name}"


def _quoted(name: str) -> str:
    if _PLAIN.fullmatch(name) and name not in _RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _mirror(column: _Column, after: str) -> str:
    """Return the trigger that keeps both columns of a row the same, whichever is written."""
    table, before = column.table, column.name
    return f"""\
create function {column.function}() returns trigger
language plpgsql set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    new.{after} := coalesce(new.{after}, new.{before});
    new.{before} := new.{after};
  elsif new.{after} is distinct from old.{after} then
    new.{before} := new.{after};
  else
    new.{after} := new.{before};
  end if;
  return new;
end
$$;

create trigger {column.trigger} before insert or update on {table}
  for each row execute function {column.function}();
"""


def rename_column(old: str, new: str, kind: str) -> Migration:
    """Return what keeps a column under two names, each filled from the other.

    Args:
        old: `schema.table.column` as the code of before knows it.
        new: The same as the code of now knows it.
        kind: The type of both, where the table has neither; else that of the one it has.
    """
    column, renamed = _Column(old), _Column(new)
    table, before, after = column.table, column.name, renamed.name
    expand = f"""\
-- Expand: {table} has {after} beside {before}, and both hold the same.
do $$
declare
  kind text := coalesce((
    select format_type(atttypid, atttypmod) from pg_attribute
    where attrelid = {_text(table)}::regclass and not attisdropped
      and attname in ({column.text}, {renamed.text})
    order by attnum limit 1
  ), {_text(kind)});
begin
  execute {_text(f"alter table {table} add column if not exists {after} ")} || kind;
  execute {_text(f"alter table {table} add column if not exists {before} ")} || kind;
end
$$;

update {table} set {after} = coalesce({after}, {before}), {before} = coalesce({before}, {after});

{_mirror(column, after)}
do $$
begin
  if exists (
    select from pg_attribute where attrelid = {_text(table)}::regclass and attnotnull
      and attname in ({column.text}, {renamed.text})
  ) then
    alter table {table} alter column {after} set not null, alter column {before} set not null;
  end if;
end
$$;
"""  # noqa: S608 - no value, and each name is quoted where it has to be
    contract = f"""\
drop trigger {column.trigger} on {table};
drop function {column.function}();
alter table {table} drop column {before};
"""
    return Migration(name=f"expand_{renamed.words}", expand=expand, contract=contract)


def keep_column(name: str, kind: str) -> Migration:
    """Return what lets the code of now leave a column out that the code of before still uses."""
    column = _Column(name)
    expand = f"""\
-- Expand: {column.table} keeps {column.name}, and whoever does not know it may leave it out.
alter table {column.table} add column if not exists {column.name} {kind};
alter table {column.table} alter column {column.name} drop not null;
"""
    contract = f"alter table {column.table} drop column {column.name};\n"
    return Migration(name=f"keep_{column.words}", expand=expand, contract=contract)


def add_column(name: str, kind: str, default: str) -> Migration:
    """Return what lets the code of before leave a column out that the code of now fills.

    Args:
        name: `schema.table.column`.
        kind: Its type.
        default: The default as Python code; `None` leaves the column empty.
    """
    column = _Column(name)
    literal = _literal(default)
    expand = f"""\
-- Expand: whoever does not know {column.name} of {column.table} may leave it out.
alter table {column.table}
  add column if not exists {column.name} {kind}{literal and f" not null default {literal}"};
"""
    contract = f"alter table {column.table} alter column {column.name} drop default;\n"
    return Migration(name=f"expand_{column.words}", expand=expand, contract=contract)


def _literal(code: str) -> str:
    """Return a Python literal as SQL; anything else as no default at all."""
    if code in {"True", "False"}:
        return code.lower()
    if code.startswith('"'):
        return _text(str(json.loads(code)))
    return code if re.fullmatch(r"-?\d+(\.\d+)?", code) else ""


def file_names(migrations: Iterable[Migration], existing: Iterable[str]) -> dict[str, str]:
    """Return the texts of migration files by name, each behind those that are there already."""
    versions = [name.partition("_")[0] for name in existing]
    last = max((version for version in versions if version.isdecimal()), default=_FIRST)
    unique = dict.fromkeys(migrations)
    return {
        f"{int(last) + place:0{len(last)}d}_{one.name}.sql": one.text
        for place, one in enumerate(unique, 1)
    }
