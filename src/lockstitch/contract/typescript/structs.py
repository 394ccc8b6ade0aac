"""Emission of what reads objects: their members by name, by pattern, and all others."""

from lockstitch.contract.algebra import Nothing, Object, Property, Union
from lockstitch.contract.typescript.layout import Node, Row, call, literal, statement
from lockstitch.contract.typescript.names import (
    INHERITED,
    is_identifier,
    member_key,
    pascal_case,
    quoted,
)
from lockstitch.contract.typescript.plan import Plan
from lockstitch.contract.typescript.scope import HERE, Expressions, Scope, declaration, returned
from lockstitch.contract.typescript.spelling import keeps_others


def limits_members(schema: Object) -> bool:
    """Whether the number or the names of the members of an object are limited."""
    limited = schema.min_properties or schema.max_properties is not None
    return bool(limited or schema.names is not None)


class Structs:
    """Emits the bodies of functions that read objects."""

    def __init__(self, scope: Scope, expressions: Expressions) -> None:
        self._scope = scope
        self._expressions = expressions

    def struct(self, schema: Object, place: str, result: str) -> str:
        """Return the body for an object with named members."""
        self._scope.used |= {"isObject", "refuse", "enter"}
        limits = self._member_limits(schema, place, "out" if self._scope.writing else "value")
        optional = [member for member in schema.properties if not member.required]
        required = tuple(
            Row((f"{member_key(self._scope.made(member))}: ", self._member(member, place)))
            for member in schema.properties
            if member.required
        )
        built = literal(required)
        lines = (
            "  if (!isObject(value)) return refuse(depth, key, 'an object', value)\n"
            "  const at = enter(depth, key)\n"
        )
        if not self._scope.writing:
            lines += limits
        if not (optional or keeps_others(schema) or (self._scope.writing and limits)):
            return lines + returned(built)
        lines += statement(Row((f"const out: {result} = ", built))) + "\n"
        lines += "".join(self._optional(member, place) for member in optional)
        if keeps_others(schema):
            lines += self._others(schema, place)
        if self._scope.writing:
            lines += limits
        return f"{lines}  return out\n"

    def _member(self, member: Property, place: str) -> Node:
        given = self._scope.access("value", self._scope.given(member))
        at = (given, "at", quoted(member.name))
        return self._expressions.expression(member.schema, at, place + pascal_case(member.name))

    def _optional(self, member: Property, place: str) -> str:
        given = self._scope.access("value", self._scope.given(member))
        made = self._scope.made(member)
        target = f"out.{made}" if is_identifier(made) else f"out[{quoted(made)}]"
        assignment: Node = Row((f"{target} = ", self._member(member, place)))
        if made in INHERITED:
            assignment = call(
                self._scope.use("put"), "out", quoted(made), self._member(member, place)
            )
        return f"  if ({given} !== undefined) {{\n{statement(assignment, 2)}\n  }}\n"

    def _others(self, schema: Object, place: str) -> str:
        item = self._others_reader(schema, place)
        known = self._scope.known_names(frozenset(m.name for m in schema.properties), place)
        name = others_name(schema, self._scope.plan)
        if self._scope.writing:
            self._scope.used.add("mergeOthers")
            node = call("mergeOthers", "out", f"value.{name}", "depth", "key", known, item)
            return statement(node) + "\n"
        node = call(self._scope.use("others"), "value", "at", known, item)
        return (
            f"{statement(Row(('const others_ = ', node)))}\n"
            f"  if (others_ !== undefined) out.{name} = others_\n"
        ).replace("others_", "rest")

    def limited_map(self, schema: Object, place: str) -> str:
        """Return the body for a dictionary whose names are limited, or tell its values apart."""
        lines = self._member_limits(schema, place, "value")
        item = self._others_reader(schema, place)
        return lines + returned(call(self._scope.use("record"), *HERE, item))

    def _member_limits(self, schema: Object, place: str, value: str) -> str:
        if not limits_members(schema):
            return ""
        most = "Infinity" if schema.max_properties is None else str(schema.max_properties)
        arguments = [value, "depth", "key", str(schema.min_properties), most]
        if schema.names is not None:
            arguments.append(self._expressions.reader(schema.names, f"{place}Name"))
        return statement(call(self._scope.use("checkMembers"), *arguments)) + "\n"

    def _others_reader(self, schema: Object, place: str) -> str:
        """Return the reader of members without a name of their own."""
        if not schema.patterns:
            return self._expressions.reader(schema.additional, f"{place}Value")
        name = self._scope.claim(f"{place}Value")
        lines = ""
        for pattern, inner in schema.patterns:
            constant = self._scope.values.pattern(pattern, f"{place}Key")
            self._scope.used_values.add(constant)
            node = self._expressions.expression(inner, HERE, f"{place}Value")
            test = f"if ({constant}.test(`${{key}}`)) return "
            lines += statement(Row((test, node))) + "\n"
        rest = self._expressions.expression(schema.additional, HERE, f"{place}Value")
        others = tuple(inner for _, inner in schema.patterns)
        if not isinstance(schema.additional, Nothing):
            others = (*others, schema.additional)
        result = self._scope.result(Union(members=others))
        self._scope.functions.append(
            declaration(f"function {name}", result, lines + returned(rest))
        )
        return name


def others_name(schema: Object, plan: Plan) -> str:
    """Return the member that holds what has no name of its own in the schema."""
    taken = {plan.member_name(member.name) for member in schema.properties}
    return (
        "additionalProperties" if "additionalProperties" not in taken else "additionalProperties_"
    )
