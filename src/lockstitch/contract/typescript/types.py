"""Emission of `types.ts`: an interface or type alias for each unit."""

import json

from lockstitch.contract.algebra import ABSENT, Notes, Object, Property
from lockstitch.contract.typescript.layout import Alternatives, comment, render
from lockstitch.contract.typescript.names import member_key
from lockstitch.contract.typescript.plan import Plan, Unit
from lockstitch.contract.typescript.spelling import Spelling, keeps_others
from lockstitch.contract.typescript.structs import others_name


class Types:
    """Emits declarations; `spelling.brands` is what the module must import."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.spelling = Spelling(plan.options)

    def unit(self, unit: Unit) -> str:
        """Return the declaration of a unit with its doc comment."""
        words = comment(_words(unit.schema.notes))
        if isinstance(unit.schema, Object) and unit.schema.properties:
            return f"{words}export interface {unit.name} {{\n{self._members(unit, unit.schema)}}}\n"
        head = f"export type {unit.name} = "
        alternatives = Alternatives(self.spelling.alternatives(unit.schema, alias=True))
        spelled = render(alternatives, column=len(head))
        head = head.rstrip() if spelled.startswith("\n") else head
        return f"{words}{head}{spelled}\n"

    def _members(self, unit: Unit, schema: Object) -> str:
        lines = "".join(self._member(unit, member) for member in schema.properties)
        if keeps_others(schema):
            note = "  /** The members that the contract does not name; their names are data. */\n"
            name = others_name(schema, self._plan)
            lines += f"{note}  {name}?: Record<string, {self.spelling.others(schema)}>\n"
        return lines

    def _member(self, unit: Unit, member: Property) -> str:
        name = member_key(self._plan.member_name(member.name, unit))
        head = f"  {name}{'' if member.required else '?'}: "
        alternatives = Alternatives(self.spelling.alternatives(member.schema))
        spelled = render(alternatives, indent=1, column=len(head))
        head = head.rstrip() if spelled.startswith("\n") else head
        return f"{comment(_words(member.schema.notes), 1)}{head}{spelled}\n"


def _words(notes: Notes) -> list[str]:
    lines = (notes.description or "").strip().splitlines()
    if notes.default is not ABSENT and notes.default is not None:
        default = json.dumps(notes.default, ensure_ascii=False)
        lines += [f"@default {default}"]
    if notes.deprecated:
        lines += ["@deprecated"]
    return lines
