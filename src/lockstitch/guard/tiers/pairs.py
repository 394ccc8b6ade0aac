"""A field beside its column: what every comparison of the two looks at."""

from dataclasses import dataclass
from pathlib import Path

from lockstitch.contract.algebra import Schema
from lockstitch.database.catalogue.checks import limits_of
from lockstitch.database.catalogue.data import Column, Table
from lockstitch.database.catalogue.limits import Limits
from lockstitch.findings import Finding, Severity
from lockstitch.guard.tiers.families import Family, family_of
from lockstitch.guard.tiers.fields import ModelField
from lockstitch.guard.tiers.places import place_of_field


@dataclass(frozen=True)
class Pair:
    """A field, its column, and how they meet.

    Attributes:
        partial: Whether a member that is not sent leaves the column as it is.
        joined: Whether the column is of another table than the model's own.
        counts_up: Whether the column holds numbers of a sequence.
    """

    field: ModelField
    table: Table
    column: Column
    limits: Limits
    partial: bool
    joined: bool
    counts_up: bool
    project: Path

    @classmethod
    def of(  # noqa: D102 - a constructor.
        cls,
        field: ModelField,
        table: Table,
        column: Column,
        *,
        partial: bool,
        joined: bool,
        counts_up: bool,
        project: Path,
    ) -> "Pair":
        limits = limits_of(table, column)
        return cls(field, table, column, limits, partial, joined, counts_up, project)

    @property
    def requested(self) -> bool:
        """Whether the value goes into the column; else it comes out of it."""
        return self.field.side == "request"

    @property
    def family(self) -> Family | None:
        """The family of the column's type."""
        return family_of(self.column.type)

    @property
    def schemas(self) -> tuple[Schema, ...]:
        """What the field may be on the wire, beside null."""
        return self.field.schemas

    @property
    def name(self) -> str:
        """`public.tasks.title`."""
        return f"{self.table.qualified}.{self.column.name}"

    def finding(self, rule: str, severity: Severity, message: str, fix: str) -> Finding:
        """Return a finding at the line of the field."""
        return Finding(
            rule=rule,
            severity=severity,
            place=place_of_field(self.field.model, self.field.name, self.name, self.project),
            message=f"{self.field.spoken}: {message}",
            fix=fix,
            subject=f"{self.field.spoken} {self.field.side}",
        )
