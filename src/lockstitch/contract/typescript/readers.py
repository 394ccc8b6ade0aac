"""Emission of the functions that check and convert one value: `decode.ts` and `encode.ts`.

Both directions are the same walk. Decoding goes from wire names to TypeScript names and from
texts to dates, encoding goes back.
"""

from collections.abc import Iterable
from typing import Final

from lockstitch.contract.algebra import (
    Anything,
    Array,
    Boolean,
    Enumeration,
    Nothing,
    Null,
    Number,
    Object,
    Property,
    Reference,
    Schema,
    Text,
    Union,
    without_null,
)
from lockstitch.contract.typescript.dispatch import KINDS, Cases, Dispatch, Kind
from lockstitch.contract.typescript.layout import (
    WIDTH,
    Choice,
    Group,
    Node,
    Row,
    call,
    literal,
    statement,
)
from lockstitch.contract.typescript.names import (
    INHERITED,
    access,
    constant_name,
    is_identifier,
    member_key,
    pascal_case,
    quoted,
    unique,
)
from lockstitch.contract.typescript.plan import Plan, Unit
from lockstitch.contract.typescript.spelling import (
    Spelling,
    described,
    is_empty,
    is_tuple,
    keeps_others,
)
from lockstitch.contract.typescript.spelling import literal as scalar
from lockstitch.contract.typescript.values import Values

FORMAT_READERS: Final = {
    "blob": "blob",
    "date": "plainDate",
    "decimal": "decimal",
    "duration": "duration",
    "int64": "int64",
    "time": "plainTime",
    "uuid": "uuid",
}
TESTS: Final[dict[Kind, str]] = {
    "null": "value === null",
    "boolean": "typeof value === 'boolean'",
    "number": "typeof value === 'number'",
    "string": "typeof value === 'string'",
    "date": "value instanceof Date",
    "blob": "value instanceof Blob",
    "array": "isArray(value)",
    "object": "isObject(value)",
}
PARAMETERS: Final = ("value: unknown", "depth: number", "key: Key")
HERE: Final = ("value", "depth", "key")
SAFE: Final = 2**53 - 1


class Readers:
    """Emits the functions of one direction; collects what the module must import."""

    def __init__(self, plan: Plan, values: Values, *, writing: bool) -> None:
        self._plan = plan
        self._values = values
        self._writing = writing
        self._verb = "write" if writing else "read"
        self._dispatch = Dispatch(plan.units, writing=writing)
        self._functions: list[str] = []
        self._taken = {f"{self._verb}{name}" for name in plan.units}
        self._known: dict[str, str] = {}
        self.spelling = Spelling(plan.options)
        self.used: set[str] = set()
        self.used_values: set[str] = set()

    def unit(self, unit: Unit) -> str:
        """Return the function of a unit, with the functions that only it uses before it."""
        self._functions = []
        self._unit = unit
        name = f"{self._verb}{unit.name}"
        own = self._function(
            f"export function {name}", unit.schema, unit.name, self._result(unit.schema, unit.name)
        )
        return "\n".join([*self._functions, own])

    # Small things

    def _use(self, name: str) -> str:
        self.used.add(name)
        return name

    def _result(self, schema: Schema, unit: str = "") -> str:
        if self._writing:
            return "JsonObject" if isinstance(schema, Object) and schema.properties else "unknown"
        if unit:
            self.spelling.units.add(unit)
            return unit
        return self.spelling.of(schema)

    def _given(self, member: Property) -> str:
        """Return the name under which a member arrives."""
        return self._plan.member_name(member.name, self._unit) if self._writing else member.name

    def _made(self, member: Property) -> str:
        """Return the name under which a member leaves."""
        return member.name if self._writing else self._plan.member_name(member.name, self._unit)

    def _access(self, value: str, name: str) -> str:
        text = access(value, name)
        return text if not text.startswith("own(") else self._use("own") + text[3:]

    # Expressions

    def _expression(self, schema: Schema, at: tuple[str, str, str], place: str) -> Node:  # noqa: PLR0911 - one return for each shape
        """Return the expression that reads the value at `at`: value, depth and key."""
        rest, null = without_null(schema)
        if null and not isinstance(rest, Null | Union):
            return Choice(f"{at[0]} === null", "null", self._expression(rest, at, place))
        match schema:
            case Number() if self._bounds(schema) is not None:
                low, high = self._bounds(schema) or ("", "")
                name = "integerIn" if schema.integer else "numberIn"
                return call(self._use(name), *at, low, high)
            case Text() if self._is_limited(schema) and schema.format is None:
                return call(self._use("text"), *at, *self._limits(schema, place))
            case Enumeration():
                return call(self._use("oneOf"), *at, self._constants(schema, place))
            case Array() if not self._is_checked(schema):
                item = self.reader(schema.items, f"{place}Item")
                name = "scalars" if self._dispatch.stays(schema.items) else "list"
                return call(self._use(name), *at, item)
            case Object() if self._is_plain_map(schema) and not self._is_free(schema):
                item = self.reader(schema.additional, f"{place}Value")
                name = "scalarRecord" if self._dispatch.stays(schema.additional) else "record"
                return call(self._use(name), *at, item)
            case _:
                return call(self.reader(schema, place), *at)

    def _constants(self, schema: Enumeration, place: str) -> Node:
        if len(schema.values) == 1:
            return f"[{scalar(schema.values[0])}]"
        name = self._values.enumeration(schema, place)
        self.used_values.add(name)
        return name

    def _limits(self, schema: Text, place: str) -> list[Node]:
        longest = "Infinity" if schema.max_length is None else str(schema.max_length)
        limits: list[Node] = [str(schema.min_length), longest]
        if schema.patterns:
            name = self._values.pattern(schema.patterns[0], place)
            self.used_values.add(name)
            limits.append(name)
        return limits

    def _is_limited(self, schema: Text) -> bool:
        return bool(schema.min_length or schema.max_length is not None or schema.patterns)

    def _bounds(self, schema: Number) -> tuple[str, str] | None:
        """Return inclusive bounds, or None when there are none or they are not that simple."""
        low, high = schema.minimum, schema.maximum
        strict = schema.exclusive_minimum or schema.exclusive_maximum
        if (low is None and high is None) or schema.multiple_of is not None:
            return None
        if strict and not (schema.integer and _whole(low) and _whole(high)):
            return None
        if low is not None and schema.exclusive_minimum:
            low += 1
        if high is not None and schema.exclusive_maximum:
            high -= 1
        return (
            "-Infinity" if low is None else scalar(low),
            "Infinity" if high is None else scalar(high),
        )

    def _is_checked(self, schema: Array) -> bool:
        return bool(
            schema.prefix or schema.min_items or schema.max_items is not None or schema.unique
        )

    def _is_plain_map(self, schema: Object) -> bool:
        plain = schema.is_map and not schema.patterns and not self._limits_members(schema)
        return plain and not is_empty(schema)

    def _is_free(self, schema: Object) -> bool:
        return self._is_plain_map(schema) and isinstance(schema.additional, Anything)

    def _limits_members(self, schema: Object) -> bool:
        limited = schema.min_properties or schema.max_properties is not None
        return bool(limited or schema.names is not None)

    # Readers: functions of (value, depth, key)

    def reader(self, schema: Schema, place: str) -> str:
        """Return the name of a function that reads the schema, emitting one if need be."""
        name = self._ready(schema)
        if name is not None:
            return name
        name = unique(f"{self._verb}{place}", self._taken)
        self._taken.add(name)
        self._functions.append(
            self._function(f"function {name}", schema, place, self._result(schema))
        )
        return name

    def _ready(self, schema: Schema) -> str | None:  # noqa: PLR0911 - one return for each shape
        match schema:
            case Reference():
                return f"{self._verb}{schema.key}"
            case Anything():
                return self._use("anything")
            case Nothing():
                return self._use("nothing")
            case Null():
                return self._use("none")
            case Boolean():
                return self._use("boolean")
            case Number() if schema == Number(integer=schema.integer, format=schema.format):
                return self._use("integer" if schema.integer else "number")
            case Text() if not self._is_limited(schema):
                return self._text_reader(schema)
            case Object() if is_empty(schema):
                return self._use("empty")
            case Object() if self._is_free(schema):
                return self._use("object")
            case _:
                return None

    def _text_reader(self, schema: Text) -> str:
        if schema.format == "date-time":
            if self._writing:
                return self._use("dateTimeText")
            naive = self._plan.options.naive_dates == "utc"
            return self._use("dateTimeOrUtc" if naive else "dateTime")
        return self._use(FORMAT_READERS.get(schema.format or "", "string"))

    def _function(self, head: str, schema: Schema, place: str, result: str) -> str:
        self._use("Key")
        if result == "JsonObject":
            self._use("JsonObject")
        return _declaration(head, result, self._body(schema, place, result))

    def _body(self, schema: Schema, place: str, result: str) -> str:  # noqa: PLR0911 - one return for each shape
        match schema:
            case Object() if schema.properties:
                return self._struct(schema, place, result)
            case Object() if not (self._is_plain_map(schema) or is_empty(schema)):
                return self._limited_map(schema, place)
            case Array() if self._is_checked(schema):
                return self._checked_array(schema, place)
            case Union() if not self._is_simple_nullable(schema):
                return self._union(schema, place, result)
            case Number() if self._ready(schema) is None and self._bounds(schema) is None:
                return self._stepped(schema)
            case Text() if self._is_limited(schema) and schema.format is not None:
                limits = statement(call(self._use("text"), *HERE, *self._limits(schema, place)))
                return f"{limits}\n{self._return(call(self._text_reader(schema), *HERE))}"
            case _:
                return self._return(self._expression(schema, HERE, place))

    def _return(self, node: Node, indent: int = 1) -> str:
        return statement(Row(("return ", node)), indent) + "\n"

    def _is_simple_nullable(self, schema: Union) -> bool:
        rest, null = without_null(schema)
        return null and not isinstance(rest, Null | Union)

    def _stepped(self, schema: Number) -> str:
        tests = ["typeof value === 'number'"]
        words = []
        if schema.minimum is not None:
            sign = ">" if schema.exclusive_minimum else ">="
            tests.append(f"value {sign} {scalar(schema.minimum)}")
            words.append(f"{sign} {scalar(schema.minimum)}")
        if schema.maximum is not None:
            sign = "<" if schema.exclusive_maximum else "<="
            tests.append(f"value {sign} {scalar(schema.maximum)}")
            words.append(f"{sign} {scalar(schema.maximum)}")
        if schema.multiple_of is not None:
            step = scalar(schema.multiple_of)
            whole = isinstance(schema.multiple_of, int)
            fits = f"value % {step} === 0" if whole else f"{self._use('isMultiple')}(value, {step})"
            tests.append(fits)
            words.append(f"a multiple of {step}")
        kind = "integer" if schema.integer else "number"
        expected = f"{described(schema)}, {' and '.join(words)}"
        yes = call(self._use(kind), *HERE)
        no = call(self._use("refuse"), "depth", "key", quoted(expected), "value")
        return self._return(Choice(" && ".join(tests), yes, no))

    # Arrays and dictionaries

    def _checked_array(self, schema: Array, place: str) -> str:
        if is_tuple(schema) and not schema.unique:
            return self._tuple(schema, place)
        lines = ""
        longest = schema.max_items
        if isinstance(schema.items, Nothing) and schema.prefix:
            longest = len(schema.prefix)
        if schema.min_items or longest is not None or schema.unique:
            high = "Infinity" if longest is None else str(longest)
            unique_items = "true" if schema.unique else "false"
            check = call(self._use("checkItems"), *HERE, str(schema.min_items), high, unique_items)
            lines += statement(check) + "\n"
        if is_tuple(schema):
            return lines + self._tuple(schema, place)
        item = self._positional(schema, place) if schema.prefix else None
        item = item or self.reader(schema.items, f"{place}Item")
        stays = not schema.prefix and self._dispatch.stays(schema.items)
        return lines + self._return(call(self._use("scalars" if stays else "list"), *HERE, item))

    def _tuple(self, schema: Array, place: str) -> str:
        self.used |= {"isArray", "refuse", "enter"}
        items = tuple(
            self._expression(item, (f"value[{index}]", "at", str(index)), f"{place}Item{index + 1}")
            for index, item in enumerate(schema.prefix)
        )
        size = len(items)
        return (
            f"  if (!isArray(value) || value.length !== {size}) {{\n"
            f"    return refuse(depth, key, 'an array of {size} items', value)\n"
            "  }\n"
            "  const at = enter(depth, key)\n"
        ) + self._return(Group("[", items, "]"))

    def _positional(self, schema: Array, place: str) -> str:
        """Emit a reader of items whose schema depends on their place."""
        name = unique(f"{self._verb}{place}Item", self._taken)
        self._taken.add(name)
        kept = () if isinstance(schema.items, Nothing) else (schema.items,)
        lines = ""
        for index, item in enumerate(schema.prefix):
            node = self._expression(item, HERE, f"{place}Item{index + 1}")
            lines += statement(Row((f"if (key === {index}) return ", node))) + "\n"
        rest = self._expression(schema.items, HERE, f"{place}Item")
        result = self._result(Union(members=(*schema.prefix, *kept)))
        self._functions.append(_declaration(f"function {name}", result, lines + self._return(rest)))
        return name

    def _limited_map(self, schema: Object, place: str) -> str:
        lines = self._member_limits(schema, place, "value")
        item = self._others_reader(schema, place)
        return lines + self._return(call(self._use("record"), *HERE, item))

    def _member_limits(self, schema: Object, place: str, value: str) -> str:
        if not self._limits_members(schema):
            return ""
        most = "Infinity" if schema.max_properties is None else str(schema.max_properties)
        arguments = [value, "depth", "key", str(schema.min_properties), most]
        if schema.names is not None:
            arguments.append(self.reader(schema.names, f"{place}Name"))
        return statement(call(self._use("checkMembers"), *arguments)) + "\n"

    def _others_reader(self, schema: Object, place: str) -> str:
        """Return the reader of members without a name of their own."""
        if not schema.patterns:
            return self.reader(schema.additional, f"{place}Value")
        name = unique(f"{self._verb}{place}Value", self._taken)
        self._taken.add(name)
        lines = ""
        for pattern, inner in schema.patterns:
            constant = self._values.pattern(pattern, f"{place}Key")
            self.used_values.add(constant)
            node = self._expression(inner, HERE, f"{place}Value")
            test = f"if ({constant}.test(`${{key}}`)) return "
            lines += statement(Row((test, node))) + "\n"
        rest = self._expression(schema.additional, HERE, f"{place}Value")
        others = tuple(inner for _, inner in schema.patterns)
        if not isinstance(schema.additional, Nothing):
            others = (*others, schema.additional)
        result = self._result(Union(members=others))
        self._functions.append(_declaration(f"function {name}", result, lines + self._return(rest)))
        return name

    # Objects

    def _struct(self, schema: Object, place: str, result: str) -> str:
        self.used |= {"isObject", "refuse", "enter"}
        limits = self._member_limits(schema, place, "out" if self._writing else "value")
        optional = [member for member in schema.properties if not member.required]
        required = tuple(
            Row((f"{member_key(self._made(member))}: ", self._member(member, place)))
            for member in schema.properties
            if member.required
        )
        built = literal(required)
        lines = (
            "  if (!isObject(value)) return refuse(depth, key, 'an object', value)\n"
            "  const at = enter(depth, key)\n"
        )
        if not self._writing:
            lines += limits
        if not (optional or keeps_others(schema) or (self._writing and limits)):
            return lines + self._return(built)
        lines += statement(Row((f"const out: {result} = ", built))) + "\n"
        lines += "".join(self._optional(member, place) for member in optional)
        if keeps_others(schema):
            lines += self._others(schema, place)
        if self._writing:
            lines += limits
        return f"{lines}  return out\n"

    def _member(self, member: Property, place: str) -> Node:
        given = self._access("value", self._given(member))
        at = (given, "at", quoted(member.name))
        return self._expression(member.schema, at, place + pascal_case(member.name))

    def _optional(self, member: Property, place: str) -> str:
        given = self._access("value", self._given(member))
        made = self._made(member)
        target = f"out.{made}" if is_identifier(made) else f"out[{quoted(made)}]"
        assignment: Node = Row((f"{target} = ", self._member(member, place)))
        if made in INHERITED:
            assignment = call(self._use("put"), "out", quoted(made), self._member(member, place))
        return f"  if ({given} !== undefined) {{\n{statement(assignment, 2)}\n  }}\n"

    def _others(self, schema: Object, place: str) -> str:
        item = self._others_reader(schema, place)
        known = self._known_names(frozenset(m.name for m in schema.properties), place)
        name = others_name(schema, self._plan)
        if self._writing:
            self.used.add("mergeOthers")
            node = call("mergeOthers", "out", f"value.{name}", "depth", "key", known, item)
            return statement(node) + "\n"
        node = call(self._use("others"), "value", "at", known, item)
        return (
            f"{statement(Row(('const others_ = ', node)))}\n"
            f"  if (others_ !== undefined) out.{name} = others_\n"
        ).replace("others_", "rest")

    def _known_names(self, names: frozenset[str], place: str) -> str:
        """Return the constant that holds a set of member names, emitting it if need be."""
        items = Group("[", tuple(quoted(name) for name in sorted(names)), "]")
        name = f"{constant_name(place)}_NAMES"
        text = statement(Row((f"const {name} = new Set<string>(", items, ")")), 0)
        if self._known.get(name) != text:
            name = unique(name, self._known)
            text = statement(Row((f"const {name} = new Set<string>(", items, ")")), 0)
            self._known[name] = text
            self._functions.append(f"{text}\n")
        return name

    # Unions

    def _union(self, schema: Union, place: str, result: str) -> str:
        by_kind: dict[Kind, tuple[Schema, ...]] = {}
        for kind in KINDS:
            fitting = tuple(m for m in schema.members if kind in self._dispatch.kinds(m))
            if fitting:
                by_kind[kind] = fitting
        groups: dict[tuple[int, ...], list[Kind]] = {}
        for kind, members in by_kind.items():
            groups.setdefault(tuple(id(m) for m in members), []).append(kind)
        if len(groups) == 1 and "null" not in by_kind:
            return self._only(schema, schema.members, list(by_kind), place, result)
        lines = ""
        for kinds in groups.values():
            lines += self._branch(schema, by_kind[kinds[0]], kinds, place, result)
        self._use("refuse")
        refusal = call("refuse", "depth", "key", quoted(described(schema)), "value")
        return lines + self._return(refusal)

    def _only(
        self,
        schema: Union,
        members: tuple[Schema, ...],
        kinds: list[Kind],
        place: str,
        result: str,
    ) -> str:
        """Return the body of a union whose members all have the same JSON types."""
        if kinds == ["object"]:
            cases = self._dispatch.cases(schema, members)
            if cases is not None:
                self.used |= {"isObject", "refuse"}
                guard = "  if (!isObject(value)) return refuse(depth, key, 'an object', value)\n"
                return guard + self._switch(cases, place, result, 1)
        return self._return(self._first_fit(members, place, result))

    def _branch(
        self,
        schema: Union,
        members: tuple[Schema, ...],
        kinds: list[Kind],
        place: str,
        result: str,
    ) -> str:
        self.used |= {f"is{kind.capitalize()}" for kind in kinds if kind in {"array", "object"}}
        test = " || ".join(TESTS[kind] for kind in kinds)
        if kinds == ["null"]:
            return "  if (value === null) return null\n"
        if kinds == ["object"] and len(members) > 1:
            cases = self._dispatch.cases(schema, members)
            if cases is not None:
                return f"  if ({test}) {{\n{self._switch(cases, place, result, 2)}  }}\n"
        node = self._first_fit(members, place, result)
        line = statement(Row((f"if ({test}) return ", node)))
        if "\n" not in line:
            return line + "\n"
        return f"  if ({test}) {{\n{self._return(node, 2)}  }}\n"

    def _first_fit(self, members: tuple[Schema, ...], place: str, result: str) -> Node:
        places = [
            f"{place}Option{i + 1}" if len(members) > 1 else place for i in range(len(members))
        ]
        if len(members) == 1:
            return self._expression(members[0], HERE, places[0])
        candidates = tuple(
            self._candidate(member, where) for member, where in zip(members, places, strict=True)
        )
        expected = quoted(described(Union(members=members)))
        self._use("firstFit")
        return call(f"firstFit<{result}>", *HERE, expected, Group("[", candidates, "]"))

    def _candidate(self, member: Schema, place: str) -> Node:
        reader = self.reader(member, place)
        names = self._dispatch.wire_names(member)
        parts: tuple[Node, ...] = (f"reader: {reader}",)
        if names:
            if self._writing:
                names = frozenset(self._plan.member_name(name) for name in names)
            owner = member.key if isinstance(member, Reference) else place
            parts = (*parts, f"names: {self._known_names(names, owner)}")
        return Group("{", parts, "}", padded=True)

    def _switch(self, cases: Cases, place: str, result: str, indent: int) -> str:
        margin = "  " * indent
        given = self._plan.member_name(cases.property) if self._writing else cases.property
        tag = self._access("value", given)
        lines = f"{margin}switch ({tag}) {{\n"
        groups: dict[tuple[int, ...], list[str]] = {}
        members: dict[tuple[int, ...], tuple[Schema, ...]] = {}
        for value, found in cases.by_value.items():
            same = tuple(id(member) for member in found)
            groups.setdefault(same, []).append(scalar(value))
            members[same] = found
        if cases.absent and not cases.rest:
            same = tuple(id(member) for member in cases.absent)
            groups.setdefault(same, []).append("undefined")
            members[same] = cases.absent
        for same, values in groups.items():
            lines += "".join(f"{margin}  case {value}:\n" for value in values)
            lines += self._return(self._first_fit(members[same], place, result), indent + 2)
        lines += f"{margin}  default:\n"
        if cases.rest:
            rest: Node = self._first_fit(cases.rest, place, result)
        else:
            self.used |= {"refuse", "enter"}
            expected = " | ".join(_json_text(cases.by_value))
            where = quoted(cases.property)
            rest = call("refuse", "enter(depth, key)", where, quoted(expected), tag)
        return f"{lines}{self._return(rest, indent + 2)}{margin}}}\n"


def _declaration(head: str, result: str, body: str) -> str:
    line = f"{head}({', '.join(PARAMETERS)}): {result} {{"
    if len(line) > WIDTH:
        parameters = "".join(f"  {parameter},\n" for parameter in PARAMETERS)
        line = f"{head}(\n{parameters}): {result} {{"
    return f"{line}\n{body}}}\n"


def others_name(schema: Object, plan: Plan) -> str:
    """Return the member that holds what has no name of its own in the schema."""
    taken = {plan.member_name(member.name) for member in schema.properties}
    return (
        "additionalProperties" if "additionalProperties" not in taken else "additionalProperties_"
    )


def _json_text(values: Iterable[str | float | bool]) -> list[str]:
    import json

    return [json.dumps(value, ensure_ascii=False) for value in values]


def _whole(value: float | None) -> bool:
    return value is None or (value == int(value) and abs(value) < SAFE)
