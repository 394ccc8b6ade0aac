"""How a database keeps its tenants: which table they are in, and who is a member of which."""

import re
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from lockstitch.database.attack.actors import TENANT_WORDS
from lockstitch.database.catalogue.checks import limits_of
from lockstitch.database.catalogue.claims import claims_of_policy
from lockstitch.database.catalogue.data import Catalogue, Table
from lockstitch.database.catalogue.tokens import tokens
from lockstitch.errors import ConfigurationError

PEOPLE: Final = "auth.users"

# From the strongest to the weakest, as far as names tell; a role of another name is in between.
_STRONG_ROLES: Final = ("owner", "admin", "administrator")
_WEAK_ROLES: Final = ("viewer", "reader", "guest", "read_only", "readonly", "observer")

# What a column is called that holds a person's id without a foreign key to tell so.
_PERSON_NAMES: Final = frozenset({"user_id", "owner_id", "person_id", "author_id", "created_by"})

# A column that a policy compares with the person who asks, as Postgres prints it.
_UID: Final = r"(?:\( SELECT )?auth\.uid\(\)(?: AS uid\))?"
_COMPARED: Final = re.compile(rf"(?<![\w.])(\w+) = {_UID}|{_UID} = (\w+)\b(?!\.)")

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

    Without a membership table and a claim every person is a tenant of their own.

    Attributes:
        catalogue: The database.
        schemas: The schemas that an API exposes.
        tenants: The table of the tenants.
        membership: Who belongs to which.
        claimed: The column that policies compare with the tenant that a token claims, where no
            table tells who belongs to which.
    """

    catalogue: Catalogue
    schemas: tuple[str, ...]
    tenants: Table | None
    membership: Membership | None
    claimed: str | None = None

    @property
    def has_tenants(self) -> bool:
        """Whether a tenant is something else than a person."""
        return self.tenants is not None or self.claimed is not None

    @cached_property
    def profiles(self) -> tuple[Table, ...]:
        """The tables with one row for each person, to which others refer instead of the person."""
        return _profiles(self.catalogue)

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
        keyed = _columns_to(table, {self.tenants.qualified}) if self.tenants else ()
        if keyed:
            return keyed
        if self.membership is not None:
            return _uuids_named(table, {self.membership.tenant_column})
        return (self.claimed,) if self.claimed and table.column(self.claimed) else ()

    def person_columns(self, table: Table) -> tuple[str, ...]:
        """Return the columns that say which person a row belongs to."""
        people = {PEOPLE, *(profile.qualified for profile in self.profiles)} - {table.qualified}
        found = (*_columns_to(table, people), *_uuids_named(table, _compared(table)))
        return tuple(dict.fromkeys(found)) or _uuids_named(table, _PERSON_NAMES)

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
    most other tables refer to the tenants'. Without such a table, policies may compare a column
    with a tenant that the token claims.

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
        claimed, claimed_tenants = _by_claim(catalogue, schemas)
        if named is not None and claimed_tenants != catalogue.table(named):
            raise ConfigurationError(
                f"No table joins {named} with {PEOPLE} by its primary key, so nobody "
                "is a member of anything there."
            )
        return Tenancy(catalogue, tuple(schemas), claimed_tenants, None, claimed)
    table, tenants, tenant_column, person_column = max(
        candidates, key=lambda one: (_references(catalogue, one[1]), one[1].qualified)
    )
    role_column, roles = _roles(table)
    membership = Membership(table, tenant_column, person_column, role_column, roles)
    return Tenancy(catalogue, tuple(schemas), tenants, membership)


def _columns_to(table: Table, targets: Container[str]) -> tuple[str, ...]:
    return tuple(
        key.columns[0]
        for key in table.foreign_keys
        if key.table in targets and len(key.columns) == 1
    )


def _compared(table: Table) -> set[str]:
    """Return the columns that the table's own policies compare with who asks."""
    expressions = [text for policy in table.policies for text in (policy.using, policy.check)]
    return {
        before or after
        for text in filter(None, expressions)
        for before, after in _COMPARED.findall(text)
    }


def _profiles(catalogue: Catalogue) -> tuple[Table, ...]:
    return tuple(
        table
        for table in catalogue.tables
        for key in table.keys
        if key.primary and len(key.columns) == 1 and key.columns[0] in _columns_to(table, {PEOPLE})
    )


def _uuids_named(table: Table, names: Container[str]) -> tuple[str, ...]:
    referring = {column for key in table.foreign_keys for column in key.columns}
    return tuple(
        column.name
        for column in table.columns
        if column.name in names and column.name not in referring and column.type.name == "uuid"
    )


def _memberships(catalogue: Catalogue) -> Iterator[tuple[Table, Table, str, str]]:
    people = {PEOPLE, *(profile.qualified for profile in _profiles(catalogue))}
    for table in catalogue.tables:
        persons = _columns_to(table, people) or _uuids_named(table, _PERSON_NAMES)
        others = [key for key in table.foreign_keys if len(key.columns) == 1]
        for person in persons:
            for other in others:
                tenants = catalogue.table(other.table)
                joins = _is_joined(table, person, other.columns[0])
                if other.table not in people and joins and tenants is not None:
                    yield table, tenants, other.columns[0], person


def _is_joined(table: Table, person: str, tenant: str) -> bool:
    """Whether a person has one row for each tenant; or one row, which names the tenant."""
    unique = [set(key.columns) for key in table.keys]
    named = any(word in tenant.lower() for word in TENANT_WORDS)
    return {person, tenant} in unique or (named and {person} in unique)


def _by_claim(catalogue: Catalogue, schemas: Sequence[str]) -> tuple[str | None, Table | None]:
    """Return the column that policies compare with a claimed tenant, and the tenants' table."""
    columns: Counter[str] = Counter()
    for table in catalogue.tables:
        if table.namespace in schemas:
            columns.update(_claimed_columns(catalogue, table))
    if not columns:
        return None, None
    (column, _), *_ = columns.most_common(1)
    targets = Counter(
        key.table
        for table in catalogue.tables
        for key in table.foreign_keys
        if key.columns == (column,)
    )
    return column, next((catalogue.table(name) for name, _ in targets.most_common(1)), None)


def _claimed_columns(catalogue: Catalogue, table: Table) -> set[str]:
    """Return the columns of a table that are named like a tenant beside a claim of one."""
    found: set[str] = set()
    for policy in table.policies:
        claims = claims_of_policy(catalogue, policy).of_token
        if any(_names_tenant(claim) for claim in claims):
            expressions = filter(None, (policy.using, policy.check))
            found |= {one.value for text in expressions for one in tokens(text)}
    return {one.name for one in table.columns if one.name in found and _names_tenant(one.name)}


def _names_tenant(name: str) -> bool:
    last = name.rsplit(".", 1)[-1].lower()
    return "role" not in last and any(word in last for word in TENANT_WORDS)


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
