"""The parts of a catalogue. They are plain data: compared, kept as JSON, changed in tests."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Verb = Literal["select", "insert", "update", "delete"]
VERBS: tuple[Verb, ...] = ("select", "insert", "update", "delete")

# A grant to this grantee is a grant to every role.
PUBLIC = "public"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ColumnType(_Part):
    """A type as Postgres keeps it; a domain is given as the type that it stands on.

    Attributes:
        name: The internal name, such as `int8`, `varchar`, `timestamptz`, or that of an enum.
        length: Of `varchar(n)` and `char(n)`.
        precision: All digits of `numeric(precision, scale)`.
        scale: The digits behind the point.
        values: Of an enum type, in its order.
        array: Whether it is an array of this type.
    """

    name: str
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    values: tuple[str, ...] | None = None
    array: bool = False


class Column(_Part):
    """A column of a table or a view.

    Attributes:
        default: The expression, as Postgres prints it.
        identity: Whether it is `generated … as identity`.
        generated: Whether it is computed from other columns.
        always: Whether an insert may not give it a value.
        triggered: Whether a trigger before an insert gives it one.
    """

    name: str
    type: ColumnType
    nullable: bool = True
    default: str | None = None
    identity: bool = False
    generated: bool = False
    always: bool = False
    triggered: bool = False

    @property
    def fills_itself(self) -> bool:
        """Whether an insert may leave it out."""
        filled = self.identity or self.generated or self.triggered
        return filled or self.nullable or self.default is not None

    @property
    def counts_up(self) -> bool:
        """Whether its values come from a sequence, and so stay far below 2^53."""
        return self.identity or (self.default or "").startswith("nextval(")


class Check(_Part):
    """A check constraint; one of a domain stands with the name of the column for VALUE."""

    name: str
    expression: str


class Key(_Part):
    """A primary key or a unique constraint."""

    name: str
    primary: bool
    columns: tuple[str, ...]


class ForeignKey(_Part):
    """A reference to another table, `schema.name`."""

    name: str
    columns: tuple[str, ...]
    table: str
    referenced: tuple[str, ...]


class Policy(_Part):
    """A row-level security policy. `using` and `check` are as Postgres prints them."""

    name: str
    command: Literal["all", "select", "insert", "update", "delete"]
    permissive: bool
    roles: tuple[str, ...]
    using: str | None
    check: str | None

    def covers(self, verb: Verb) -> bool:
        """Whether it decides about this verb."""
        return self.command in {"all", verb}

    def concerns(self, role: str) -> bool:
        """Whether it decides about this role."""
        return role in self.roles or PUBLIC in self.roles


class Grant(_Part):
    """What a role, or `public`, may do with a table or with some of its columns."""

    role: str
    verbs: tuple[Verb, ...]


class Table(_Part):
    """A table or a view.

    Attributes:
        rls: Whether row-level security is on.
        rls_forced: Whether it binds the owner, too.
        invoker: Of a view: whether it reads with the rights of who asks.
    """

    namespace: str
    name: str
    kind: Literal["table", "view"] = "table"
    owner: str = "postgres"
    rls: bool = False
    rls_forced: bool = False
    invoker: bool = True
    columns: tuple[Column, ...] = ()
    checks: tuple[Check, ...] = ()
    keys: tuple[Key, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    policies: tuple[Policy, ...] = ()
    grants: tuple[Grant, ...] = ()

    @property
    def qualified(self) -> str:
        """`schema.name`."""
        return f"{self.namespace}.{self.name}"

    def column(self, name: str) -> Column | None:
        """Return the column of a name."""
        return next((column for column in self.columns if column.name == name), None)

    def verbs_of(self, role: str) -> tuple[Verb, ...]:
        """Return what a role may do: by itself, or because everybody may."""
        granted = {
            verb for grant in self.grants if grant.role in {role, PUBLIC} for verb in grant.verbs
        }
        return tuple(verb for verb in VERBS if verb in granted)


class Function(_Part):
    """A function that the project made; policies may call it.

    Attributes:
        arguments: The types of what a caller must give, as Postgres prints them.
        optional: The types of what has a default, which stand behind those.
        language: `sql`, `plpgsql`, `c` and so on.
        callers: The roles, or `public`, that may call it.
        in_trigger: Whether only a trigger can call it.
    """

    namespace: str
    name: str
    body: str
    security_definer: bool = False
    arguments: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    language: str = "sql"
    callers: tuple[str, ...] = ()
    in_trigger: bool = False


class Catalogue(_Part):
    """What the checks read of a database.

    Attributes:
        version: The major version of the server.
        unbound_roles: The roles that no policy binds: superusers and those with BYPASSRLS.
    """

    version: int
    tables: tuple[Table, ...] = ()
    functions: tuple[Function, ...] = ()
    roles: tuple[str, ...] = ()
    unbound_roles: tuple[str, ...] = ()

    def table(self, qualified: str) -> Table | None:
        """Return the table `schema.name`; a bare name is one of `public`."""
        wanted = qualified if "." in qualified else f"public.{qualified}"
        return next((table for table in self.tables if table.qualified == wanted), None)
