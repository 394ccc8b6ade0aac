"""Emission of the functions that check and convert one value: `decode.ts` and `encode.ts`.

Both directions are the same walk. Decoding goes from wire names to TypeScript names and from
texts to dates, encoding goes back.
"""

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
    Reference,
    Schema,
    Text,
    Union,
    without_null,
)
from lockstitch.contract.typescript.layout import (
    Choice,
    Group,
    Node,
    Row,
    call,
    statement,
)
from lockstitch.contract.typescript.names import (
    quoted,
)
from lockstitch.contract.typescript.plan import Plan, Unit
from lockstitch.contract.typescript.scope import HERE, At, Scope, declaration, returned
from lockstitch.contract.typescript.spelling import (
    described,
    is_empty,
    is_tuple,
)
from lockstitch.contract.typescript.spelling import literal as scalar
from lockstitch.contract.typescript.structs import Structs, limits_members
from lockstitch.contract.typescript.unions import Unions
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
SAFE: Final = 2**53 - 1


class Readers:
    """Emits the functions of one direction; collects what the module must import."""

    def __init__(self, plan: Plan, values: Values, *, writing: bool) -> None:
        self.scope = Scope(plan, values, writing=writing)
        self._structs = Structs(self.scope, self)
        self._unions = Unions(self.scope, self)

    def unit(self, unit: Unit) -> str:
        """Return the function of a unit, with the functions that only it uses before it."""
        self.scope.begin(unit)
        head = f"export function {self.scope.verb}{unit.name}"
        result = self.scope.result(unit.schema, unit.name)
        own = self._function(head, unit.schema, unit.name, result)
        return "\n".join([*self.scope.functions, own])

    # Expressions

    def expression(self, schema: Schema, at: At, place: str) -> Node:  # noqa: PLR0911 - one return for each shape
        """Return the expression that reads the value at `at`: value, depth and key."""
        rest, null = without_null(schema)
        if null and not isinstance(rest, Null | Union):
            return Choice(f"{at[0]} === null", "null", self.expression(rest, at, place))
        match schema:
            case Number() if self._bounds(schema) is not None:
                low, high = self._bounds(schema) or ("", "")
                name = "integerIn" if schema.integer else "numberIn"
                return call(self.scope.use(name), *at, low, high)
            case Text() if self._is_limited(schema) and schema.format is None:
                return call(self.scope.use("text"), *at, *self._limits(schema, place))
            case Enumeration():
                return call(self.scope.use("oneOf"), *at, self._constants(schema, place))
            case Array() if not self._is_checked(schema):
                item = self.reader(schema.items, f"{place}Item")
                name = "scalars" if self.scope.dispatch.stays(schema.items) else "list"
                return call(self.scope.use(name), *at, item)
            case Object() if self._is_plain_map(schema) and not self._is_free(schema):
                item = self.reader(schema.additional, f"{place}Value")
                name = "scalarRecord" if self.scope.dispatch.stays(schema.additional) else "record"
                return call(self.scope.use(name), *at, item)
            case _:
                return call(self.reader(schema, place), *at)

    def _constants(self, schema: Enumeration, place: str) -> Node:
        if len(schema.values) == 1:
            return f"[{scalar(schema.values[0])}]"
        name = self.scope.values.enumeration(schema, place)
        self.scope.used_values.add(name)
        return name

    def _limits(self, schema: Text, place: str) -> list[Node]:
        longest = "Infinity" if schema.max_length is None else str(schema.max_length)
        limits: list[Node] = [str(schema.min_length), longest]
        if schema.patterns:
            name = self.scope.values.pattern(schema.patterns[0], place)
            self.scope.used_values.add(name)
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
        plain = schema.is_map and not schema.patterns and not limits_members(schema)
        return plain and not is_empty(schema)

    def _is_free(self, schema: Object) -> bool:
        return self._is_plain_map(schema) and isinstance(schema.additional, Anything)

    # Readers: functions of (value, depth, key)

    def reader(self, schema: Schema, place: str) -> str:
        """Return the name of a function that reads the schema, emitting one if need be."""
        name = self._ready(schema)
        if name is not None:
            return name
        name = self.scope.claim(place)
        self.scope.functions.append(
            self._function(f"function {name}", schema, place, self.scope.result(schema))
        )
        return name

    def _ready(self, schema: Schema) -> str | None:  # noqa: PLR0911 - one return for each shape
        match schema:
            case Reference():
                return f"{self.scope.verb}{schema.key}"
            case Anything():
                return self.scope.use("anything")
            case Nothing():
                return self.scope.use("nothing")
            case Null():
                return self.scope.use("none")
            case Boolean():
                return self.scope.use("boolean")
            case Number() if schema == Number(integer=schema.integer, format=schema.format):
                return self.scope.use("integer" if schema.integer else "number")
            case Text() if not self._is_limited(schema):
                return self._text_reader(schema)
            case Object() if is_empty(schema):
                return self.scope.use("empty")
            case Object() if self._is_free(schema):
                return self.scope.use("object")
            case _:
                return None

    def _text_reader(self, schema: Text) -> str:
        if schema.format == "date-time":
            if self.scope.writing:
                return self.scope.use("dateTimeText")
            naive = self.scope.plan.options.naive_dates == "utc"
            return self.scope.use("dateTimeOrUtc" if naive else "dateTime")
        return self.scope.use(FORMAT_READERS.get(schema.format or "", "string"))

    def _function(self, head: str, schema: Schema, place: str, result: str) -> str:
        self.scope.use("Key")
        if result == "JsonObject":
            self.scope.use("JsonObject")
        return declaration(head, result, self._body(schema, place, result))

    def _body(self, schema: Schema, place: str, result: str) -> str:  # noqa: PLR0911 - one return for each shape
        match schema:
            case Object() if schema.properties:
                return self._structs.struct(schema, place, result)
            case Object() if not (self._is_plain_map(schema) or is_empty(schema)):
                return self._structs.limited_map(schema, place)
            case Array() if self._is_checked(schema):
                return self._checked_array(schema, place)
            case Union() if not self._is_simple_nullable(schema):
                return self._unions.union(schema, place, result)
            case Number() if self._ready(schema) is None and self._bounds(schema) is None:
                return self._stepped(schema)
            case Text() if self._is_limited(schema) and schema.format is not None:
                limits = statement(
                    call(self.scope.use("text"), *HERE, *self._limits(schema, place))
                )
                return f"{limits}\n{returned(call(self._text_reader(schema), *HERE))}"
            case _:
                return returned(self.expression(schema, HERE, place))

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
            fits = (
                f"value % {step} === 0"
                if whole
                else f"{self.scope.use('isMultiple')}(value, {step})"
            )
            tests.append(fits)
            words.append(f"a multiple of {step}")
        kind = "integer" if schema.integer else "number"
        expected = f"{described(schema)}, {' and '.join(words)}"
        yes = call(self.scope.use(kind), *HERE)
        no = call(self.scope.use("refuse"), "depth", "key", quoted(expected), "value")
        return returned(Choice(" && ".join(tests), yes, no))

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
            check = call(
                self.scope.use("checkItems"), *HERE, str(schema.min_items), high, unique_items
            )
            lines += statement(check) + "\n"
        if is_tuple(schema):
            return lines + self._tuple(schema, place)
        item = self._positional(schema, place) if schema.prefix else None
        item = item or self.reader(schema.items, f"{place}Item")
        stays = not schema.prefix and self.scope.dispatch.stays(schema.items)
        return lines + returned(call(self.scope.use("scalars" if stays else "list"), *HERE, item))

    def _tuple(self, schema: Array, place: str) -> str:
        self.scope.used |= {"isArray", "refuse", "enter"}
        items = tuple(
            self.expression(item, (f"value[{index}]", "at", str(index)), f"{place}Item{index + 1}")
            for index, item in enumerate(schema.prefix)
        )
        size = len(items)
        return (
            f"  if (!isArray(value) || value.length !== {size}) {{\n"
            f"    return refuse(depth, key, 'an array of {size} items', value)\n"
            "  }\n"
            "  const at = enter(depth, key)\n"
        ) + returned(Group("[", items, "]"))

    def _positional(self, schema: Array, place: str) -> str:
        """Emit a reader of items whose schema depends on their place."""
        name = self.scope.claim(f"{place}Item")
        kept = () if isinstance(schema.items, Nothing) else (schema.items,)
        lines = ""
        for index, item in enumerate(schema.prefix):
            node = self.expression(item, HERE, f"{place}Item{index + 1}")
            lines += statement(Row((f"if (key === {index}) return ", node))) + "\n"
        rest = self.expression(schema.items, HERE, f"{place}Item")
        result = self.scope.result(Union(members=(*schema.prefix, *kept)))
        self.scope.functions.append(declaration(f"function {name}", result, lines + returned(rest)))
        return name


def _whole(value: float | None) -> bool:
    return value is None or (value == int(value) and abs(value) < SAFE)
