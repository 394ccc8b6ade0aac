"""Models that declare a table, held against the catalogue, field by field."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from lockstitch.contract.algebra import Anything
from lockstitch.database.catalogue.data import Catalogue, Column, Table
from lockstitch.database.stored import StoredIn, declaration_of
from lockstitch.findings import Finding
from lockstitch.guard.tiers.defaults import compare_defaults
from lockstitch.guard.tiers.fields import ModelField, fields_of
from lockstitch.guard.tiers.pairs import Pair
from lockstitch.guard.tiers.places import place_of_field
from lockstitch.guard.tiers.routes import Route, Side, models_in
from lockstitch.guard.tiers.types import compare_types
from lockstitch.guard.tiers.values import compare_values

_MAX_REFERENCES = 8


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model with its declaration, on one side of the wire.

    Attributes:
        partial: Whether it only ever changes rows, so that what is not sent stays.
        inserted: Whether it makes a row.
    """

    model: type[BaseModel]
    declared: StoredIn
    side: Side
    partial: bool
    inserted: bool


def stored_models(routes: Iterable[Route]) -> tuple[StoredModel, ...]:
    """Return every model of the routes that declares a table."""
    methods: dict[tuple[type[BaseModel], Side], set[str]] = {}
    for route in routes:
        for use in route.uses:
            methods.setdefault((use.model, use.side), set()).add(route.method)
    return tuple(
        StoredModel(
            model,
            declared,
            side,
            partial=side == "request" and used == {"PATCH"},
            inserted=side == "request" and "POST" in used,
        )
        for (model, side), used in methods.items()
        if (declared := declaration_of(model)) is not None
    )


def compare_tables(
    models: Iterable[StoredModel], catalogue: Catalogue, project: Path
) -> Iterator[Finding]:
    """Yield where models and tables do not say the same.

    Args:
        models: What `stored_models` found.
        catalogue: The database's.
        project: The folder that findings name files in.
    """
    for stored in models:
        yield from _Comparison(stored, catalogue, project).findings()


class _Comparison:
    """One model beside its table."""

    def __init__(self, stored: StoredModel, catalogue: Catalogue, project: Path) -> None:
        self._stored = stored
        self._catalogue = catalogue
        self._project = project

    def findings(self) -> Iterator[Finding]:
        declared = self._stored.declared
        table = self._catalogue.table(declared.table)
        yield from self._stale_names()
        if table is None:
            yield self._finding(
                "unknown-table",
                "",
                declared.table,
                f"{self._stored.model.__name__} is stored in {declared.table}; there is no such "
                "table.",
                "Name the table as it is, or make it by a migration.",
            )
            return
        yield from self._unfilled(table)
        for field in fields_of(self._stored.model, self._stored.side):
            if field.name not in declared.computed:
                yield from self._compare(field, table)

    def _stale_names(self) -> Iterator[Finding]:
        declared, model = self._stored.declared, self._stored.model
        for name in sorted({*declared.rename, *declared.computed} - model.model_fields.keys()):
            yield self._finding(
                "unknown-field",
                "",
                f"{declared.table}.{name}",
                f"{model.__name__} has no field {name!r}, which its declaration names.",
                "Correct the declaration.",
            )
        table = self._catalogue.table(declared.table)
        for name in sorted(declared.filled):
            if table is not None and table.column(name) is None:
                yield self._missing_column("", table, name, f"`filled` of {model.__name__}")

    def _unfilled(self, table: Table) -> Iterator[Finding]:
        if not self._stored.inserted:
            return
        declared, model = self._stored.declared, self._stored.model
        given = {
            column
            for name in model.model_fields
            for owner, column in [declared.column(name)]
            if owner == table.qualified and name not in declared.computed
        }
        for column in table.columns:
            if column.fills_itself or column.name in given | declared.filled:
                continue
            yield self._finding(
                "unfilled-column",
                "",
                f"{table.qualified}.{column.name}",
                f"{model.__name__} makes rows of {table.qualified} and has no field for "
                f"{column.name}, which is not null and has no default.",
                "Add the field, give the column a default, or name it under `filled=`.",
            )

    def _compare(self, field: ModelField, own: Table) -> Iterator[Finding]:
        qualified, name = self._stored.declared.column(field.name)
        table = self._catalogue.table(qualified)
        if table is None:
            yield self._finding(
                "unknown-table",
                field.name,
                qualified,
                f"{field.spoken} comes from {qualified}; there is no such table.",
                "Name the table as it is.",
            )
            return
        column = table.column(name)
        if column is None and _holds_stored_models(self._stored.model, field.name):
            return
        if column is None:
            yield self._missing_column(field.name, table, name, field.spoken)
            return
        pair = Pair.of(
            field,
            table,
            column,
            partial=self._stored.partial,
            joined=table != own,
            counts_up=_counts_up(self._catalogue, table, column),
            project=self._project,
        )
        yield from _compare_pair(pair)

    def _missing_column(self, field: str, table: Table, name: str, who: str) -> Finding:
        return self._finding(
            "unknown-column",
            field,
            f"{table.qualified}.{name}",
            f"{who} has no column: {table.qualified} has no {name!r}.",
            "Correct the name, say it with `rename=` or `computed=`, or add the column by a "
            "migration.",
        )

    def _finding(self, rule: str, field: str, name: str, message: str, fix: str) -> Finding:
        model = self._stored.model
        return Finding(
            rule=rule,
            severity="error",
            place=place_of_field(model, field, name, self._project),
            message=message,
            fix=fix,
            subject=f"{model.__name__}.{field} {self._stored.side}",
        )


def _holds_stored_models(model: type[BaseModel], field: str) -> bool:
    """Whether a field holds rows of another table, which are compared by themselves."""
    models = models_in(model.model_fields[field].annotation)
    return any(declaration_of(one) is not None for one in models)


def _compare_pair(pair: Pair) -> Iterator[Finding]:
    if pair.requested and pair.column.always:
        yield pair.finding(
            "generated-column",
            "error",
            f"Postgres computes {pair.name} and refuses a value for it.",
            "Take the field out of the request.",
        )
        return
    yield from compare_types(pair)
    yield from compare_values(pair)
    yield from _nulls(pair)
    yield from compare_defaults(pair)


def _nulls(pair: Pair) -> Iterator[Finding]:
    field, column = pair.field, pair.column
    # Postgres does not know which columns of a view are never null; anything goes into `Any`.
    if pair.table.kind == "view" or Anything() in field.schemas:
        return
    if pair.requested:
        # In a PATCH the null of a default only marks what was not sent.
        unsent = pair.partial and not field.required and field.default is None
        if field.nullable and not column.nullable and not unsent:
            yield pair.finding(
                "nullable-field",
                "error",
                f"the request may be null; {pair.name} is not null.",
                "Refuse null in the field, or let the column be null by a migration.",
            )
    elif column.nullable and not field.nullable:
        yield pair.finding(
            "nullable-column",
            "error",
            f"the answer is never null; {pair.name} may be.",
            "Add `| None` to the field, or set the column not null by a migration.",
        )
    # A row of another table may be missing from a left join.
    elif field.nullable and not column.nullable and not pair.joined:
        yield pair.finding(
            "nullable-field",
            "warning",
            f"the answer may be null; {pair.name} never is.",
            "Take `| None` off the field, so that the front end need not check for it.",
        )


def _counts_up(catalogue: Catalogue, table: Table, column: Column) -> bool:
    """Whether a column holds numbers of a sequence, its own or that of what it refers to."""
    for _ in range(_MAX_REFERENCES):
        if column.counts_up:
            return True
        keys = [key for key in table.foreign_keys if key.columns == (column.name,)]
        target = catalogue.table(keys[0].table) if keys else None
        if target is None or len(keys[0].referenced) != 1:
            return False
        referenced = target.column(keys[0].referenced[0])
        if referenced is None:
            return False
        table, column = target, referenced
    return False
