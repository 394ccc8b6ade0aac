"""Which types a contract becomes in TypeScript, what each is called, and which way each goes.

The plan lowers a document: inline objects become named types of their own, members that never
travel in a direction are gone from it, and every `Reference` that remains names a `Unit`.
"""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final, Literal

from lockstitch.contract.algebra import Object, Reference, Schema, Text, children
from lockstitch.contract.bundling import FILES
from lockstitch.contract.document import Content, Document, Operation, Place, Response, Warn
from lockstitch.contract.operation_names import function_names, spoken_ids
from lockstitch.contract.pointers import split
from lockstitch.contract.reading.inheritance import is_base_key
from lockstitch.contract.typescript import names
from lockstitch.contract.typescript.lowering import Lowering
from lockstitch.contract.typescript.options import TypeScriptOptions
from lockstitch.contract.typescript.pairs import OUTPUT, identical_twins, twins

Direction = Literal["read", "write"]
# Kinds of bodies whose members may be files.
FORMS: Final = frozenset({"form", "multipart"})


@dataclass(slots=True, kw_only=True)
class Unit:
    """A named type of the generated code. `schema` is lowered.

    `kept` holds members that keep the name that they have on the wire.
    """

    name: str
    schema: Schema
    reads: bool
    writes: bool
    pointer: str
    kept: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A type that an operation uses, and the functions that check it.

    `decode` and `encode` are empty where the body is not JSON: a Blob or a plain text.
    """

    type: str
    decode: str = ""
    encode: str = ""


@dataclass(slots=True)
class Reach:
    """The keys of the schemas that a direction reaches."""

    read: set[str] = field(default_factory=set)
    write: set[str] = field(default_factory=set)
    form: set[str] = field(default_factory=set)

    def of(self, direction: Direction) -> set[str]:
        """Return the keys of one direction."""
        return self.read if direction == "read" else self.write


class Plan:
    """The TypeScript of a document under some options.

    Raises:
        NameCollision: Two members of one object have the same name in camelCase.
    """

    def __init__(self, document: Document, options: TypeScriptOptions | None = None) -> None:
        self.document = document
        self.options = options or TypeScriptOptions()
        self.warnings: list[Warn] = []
        self.units: dict[str, Unit] = {}
        self.unions: dict[tuple[Schema, bool, bool], str] = {}
        self._same = identical_twins(document)
        self._roots: dict[tuple[str, Direction], Root] = {}
        self._functions = self._name_functions()
        self._reach = self._find_reach()
        self._two_sided = self._find_two_sided()
        self._type_names = self._name_types()
        for key, schema in document.schemas.items():
            if key not in self._same:
                self._add_named(key, schema)
        self._add_roots()
        self.units = dict(sorted(self.units.items()))

    # What emitters ask

    def member_name(self, wire: str, unit: Unit | None = None) -> str:
        """Return the name of a member in TypeScript."""
        if unit is not None and wire in unit.kept:
            return wire
        name = names.member_name(wire) if self.options.names == "camel" else wire
        # Every JavaScript object has these already, with another type.
        return f"{name}_" if name in names.INHERITED else name

    def function_name(self, operation: Operation) -> str:
        """Return the name of the function that calls an operation."""
        return self._functions[operation.id]

    def body(self, content: Content) -> Root | None:
        """Return the type of a request body, or None when the contract does not tell it."""
        return self._roots.get((content.pointer, "write"))

    def response(self, content: Content) -> Root | None:
        """Return the type of a response body, or None when the contract does not tell it."""
        return self._roots.get((content.pointer, "read"))

    def item(self, content: Content, direction: Direction = "read") -> Root | None:
        """Return the type of each event or line of a streamed body."""
        return self._roots.get((f"{content.pointer}/itemSchema", direction))

    def parameters(self, operation: Operation, place: Place) -> Root | None:
        """Return the type of the parameters at one place, or None when there are none."""
        return self._roots.get((f"{operation.pointer}#{place}", "write"))

    # Names

    def _name_functions(self) -> dict[str, str]:
        spoken = spoken_ids(self.document.operations)
        wanted = {one.id: names.function_name(spoken[one.id]) for one in self.document.operations}
        found: dict[str, str] = {}
        taken: set[str] = set()
        # What is made of a name is longer than it: so the shorter name has the first claim.
        for operation in sorted(self.document.operations, key=lambda one: len(wanted[one.id])):
            clear = (
                name
                for name in names.numbered(wanted[operation.id])
                if taken.isdisjoint(function_names(operation, name))
            )
            found[operation.id] = next(clear)
            taken |= function_names(operation, found[operation.id])
        return found

    def _name_types(self) -> dict[tuple[str, Direction], str]:
        """Give each component one name, or two when its request and response sides differ."""
        found: dict[tuple[str, Direction], str] = {}
        taken: set[str] = set()
        outputs = set(twins(self.document).values())
        for key in self.document.schemas:
            if key not in self._same:
                words = key.removesuffix(OUTPUT) if key in outputs else _last_words(key)
                name = names.unique(names.type_name(words), taken)
                taken.add(name)
                found[key, "read"] = found[key, "write"] = name
        for key in self._two_sided:
            name = names.unique(f"{found[key, 'read']}Input", taken)
            taken.add(name)
            found[key, "write"] = name
        for given, made in self._same.items():
            for direction in _directions(both=True):
                found[given, direction] = found[made, direction]
        self._taken = taken
        return found

    def reserve(self, name: str) -> str:
        """Return a type name that no other type has, and take it."""
        name = names.unique(names.type_name(name), self._taken)
        self._taken.add(name)
        return name

    def is_taken(self, name: str) -> bool:
        """Whether a type of the contract or of the platform has that name."""
        return name in self._taken or name in names.TAKEN_TYPES

    # Directions

    def _find_reach(self) -> Reach:
        reach = Reach()
        for operation, response, content in self.document.contents():
            del operation
            roots = [schema for schema in (content.schema, content.item) if schema is not None]
            self._walk(roots, reach.write if response is None else reach.read)
            if response is None and content.kind in FORMS:
                self._walk(roots, reach.form)
        for operation in self.document.operations:
            self._walk([parameter.schema for parameter in operation.parameters], reach.write)
            for response in operation.responses:
                self._walk([header.schema for header in response.headers], reach.read)
        # The two sides of an identical pair are one type, which goes wherever either goes.
        for given, made in self._same.items():
            for seen in (reach.read, reach.write, reach.form):
                if given in seen:
                    seen.add(made)
        used = reach.read | reach.write
        unused = [key for key in self.document.schemas if key not in used]
        self._walk([Reference(key) for key in unused], reach.read)
        return reach

    def _walk(self, schemas: list[Schema], seen: set[str]) -> None:
        waiting = list(schemas)
        while waiting:
            schema = waiting.pop()
            if isinstance(schema, Reference) and schema.key not in seen:
                seen.add(schema.key)
                waiting.append(self.document.schemas[schema.key])
            waiting.extend(children(schema))

    def _find_two_sided(self) -> list[str]:
        """Return the keys that both directions reach and whose two sides differ."""
        differing: set[str] = set()
        users: dict[str, set[str]] = {}
        for key, schema in self.document.schemas.items():
            seen, waiting = set[str](), [schema]
            while waiting:
                one = waiting.pop()
                if isinstance(one, Reference):
                    seen.add(one.key)
                if self._differs(one, key):
                    differing.add(key)
                waiting.extend(children(one))
            for used in seen:
                users.setdefault(used, set()).add(key)
        spreading = list(differing)
        while spreading:
            for user in users.get(spreading.pop(), ()):
                if user not in differing:
                    differing.add(user)
                    spreading.append(user)
        both = self._reach.read & self._reach.write
        return [key for key in self.document.schemas if key in differing and key in both]

    def _differs(self, schema: Schema, key: str) -> bool:
        match schema:
            case Object():
                return any(member.read_only or member.write_only for member in schema.properties)
            case Text(format="binary"):
                return key in self._reach.form
            case _:
                return False

    # Units

    def _add_named(self, key: str, schema: Schema) -> None:
        two_sided = self._type_names[key, "read"] != self._type_names[key, "write"]
        for direction in _directions(two_sided):
            others = () if two_sided else _directions(both=True)
            reached = any(key in self._reach.of(one) for one in (direction, *others))
            if reached:
                name = self._type_names[key, direction]
                unit = Unit(
                    name=name,
                    schema=schema,
                    reads=key in self._reach.read and (not two_sided or direction == "read"),
                    writes=key in self._reach.write and (not two_sided or direction == "write"),
                    pointer=schema.notes.pointer,
                )
                self._lower(unit, form=key in self._reach.form)

    def _lower(self, unit: Unit, *, form: bool) -> None:
        self.units[unit.name] = unit
        unit.schema = Lowering(self, unit, form=form).of(unit.schema, unit.name)

    def type_name_of(self, key: str, direction: Direction) -> str:
        """Return the type of a component in one direction."""
        return self._type_names[key, direction]

    def _add_roots(self) -> None:
        for operation in self.document.operations:
            name = names.type_name(self._functions[operation.id])
            for place in ("path", "query", "header", "cookie"):
                wanted = operation.parameter_object(place)
                if wanted.properties:
                    pointer = f"{operation.pointer}#{place}"
                    kept = self._colliding(wanted)
                    named = f"{name}{place.capitalize()}"
                    self._add_root(pointer, wanted, named, "write", kept=kept)
            for content in operation.body.contents if operation.body else ():
                self._add_contents(content, f"{name}Body", "write")
            for response in operation.responses:
                suffix = _response_suffix(operation, response)
                for content in response.contents:
                    self._add_contents(content, f"{name}{suffix}", "read")

    def _colliding(self, parameters: Object) -> frozenset[str]:
        """Return the parameters that stay as they are because camelCase would make two one.

        Old and new spellings of one parameter stand side by side in real documents.
        """
        count = Counter(self.member_name(member.name) for member in parameters.properties)
        wires = (member.name for member in parameters.properties)
        return frozenset(wire for wire in wires if count[self.member_name(wire)] > 1)

    def _add_contents(self, content: Content, name: str, direction: Direction) -> None:
        if content.pointer.startswith("/components/"):
            # Several operations share it, so none of them gives it its name.
            shared = split(content.pointer)[2]
            name = names.type_name(f"{shared} {'Body' if direction == 'write' else 'Response'}")
        if content.item is not None:
            pointer = f"{content.pointer}/itemSchema"
            self._add_root(pointer, content.item, f"{name}Event", direction)
        if content.kind in {"text", "binary"}:
            plain = "string" if content.kind == "text" else "Blob"
            self._roots[content.pointer, direction] = Root(type=plain)
        elif content.schema is not None:
            form = content.kind in FORMS and direction == "write"
            self._add_root(content.pointer, content.schema, name, direction, form=form)

    def _add_root(
        self,
        pointer: str,
        schema: Schema,
        name: str,
        direction: Direction,
        *,
        form: bool = False,
        kept: frozenset[str] = frozenset(),
    ) -> None:
        if (pointer, direction) in self._roots:
            return
        if isinstance(schema, Reference):
            name = self._type_names[schema.key, direction]
        else:
            name = self.reserve(name)
            reads = direction == "read"
            unit = Unit(
                name=name,
                schema=schema,
                reads=reads,
                writes=not reads,
                pointer=pointer,
                kept=kept,
            )
            self._lower(unit, form=form)
        key = "decode" if direction == "read" else "encode"
        self._roots[pointer, direction] = Root(type=name, **{key: f"{key}{name}"})


def _directions(both: bool) -> tuple[Direction, ...]:  # noqa: FBT001 - one flag, named by its callers
    return ("read", "write") if both else ("read",)


def _response_suffix(operation: Operation, response: Response) -> str:
    """Return "Response" for the only success of an operation, else with its status."""
    successes = [one.status for one in operation.responses if one.status.startswith("2")]
    status = response.status.capitalize()
    return "Response" if [response.status] == successes else f"Response{status}"


def _last_words(key: str) -> str:
    """Return what names a schema: its key, or the end of the pointer that is its key."""
    if not key.startswith("/"):
        return key
    if is_base_key(key):
        return f"{split(key)[2]} base"
    dull = {"components", "schemas", "properties", "items", "allOf", "anyOf", "oneOf", "$defs"}
    words = [word for word in split(key) if word not in dull and not word.isdecimal()]
    if words[0] == FILES:
        # Of a whole file the name is all there is.
        words = words[2:] or [PurePosixPath(words[1]).stem]
    return " ".join(words[-3:])
