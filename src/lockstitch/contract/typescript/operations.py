"""Emission of `operations.ts`: a descriptor and a function for each operation."""

import re
from collections.abc import Iterator, Sequence

from lockstitch.contract.typescript.answers import Reading
from lockstitch.contract.typescript.calls import Call, Calls, StreamCall
from lockstitch.contract.typescript.examples import example
from lockstitch.contract.typescript.fields import emit_fields
from lockstitch.contract.typescript.inputs import declaration, encoder
from lockstitch.contract.typescript.layers import layers
from lockstitch.contract.typescript.layout import (
    WIDTH,
    Alternatives,
    Group,
    Node,
    Row,
    comment,
    render,
    statement,
)
from lockstitch.contract.typescript.module import Module
from lockstitch.contract.typescript.names import quoted

RUNTIME = "./runtime/index.js"


def emit_operations(calls: Calls) -> str:
    """Return `operations.ts`."""
    module = Module(calls.plan.document, calls.names)
    selections: set[str] = set()
    blocks: list[str] = []
    for call in calls.calls:
        blocks += [*_blocks(calls, call, module), *emit_fields(calls, call, module, selections)]
    return module.text(blocks)


def _blocks(calls: Calls, call: Call, module: Module) -> Iterator[str]:
    import_input_types(call, module)
    if call.input.declared:
        yield declaration(call.input, comment([f"What {{@link {call.function}}} takes."]))
    for reading in (*call.answers.outputs, *call.answers.failures):
        if reading.decode:
            module.type("./types.js", reading.type.removesuffix("[]"))
    if call.answers.failures:
        yield _problems(call)
        yield _error(call, module)
    yield _descriptor(calls, call, module)
    yield _function(calls, call, module)


def import_input_types(call: Call | StreamCall, module: Module) -> None:
    """Import the types that the input of a call is made of."""
    taken = call.input
    roots = list(taken.places.values())
    if taken.body is not None and taken.body.root is not None:
        roots.append(taken.body.root)
    for root in roots:
        module.type("./types.js", root.type)


def _problems(call: Call) -> str:
    members = [f"  {_status(one.status)}: {one.type}\n" for one in call.answers.failures]
    words = comment([f"What {{@link {call.function}}} may fail with, by status."])
    return f"{words}export interface {call.problems} {{\n{''.join(members)}}}\n"


def _error(call: Call, module: Module) -> str:
    transport = module.type(RUNTIME, "TransportError")
    problem = module.type(RUNTIME, "ProblemOf")
    words = comment(
        [f"Every failure of {{@link {call.function}}}; `kind` and `status` tell which."]
    )
    head = f"export type {call.error} ="
    spelled = Alternatives((transport, f"{problem}<{call.problems}>"))
    laid_out = render(spelled, column=len(head) + 1)
    return f"{words}{head}{'' if laid_out.startswith(chr(10)) else ' '}{laid_out}\n"


def _status(status: str) -> str:
    return status if status.isdecimal() or status == "default" else quoted(status)


def _descriptor(calls: Calls, call: Call, module: Module) -> str:
    generics = [call.input.type, call.answers.type]
    if call.answers.failures:
        generics.append(call.problems)
    members = descriptor_members(call)
    members.append(f"idempotency: '{call.idempotency}'")
    members.append(encoder(call.input, call.operation, module))
    members.append(table("outputs", call.answers.outputs, module))
    members.append(table("failures", call.answers.failures, module))
    if call.answers.body is not None:
        members.append(f"body: '{call.answers.body}'")
    members += layers(calls, call, module)
    type_ = generic(module.type(RUNTIME, "Operation"), generics, len(call.descriptor) + 20)
    words = comment([f"How {{@link {call.function}}} travels."])
    return words + constant(call.descriptor, type_, members)


def descriptor_members(call: Call | StreamCall) -> list[Node]:
    """Return the members that descriptors of operations and streams share."""
    return [
        f"id: {quoted(call.operation.id)}",
        f"method: '{call.operation.method.upper()}'",
        f"path: {quoted(call.operation.path)}",
        f"group: {quoted(call.group)}",
    ]


def constant(name: str, type_: str, members: Sequence[Node]) -> str:
    """Return an exported constant, one member a line."""
    lines = "".join(f"  {render(member, 1, 2, tail=1)},\n" for member in members)
    return f"export const {name}: {type_} = {{\n{lines}}}\n"


def generic(name: str, arguments: Sequence[str], column: int) -> str:
    """Return a type with its arguments, one a line where they do not fit."""
    flat = f"{name}<{', '.join(arguments)}>"
    if column + len(flat) + 4 <= WIDTH:
        return flat
    lines = ",\n".join(f"  {argument}" for argument in arguments)
    return f"{name}<\n{lines}\n>"


def table(name: str, readings: Sequence[Reading], module: Module) -> Node:
    """Return a member that maps statuses to decoders."""
    entries = tuple(f"{_status(one.status)}: {one.expression(module)}" for one in readings)
    return Row((f"{name}: ", Group("{", entries, "}", padded=True)))


def _function(calls: Calls, call: Call, module: Module) -> str:
    client = f"client: {module.type(RUNTIME, 'Client')}"
    options = f"options?: {module.type(RUNTIME, 'CallOptions')}"
    body = f"return client.call({call.descriptor}, {argument(call)}, options)"
    parameters = [client, *input_parameter(call), options]
    words = _words(calls, call)
    return words + function(call.function, parameters, f"Promise<{call.answers.type}>", body)


def input_parameter(call: Call | StreamCall) -> list[str]:
    """Return the parameter that carries the input: none, one, or one with a default."""
    taken = call.input
    if not call.takes_input:
        return []
    if not taken.optional:
        return [f"input: {taken.type}"]
    if taken.body is not None and not taken.declared:
        return [f"input?: {taken.body.type}"]
    return [f"input: {taken.type} = {{}}"]


def argument(call: Call | StreamCall) -> str:
    """Return what stands for the input inside the function."""
    return "input" if call.takes_input else "undefined"


def function(name: str, parameters: Sequence[str], result: str, body: str) -> str:
    """Return an exported function of one statement."""
    head = Group(f"export function {name}(", tuple(parameters), f"): {result} {{")
    return f"{statement(head, 0)}\n{statement(body)}\n}}\n"


def _words(calls: Calls, call: Call) -> str:
    result = call.answers.type
    given = given_argument(calls, call)
    variable = "answer" if call.function != "answer" else "result"
    assigned = "" if result == "undefined" else f"const {variable} = "
    lines = [f"{assigned}await {call.function}({', '.join(['client', *given])})"]
    return comment([*description(call), *fenced(lines)])


def given_argument(calls: Calls, call: Call | StreamCall) -> list[str]:
    """Return the argument of an example; `input` stands for one that is long to spell."""
    if not call.takes_input:
        return []
    value = example(calls.plan, call.input)
    if value == "{}" and call.input.optional:
        return []
    return [value or "input"]


def fenced(lines: Sequence[str]) -> list[str]:
    """Return the lines as the example of a doc comment."""
    return ["", "@example", "```ts", *lines, "```"]


def description(call: Call | StreamCall) -> list[str]:
    """Return what a doc comment says of an operation."""
    operation = call.operation
    told = [text.strip() for text in (operation.summary, operation.description) if text]
    if len(told) > 1 and (told[1].startswith(told[0]) or _is_name(told[0], call.function)):
        told = told[1:]
    lines: list[str] = []
    for text in told:
        lines += [*([""] if lines else []), *_without_tags(text).splitlines()]
    method = f"`{operation.method.upper()} {operation.path}`"
    audience = call.facts.audience
    if audience is not None:
        rights = audience.role or audience.scope
        method += f", for: {audience.kind}" + (f" ({rights})" if rights else "")
    lines += ["", method] if lines else [method]
    return [*lines, *deprecation(call)]


def deprecation(call: Call | StreamCall) -> list[str]:
    """Return the tag for which editors strike a name through; empty where nothing will go."""
    fact = call.facts.deprecation
    if fact is None:
        return ["", "@deprecated"] if call.operation.deprecated else []
    words = [f"since {fact.since.isoformat()}"]
    if fact.sunset is not None:
        words.append(f"gone from {fact.sunset.isoformat()} on")
    sentence = f"{', '.join(words).capitalize()}."
    if fact.replacement is not None:
        sentence += f" Use {fact.replacement} instead."
    if fact.link is not None:
        sentence += f" See {fact.link}"
    return ["", f"@deprecated {sentence}"]


def _is_name(summary: str, function: str) -> bool:
    """Whether a summary is only the function's name in words, as FastAPI makes it."""
    return re.sub(r"\W", "", summary).lower() == function.lower()


def _without_tags(text: str) -> str:
    """Keep a line of prose that begins with "@" from becoming a tag of the doc comment."""
    return re.sub(r"^(\s*)@", r"\1\\@", text, flags=re.MULTILINE)
