"""What the functions of one direction share: taken names, imports, and what is emitted."""

from typing import Protocol

from lockstitch.contract.algebra import Object, Property, Schema
from lockstitch.contract.typescript.dispatch import Dispatch
from lockstitch.contract.typescript.layout import WIDTH, Group, Node, Row, statement
from lockstitch.contract.typescript.names import access, constant_name, quoted, unique
from lockstitch.contract.typescript.plan import Plan, Unit
from lockstitch.contract.typescript.spelling import Spelling
from lockstitch.contract.typescript.values import Values

PARAMETERS = ("value: unknown", "depth: number", "key: Key")
HERE = ("value", "depth", "key")
At = tuple[str, str, str]


class Expressions(Protocol):
    """Spells what reads a schema."""

    def expression(self, schema: Schema, at: At, place: str) -> Node:
        """Return the expression that reads the value at `at`: value, depth and key."""

    def reader(self, schema: Schema, place: str) -> str:
        """Return the name of a function that reads the schema."""


class Scope:
    """What is known while the functions of one direction are emitted, unit after unit.

    `used`, `used_values` and `spelling` collect what the module must import; `functions` what only
    the present unit uses.
    """

    def __init__(self, plan: Plan, values: Values, *, writing: bool) -> None:
        self.plan = plan
        self.values = values
        self.writing = writing
        self.verb = "write" if writing else "read"
        self.dispatch = Dispatch(plan.units, writing=writing)
        self.spelling = Spelling(plan.options)
        self.functions: list[str] = []
        self.used: set[str] = set()
        self.used_values: set[str] = set()
        self._unit: Unit | None = None
        self._taken = {f"{self.verb}{name}" for name in plan.units}
        self._known: dict[str, str] = {}

    def begin(self, unit: Unit) -> None:
        """Go on to another unit."""
        self._unit = unit
        self.functions = []

    def use(self, name: str) -> str:
        """Import a function of the runtime."""
        self.used.add(name)
        return name

    def claim(self, place: str) -> str:
        """Return a name for a function that reads what stands at that place."""
        name = unique(f"{self.verb}{place}", self._taken)
        self._taken.add(name)
        return name

    def result(self, schema: Schema, unit: str = "") -> str:
        """Return the type of what is made."""
        if self.writing:
            return "JsonObject" if isinstance(schema, Object) and schema.properties else "unknown"
        if unit:
            self.spelling.units.add(unit)
            return unit
        return self.spelling.of(schema)

    def given(self, member: Property) -> str:
        """Return the name under which a member arrives."""
        return self.plan.member_name(member.name, self._unit) if self.writing else member.name

    def made(self, member: Property) -> str:
        """Return the name under which a member leaves."""
        return member.name if self.writing else self.plan.member_name(member.name, self._unit)

    def access(self, value: str, name: str) -> str:
        """Return the expression that reads a member."""
        text = access(value, name)
        return text if not text.startswith("own(") else self.use("own") + text[3:]

    def known_names(self, names: frozenset[str], place: str) -> str:
        """Return the constant that holds a set of member names, emitting it if need be."""
        items = Group("[", tuple(quoted(name) for name in sorted(names)), "]")
        name = f"{constant_name(place)}_NAMES"
        text = statement(Row((f"const {name} = new Set<string>(", items, ")")), 0)
        if self._known.get(name) != text:
            name = unique(name, self._known)
            text = statement(Row((f"const {name} = new Set<string>(", items, ")")), 0)
            self._known[name] = text
            self.functions.append(f"{text}\n")
        return name


def returned(node: Node, indent: int = 1) -> str:
    """Return the statement that returns a value."""
    return statement(Row(("return ", node)), indent) + "\n"


def declaration(head: str, result: str, body: str) -> str:
    """Return a function of the form that all readers have."""
    line = f"{head}({', '.join(PARAMETERS)}): {result} {{"
    if len(line) > WIDTH:
        parameters = "".join(f"  {parameter},\n" for parameter in PARAMETERS)
        line = f"{head}(\n{parameters}): {result} {{"
    return f"{line}\n{body}}}\n"
