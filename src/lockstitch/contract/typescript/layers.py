"""What wraps an operation because the contract says so: its batch twin, stale answers."""

from lockstitch.contract.algebra import Array, Object, Reference
from lockstitch.contract.typescript.calls import Call, Calls
from lockstitch.contract.typescript.layout import Group, Node, Row
from lockstitch.contract.typescript.module import Module
from lockstitch.contract.typescript.names import access, member_key
from lockstitch.errors import UnreadableDocument


def layers(calls: Calls, call: Call, module: Module) -> list[Node]:
    """Return the member `layers` of a descriptor, or nothing."""
    found: list[Node] = []
    if call.facts.batch is not None:
        found.append(_batch(calls, call, module))
    freshness = call.facts.freshness
    if freshness is not None and freshness.stale_on_error_seconds is not None:
        stale = module.value("./runtime/degradation.js", "staleOnError")
        found.append(f"{stale}({{ seconds: {freshness.stale_on_error_seconds} }})")
    return [Row(("layers: ", Group("[", tuple(found), "]")))] if found else []


def _batch(calls: Calls, call: Call, module: Module) -> Node:
    facts = call.facts.batch
    twin = calls.of(facts.operation) if facts is not None else None
    if facts is None or twin is None:
        raise UnreadableDocument(
            "The batch twin answers with events; name an operation that answers once.",
            pointer=call.operation.pointer,
        )
    _check(calls, call, twin)
    batch_twin = module.value("./runtime/batch.js", "batchTwin")
    items = member_key(calls.plan.member_name(facts.items))
    answer = access("answer", calls.plan.member_name(facts.results))
    lines = (
        f"run: async (client, inputs, options) => {{\n"
        f"        const body = {{ {items}: [...inputs] }}\n"
        f"        const answer = await client.call({twin.descriptor}, body, options)\n"
        f"        return {answer}.map((value) => ({{ ok: true, value }}) as const)\n"
        f"      }}"
    )
    return f"{batch_twin}({{\n      limit: {facts.limit},\n      {lines},\n    }})"


def _check(calls: Calls, call: Call, twin: Call) -> None:
    """Refuse a twin whose types do not fit: TypeScript would, and say less."""
    facts = call.facts.batch
    body = twin.input.body
    given = calls.plan.units[body.root.type].schema if body and body.root else None
    made = calls.plan.units.get(twin.answers.type)
    wanted = (
        (given, facts.items if facts else "", call.input.type, "takes"),
        (made.schema if made else None, facts.results if facts else "", call.answers.type, "gives"),
    )
    for schema, name, type_, verb in wanted:
        member = schema.member(name) if isinstance(schema, Object) else None
        listed = member.schema if member is not None and member.required else None
        fits = isinstance(listed, Array) and listed.items == Reference(type_)
        if schema is given and isinstance(schema, Object):
            fits = fits and not any(p.required and p.name != name for p in schema.properties)
        if not fits or twin.input.declared:
            raise UnreadableDocument(
                f"{twin.operation.id} does not fit as batch twin: {name!r} of what it {verb} must "
                f"be a required list of {type_}.",
                pointer=call.operation.pointer,
            )
