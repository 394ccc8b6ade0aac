"""How a database keeps its tenants: which table they are in, and who is a member of which."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from lockstitch.database.catalogue.checks import limits_of
from lockstitch.database.catalogue.data import Catalogue, Table
from lockstitch.errors import ConfigurationError

PEOPLE: Final = "auth.users"

# From the strongest to the weakest, as far as names tell; a role of another name is in between.
_STRONG_ROLES: Final = ("owner", "admin", "administrator")
_WEAK_ROLES: Final = ("viewer", "reader", "guest", "read_only", "readonly", "observer")

# What a column is called that holds a person's id without a foreign key to tell so.
_PERSON_NAMES: Final = frozenset({"user_id", "owner_id", "person_id", "author_id", "created_by"})

Kind = Literal["tenant", "person", "shared"]


@dataclass(frozen=True, slots=True)
class Membership:
    """The table that says who belongs to which tenant, and as what."""

    table: Table
    tenant_column: str
    person_column: str
    role_column: str | None
    roles: tuple[str, ...]

    @property
    def strongest(self) -> str | None:
        """The role that may do everything."""
        return next((role for role in _STRONG_ROLES if role in self.roles), self._at(0))

    @property
    def weakest(self) -> str | None:
        """The role that may only look, when one of them says so by its name."""
        return next((role for role in _WEAK_ROLES if role in self.roles), None)

    @property
    def ordinary(self) -> str | None:
        """A role between the strongest and the weakest, or else the strongest."""
        others = [role for role in self.roles if role not in {*_STRONG_ROLES, *_WEAK_ROLES}]
        return others[0] if others else self.strongest

    def _at(self, place: int) -> str | None:
        return self.roles[place] if self.roles else None


@dataclass(frozen=True)
class Tenancy:
    """Which relations belong to whom.

    Without a membership table every person is a tenant of their own.
    """

    catalogue: Catalogue
    schemas: tuple[str, ...]
    tenants: Table | None
    membership: Membership | None

    @cached_property
    def relations(self) -> tuple[Table, ...]:
        """The tables and views of the exposed schemas."""
        return tuple(one for one in self.catalogue.tables if one.namespace in self.schemas)

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """Whose each table is, found by following its foreign keys."""
        return {table.qualified: self._kind(table, set()) for table in self.catalogue.tables}

    def tenant_columns(self, table: Table) -> tuple[str, ...]:
        """Return the columns that say to which tenant a row belongs."""
        if self.tenants is None or self.membership is None:
            return ()
        keyed = _columns_to(table, self.tenants.qualified)
        return keyed or _uuids_named(table, {self.membership.tenant_column})

    def person_columns(self, table: Table) -> tuple[str, ...]:
        """Return the columns that say which person a row belongs to."""
        return _columns_to(table, PEOPLE) or _uuids_named(table, _PERSON_NAMES)

    def _kind(self, table: Table, seen: set[str]) -> Kind:
        if self.tenants is not None and table.qualified == self.tenants.qualified:
            return "tenant"
        if self.tenant_columns(table):
            return "tenant"
        if table.qualified == PEOPLE or self.person_columns(table):
            return "person"
        seen = seen | {table.qualified}
        targets = [self.catalogue.table(key.table) for key in table.foreign_keys]
        kinds = {
            self._kind(target, seen)
            for target in targets
            if target is not None and target.qualified not in seen
        }
        found: tuple[Kind, ...] = ("tenant", "person")
        return next((kind for kind in found if kind in kinds), "shared")


def find_tenancy(catalogue: Catalogue, schemas: Sequence[str], named: str | None) -> Tenancy:
    """Return how the tenants are kept.

    The table of members is the one that joins people (`auth.users`) with another exposed table
    by its primary key, or by a unique key; that other table is the tenants'. Where several do,
    most other tables refer to the tenants'.

    Args:
        catalogue: The database.
        schemas: The schemas that an API exposes.
        named: The tenants' table, where it is not to be found.

    Raises:
        ConfigurationError: The named table is not there, or no table joins people with it.
    """
    candidates = [one for one in _memberships(catalogue) if one[0].namespace in schemas]
    if named is not None:
        wanted = catalogue.table(named)
        if wanted is None:
            raise ConfigurationError(f"The database has no table {named}. Name another one.")
        candidates = [one for one in candidates if one[1].qualified == wanted.qualified]
        if not candidates:
            raise ConfigurationError(
                f"No table joins {wanted.qualified} with {PEOPLE} by its primary key, so nobody "
                "is a member of anything there."
            )
    if not candidates:
        return Tenancy(catalogue, tuple(schemas), None, None)
    table, tenants, tenant_column, person_column = max(
        candidates, key=lambda one: (_references(catalogue, one[1]), one[1].qualified)
    )
    role_column, roles = _roles(table)
    membership = Membership(table, tenant_column, person_column, role_column, roles)
    return Tenancy(catalogue, tuple(schemas), tenants, membership)


def _columns_to(table: Table, target: str) -> tuple[str, ...]:
    return tuple(
        key.columns[0]
        for key in table.foreign_keys
        if key.table == target and len(key.columns) == 1
    )


def _uuids_named(table: Table, names: Container[str]) -> tuple[str, ...]:
    referring = {column for key in table.foreign_keys for column in key.columns}
    return tuple(
        column.name
        for column in table.columns
        if column.name in names and column.name not in referring and column.type.name == "uuid"
    )


def _memberships(catalogue: Catalogue) -> Iterator[tuple[Table, Table, str, str]]:
    for table in catalogue.tables:
        single = [key for key in table.foreign_keys if len(key.columns) == 1]
        people = [key for key in single if key.table == PEOPLE]
        for person in people:
            for other in single:
                joined = {person.columns[0], other.columns[0]}
                tenants = catalogue.table(other.table)
                unique = any(set(key.columns) == joined for key in table.keys)
                if other.table != PEOPLE and unique and tenants is not None:
                    yield table, tenants, other.columns[0], person.columns[0]


def _references(catalogue: Catalogue, table: Table) -> int:
    return sum(
        key.table == table.qualified for other in catalogue.tables for key in other.foreign_keys
    )


def _roles(table: Table) -> tuple[str | None, tuple[str, ...]]:
    for column in table.columns:
        values = limits_of(table, column).values
        if "role" in column.name.lower() and values:
            return column.name, values
    return None, ()
