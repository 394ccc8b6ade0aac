"""Emission of `schemas.ts`: every type as a Standard Schema, for form and other libraries."""

import re

from lockstitch.contract.typescript.calls import Calls
from lockstitch.contract.typescript.layout import WIDTH, comment
from lockstitch.contract.typescript.module import Module
from lockstitch.contract.typescript.names import unique
from lockstitch.contract.typescript.operations import generic

RUNTIME = "./runtime/standard-schema.js"
# What becomes lower case at the beginning of a variable: HTTPError → httpError.
_ACRONYM = re.compile(r"^[A-Z]+(?=[A-Z][a-z]|$)|^[A-Z]")


def emit_schemas(calls: Calls) -> str:
    """Return `schemas.ts`."""
    plan = calls.plan
    module = Module(plan.document)
    blocks: list[str] = []
    taken: set[str] = set()
    for unit in plan.units.values():
        name = unit.name
        variable = unique(_ACRONYM.sub(lambda found: found[0].lower(), name), taken)
        taken.add(variable)
        type_ = module.type("./types.js", name)
        schema = module.type(RUNTIME, "StandardSchema")
        if unit.writes:
            write = module.value("./encode.js", f"write{name}")
            made = module.value(RUNTIME, "valueSchema")
            renaming = "camelCase" if plan.options.names == "camel" else "wireName"
            inner = f"{made}({write}, {module.value(RUNTIME, renaming)})"
            words = comment([f"Checks a {name} before it is sent, as a form has it."])
            blocks.append(words + _constant(f"{variable}Schema", schema, [type_], inner))
        if unit.reads:
            read = module.value("./decode.js", f"read{name}")
            inner = f"{module.value(RUNTIME, 'wireSchema')}({read})"
            words = comment([f"Reads a {name} from JSON."])
            read_as = ["unknown", type_]
            blocks.append(words + _constant(f"{variable}WireSchema", schema, read_as, inner))
    return module.text(blocks)


def _constant(name: str, schema: str, arguments: list[str], value: str) -> str:
    head = f"export const {name}: "
    head += f"{generic(schema, arguments, len(head))} ="
    line = f"{head} {value}"
    return f"{line}\n" if len(line.rpartition("\n")[2]) <= WIDTH else f"{head}\n  {value}\n"
