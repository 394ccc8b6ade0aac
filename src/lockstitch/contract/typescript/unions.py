"""Emission of what reads unions: by JSON type, by tag, then by trying."""

import json
from collections.abc import Iterable
from typing import Final

from lockstitch.contract.algebra import Reference, Schema, Union
from lockstitch.contract.typescript.dispatch import KINDS, Cases, Kind
from lockstitch.contract.typescript.layout import Group, Node, Row, call, statement
from lockstitch.contract.typescript.names import quoted
from lockstitch.contract.typescript.scope import HERE, Expressions, Scope, returned
from lockstitch.contract.typescript.spelling import described
from lockstitch.contract.typescript.spelling import literal as scalar

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


class Unions:
    """Emits the bodies of functions that read unions."""

    def __init__(self, scope: Scope, expressions: Expressions) -> None:
        self._scope = scope
        self._expressions = expressions

    def union(self, schema: Union, place: str, result: str) -> str:
        """Return the body for a union."""
        by_kind: dict[Kind, tuple[Schema, ...]] = {}
        for kind in KINDS:
            fitting = tuple(m for m in schema.members if kind in self._scope.dispatch.kinds(m))
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
        self._scope.use("refuse")
        refusal = call("refuse", "depth", "key", quoted(described(schema)), "value")
        return lines + returned(refusal)

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
            cases = self._scope.dispatch.cases(schema, members)
            if cases is not None:
                self._scope.used |= {"isObject", "refuse"}
                guard = "  if (!isObject(value)) return refuse(depth, key, 'an object', value)\n"
                return guard + self._switch(cases, place, result, 1)
        return returned(self._first_fit(members, place, result))

    def _branch(
        self,
        schema: Union,
        members: tuple[Schema, ...],
        kinds: list[Kind],
        place: str,
        result: str,
    ) -> str:
        self._scope.used |= {
            f"is{kind.capitalize()}" for kind in kinds if kind in {"array", "object"}
        }
        test = " || ".join(TESTS[kind] for kind in kinds)
        if kinds == ["null"]:
            return "  if (value === null) return null\n"
        if kinds == ["object"] and len(members) > 1:
            cases = self._scope.dispatch.cases(schema, members)
            if cases is not None:
                return f"  if ({test}) {{\n{self._switch(cases, place, result, 2)}  }}\n"
        node = self._first_fit(members, place, result)
        line = statement(Row((f"if ({test}) return ", node)))
        if "\n" not in line:
            return line + "\n"
        return f"  if ({test}) {{\n{returned(node, 2)}  }}\n"

    def _first_fit(self, members: tuple[Schema, ...], place: str, result: str) -> Node:
        places = [
            f"{place}Option{i + 1}" if len(members) > 1 else place for i in range(len(members))
        ]
        if len(members) == 1:
            return self._expressions.expression(members[0], HERE, places[0])
        candidates = tuple(
            self._candidate(member, where) for member, where in zip(members, places, strict=True)
        )
        expected = quoted(described(Union(members=members)))
        self._scope.use("firstFit")
        return call(f"firstFit<{result}>", *HERE, expected, Group("[", candidates, "]"))

    def _candidate(self, member: Schema, place: str) -> Node:
        reader = self._expressions.reader(member, place)
        names = self._scope.dispatch.wire_names(member)
        parts: tuple[Node, ...] = (f"reader: {reader}",)
        if names:
            if self._scope.writing:
                names = frozenset(self._scope.plan.member_name(name) for name in names)
            owner = member.key if isinstance(member, Reference) else place
            parts = (*parts, f"names: {self._scope.known_names(names, owner)}")
        return Group("{", parts, "}", padded=True)

    def _switch(self, cases: Cases, place: str, result: str, indent: int) -> str:
        margin = "  " * indent
        given = (
            self._scope.plan.member_name(cases.property) if self._scope.writing else cases.property
        )
        tag = self._scope.access("value", given)
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
            lines += returned(self._first_fit(members[same], place, result), indent + 2)
        lines += f"{margin}  default:\n"
        if cases.rest:
            rest: Node = self._first_fit(cases.rest, place, result)
        else:
            self._scope.used |= {"refuse", "enter"}
            expected = " | ".join(_json_text(cases.by_value))
            where = quoted(cases.property)
            rest = call("refuse", "enter(depth, key)", where, quoted(expected), tag)
        return f"{lines}{returned(rest, indent + 2)}{margin}}}\n"


def _json_text(values: Iterable[str | float | bool]) -> list[str]:
    return [json.dumps(value, ensure_ascii=False) for value in values]
