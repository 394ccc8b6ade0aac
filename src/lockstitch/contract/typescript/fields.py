"""Emission of what asks for some members of an answer only."""

from collections.abc import Iterator
from dataclasses import dataclass

from lockstitch.contract.algebra import Array, Object, Reference
from lockstitch.contract.selections import SELECTED
from lockstitch.contract.typescript.calls import Call, Calls
from lockstitch.contract.typescript.layout import Group, Row, comment, statement
from lockstitch.contract.typescript.module import Module
from lockstitch.contract.typescript.names import access, member_key, quoted
from lockstitch.errors import UnreadableDocument

RUNTIME = "./runtime/index.js"
FIELDS = "./runtime/fields.js"
TYPES = "./types.js"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selecting:
    """A call whose answer can be cut down.

    `member` holds the items of a page on the wire; it is empty when the answer is the item.
    """

    call: Call
    item: str
    page: str
    member: str
    parameter: str

    @property
    def function(self) -> str:
        """The function that asks for some members."""
        return f"{self.call.function}Fields"

    @property
    def result(self) -> str:
        """The type of its answer."""
        return f"{self.function[0].upper()}{self.function[1:]}<Key>"

    @property
    def input(self) -> str:
        """The type of its input."""
        return f"Omit<{self.call.input.type}, {quoted(self.parameter)}>"


def selecting(calls: Calls, call: Call) -> Selecting | None:
    """Return how the answer of a call is cut down, or None when it cannot be.

    Raises:
        UnreadableDocument: The parameter is not there.
    """
    fields = call.facts.fields
    if fields is None:
        return None
    known = {p.name for p in call.operation.parameters if p.place == "query"}
    answer = call.answers.type
    unit = calls.plan.units.get(answer)
    if fields.parameter not in known or call.input.nested or unit is None:
        raise UnreadableDocument(
            f"{call.operation.id} needs a query parameter {fields.parameter!r}, other parameters "
            "of other names, and one success.",
            pointer=call.operation.pointer,
        )
    member = call.facts.pages.items if call.facts.pages else "items"
    listed = unit.schema.member(member) if isinstance(unit.schema, Object) else None
    paged = listed is not None and isinstance(listed.schema, Array)
    inner = listed.schema.items if listed and isinstance(listed.schema, Array) else None
    return Selecting(
        call=call,
        item=inner.key if isinstance(inner, Reference) else answer,
        page=answer if paged else "",
        member=member if paged else "",
        parameter=calls.plan.member_name(fields.parameter),
    )


def emit_fields(calls: Calls, call: Call, module: Module, selections: set[str]) -> Iterator[str]:
    """Yield the blocks of a call whose answer can be cut down."""
    found = selecting(calls, call)
    if found is None:
        return
    if found.item not in selections:
        selections.add(found.item)
        yield _selection(calls, found, module)
    yield _result(calls, found, module)
    yield _operation(calls, found, module)
    yield _function(found, module)


def _variable(item: str) -> str:
    return f"{item[0].lower()}{item[1:]}Selection"


def _selection(calls: Calls, found: Selecting, module: Module) -> str:
    unit = calls.plan.units[found.item]
    members = unit.schema.properties if isinstance(unit.schema, Object) else ()
    named = [(calls.plan.member_name(member.name, unit), member) for member in members]
    wire = tuple(f"{member_key(name)}: {quoted(member.name)}" for name, member in named)
    optional = tuple(quoted(name) for name, member in named if not member.required)
    type_ = f"{module.type(FIELDS, 'Selection')}<{module.type(TYPES, found.item)}>"
    decode = module.value("./decode.js", f"decode{SELECTED}{found.item}")
    lines = "".join(
        f"{statement(node)},\n"
        for node in (
            Row(("wire: ", Group("{", wire, "}", padded=True))),
            Row(("optional: ", Group("[", optional, "]"))),
            f"decode: {decode}",
        )
    )
    words = comment([f"What can be chosen of a {found.item}."])
    return f"{words}export const {_variable(found.item)}: {type_} = {{\n{lines}}}\n"


def _result(calls: Calls, found: Selecting, module: Module) -> str:
    item = module.type(TYPES, found.item)
    words = comment([f"The answer of {{@link {found.function}}}."])
    head = f"export type {found.result.replace('<Key>', f'<Key extends keyof {item}>')} ="
    if not found.page:
        return f"{words}{head} Pick<{item}, Key>\n"
    page = module.type(TYPES, found.page)
    name = calls.plan.member_name(found.member)
    rest = f"Omit<{page}, {quoted(name)}>"
    return f"{words}{head} {rest} & {{\n  {member_key(name)}: Pick<{item}, Key>[]\n}}\n"


def _operation(calls: Calls, found: Selecting, module: Module) -> str:
    one = found.call
    operation = module.type(RUNTIME, "Operation")
    select = module.value(FIELDS, "selectFields")
    given = member_key(found.parameter)
    failures = f", {one.problems}" if one.answers.failures else ""
    words = comment([f"How {{@link {found.function}}} travels."])
    item = module.type(TYPES, found.item)
    return (
        f"{words}export const {found.function}Operation = <Key extends keyof {item}>(\n"
        f"  fields: readonly Key[],\n"
        f"): {operation}<{found.input}, {found.result}{failures}> => {{\n"
        f"  const {{ parameter, decode }} = {select}({_variable(found.item)}, fields)\n"
        f"  return {{\n"
        f"    id: {one.descriptor}.id,\n"
        f"    method: {one.descriptor}.method,\n"
        f"    path: {one.descriptor}.path,\n"
        f"    group: {one.descriptor}.group,\n"
        f"    idempotency: {one.descriptor}.idempotency,\n"
        f"    encode: (input) => {one.descriptor}.encode({{ ...input, {given}: parameter }}),\n"
        f"    outputs: {_outputs(calls, found, module)},\n"
        f"    failures: {one.descriptor}.failures,\n"
        f"  }}\n"
        f"}}\n"
    )


def _outputs(calls: Calls, found: Selecting, module: Module) -> str:
    status = next(one.status for one in found.call.answers.outputs)
    if not found.page:
        return f"{{ {status}: decode }}"
    page = module.value("./decode.js", f"decode{SELECTED}{found.page}")
    each = module.value("./runtime/checks.js", "each")
    name = calls.plan.member_name(found.member)
    whole = f"{{ ...page.value, {member_key(name)}: items.value }}"
    return (
        f"{{\n"
        f"      {status}: (value) => {{\n"
        f"        const page = {page}(value)\n"
        f"        if (!page.ok) return page\n"
        f"        const items = {each}('/{found.member}', {access('page.value', name)}, decode)\n"
        f"        return items.ok ? {{ ok: true, value: {whole} }} : items\n"
        f"      }},\n"
        f"    }}"
    )


def _function(found: Selecting, module: Module) -> str:
    one = found.call
    default = " = {}" if one.input.optional else ""
    parameters = (
        f"client: {module.type(RUNTIME, 'Client')}",
        "fields: readonly Key[]",
        f"input: {found.input}{default}",
        f"options?: {module.type(RUNTIME, 'CallOptions')}",
    )
    item = module.type(TYPES, found.item)
    head = Group(
        f"export function {found.function}<Key extends keyof {item}>(",
        parameters,
        f"): Promise<{found.result}> {{",
    )
    words = comment([f"{{@link {one.function}}} with the chosen members only."])
    body = f"  return client.call({found.function}Operation(fields), input, options)\n"
    return f"{words}{statement(head, 0)}\n{body}}}\n"
