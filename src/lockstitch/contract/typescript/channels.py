"""Emission of `channels.ts`: server-sent events and WebSocket channels."""

from collections.abc import Iterator

from lockstitch.contract.typescript.answers import CHECKS
from lockstitch.contract.typescript.calls import Calls, StreamCall
from lockstitch.contract.typescript.inputs import declaration, encoder
from lockstitch.contract.typescript.layout import Node, comment
from lockstitch.contract.typescript.module import Module
from lockstitch.contract.typescript.names import quoted
from lockstitch.contract.typescript.operations import (
    RUNTIME,
    argument,
    constant,
    description,
    descriptor_members,
    fenced,
    function,
    generic,
    given_argument,
    import_input_types,
    input_parameter,
    table,
)

PLAIN = "./runtime/plain-stream.js"
REALTIME = "./runtime/realtime.js"
WIRE_REQUEST = "./runtime/wire-request.js"


def emit_channels(calls: Calls) -> str:
    """Return `channels.ts`."""
    module = Module(calls.plan.document, calls.names)
    return module.text(block for one in calls.streams for block in _blocks(calls, one, module))


def _blocks(calls: Calls, one: StreamCall, module: Module) -> Iterator[str]:
    if one.input.declared and not one.alone:
        module.type("./operations.js", one.input.type)
    else:
        import_input_types(one, module)
    if one.input.declared and one.alone:
        yield declaration(one.input, comment([f"What {{@link {one.function}}} takes."]))
    if one.facts.channel is not None:
        yield _channel(calls, one, module)
        return
    yield _descriptor(one, module)
    yield _function(calls, one, module)


def _event(one: StreamCall, module: Module) -> tuple[str, str]:
    """Return the type of an event and its decoder."""
    if one.item is None:
        return module.type(CHECKS, "UntypedEvent"), module.value(CHECKS, "untypedEvent")
    type_ = module.type("./types.js", one.item.type)
    decode = module.value("./decode.js", one.item.decode)
    return type_, decode if one.whole else f"{module.value(CHECKS, 'eventData')}({decode})"


def _channel(calls: Calls, one: StreamCall, module: Module) -> str:
    event, decode = _event(one, module)
    address = quoted(one.facts.channel.address if one.facts.channel else "")
    stream = f"stream: () => ({{ ok: true, value: {address} }})"
    if one.input.places:
        encode = module.value("./encode.js", one.input.places["path"].encode)
        named = module.value(WIRE_REQUEST, "streamName")
        stream = f"stream: (input) => {named}({address}, {encode}(input))"
    members: list[Node] = [f"id: {quoted(one.operation.id)}", stream, f"decode: {decode}"]
    type_ = generic(module.type(REALTIME, "Channel"), [one.input.type, event], len(one.descriptor))
    given = (given_argument(calls, one) or ["undefined"])[0]
    lines = [f"for await (const item of realtime.subscribe({one.descriptor}, {given})) {{"]
    lines += ["  if (item.kind === 'event') console.log(item.value)", "}"]
    told = [text for text in (one.operation.summary, one.operation.description) if text]
    words = comment([*(told or [f"The channel {address}."]), *fenced(lines)])
    return words + constant(one.descriptor, type_, members)


def _descriptor(one: StreamCall, module: Module) -> str:
    event, decode = _event(one, module)
    members = descriptor_members(one)
    members.append("idempotency: 'natural'")
    members.append(encoder(one.input, one.operation, module))
    members.append(table("failures", one.answers.failures, module))
    members.append(f"decode: {decode}")
    type_ = generic(
        module.type(RUNTIME, "StreamOperation"), [one.input.type, event], len(one.descriptor) + 20
    )
    return comment([f"How {{@link {one.function}}} travels."]) + constant(
        one.descriptor, type_, members
    )


def _function(calls: Calls, one: StreamCall, module: Module) -> str:
    event, _ = _event(one, module)
    if one.resumable:
        opened = module.value(RUNTIME, "openStream")
        options = f"options?: {module.type(RUNTIME, 'StreamOptions')}"
        result = f"{module.type(RUNTIME, 'EventStream')}<{event}>"
        body = ["  if (item.kind === 'event') console.log(item.value)"]
    else:
        opened = module.value(PLAIN, "openPlainStream")
        options = f"options?: {module.type(PLAIN, 'PlainStreamOptions')}"
        result = f"AsyncGenerator<{event}, void, undefined>"
        body = ["  console.log(item)"]
    given = ", ".join(["client", *given_argument(calls, one)])
    lines = [f"for await (const item of {one.function}({given})) {{", *body, "}"]
    parameters = [f"client: {module.type(RUNTIME, 'Client')}", *input_parameter(one), options]
    inner = f"return {opened}(client, {one.descriptor}, {argument(one)}, options)"
    return comment([*description(one), *fenced(lines)]) + function(
        one.function, parameters, result, inner
    )
