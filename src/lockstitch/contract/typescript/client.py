"""A whole generated client: the files, with the runtime that they stand on."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from lockstitch.contract.channels import join_channels
from lockstitch.contract.document import Warn
from lockstitch.contract.events import describe_events
from lockstitch.contract.reading import read_document
from lockstitch.contract.selections import add_selections
from lockstitch.contract.typescript.calls import Calls, plan_calls, sendable
from lockstitch.contract.typescript.channels import emit_channels
from lockstitch.contract.typescript.emit import emit_plan
from lockstitch.contract.typescript.index import emit_index
from lockstitch.contract.typescript.mock import mock_files
from lockstitch.contract.typescript.operations import emit_operations
from lockstitch.contract.typescript.options import TypeScriptOptions
from lockstitch.contract.typescript.plan import Plan
from lockstitch.contract.typescript.queries import emit_keys, emit_queries
from lockstitch.contract.typescript.runtime import runtime_files
from lockstitch.contract.typescript.schemas import emit_schemas
from lockstitch.contract.typescript.swr import emit_swr

Part = Literal["operations", "channels", "queries", "swr", "schemas", "mock"]
Imports = Literal["js", "ts", "bare"]
PARTS: Final[tuple[Part, ...]] = ("operations", "channels", "queries", "swr", "schemas", "mock")

_EMITTERS: Final[Mapping[Part, Callable[[Calls], str]]] = {
    "operations": emit_operations,
    "channels": emit_channels,
    "queries": emit_queries,
    "swr": emit_swr,
    "schemas": emit_schemas,
}
_SPECIFIER: Final = re.compile(r"(from '\.{1,2}/[A-Za-z0-9/_-]+)\.[jt]s'")
_SUFFIXES: Final[Mapping[Imports, str]] = {"js": ".js", "ts": ".ts", "bare": ""}


@dataclass(frozen=True, slots=True)
class Client:
    """The files of a client by their path, and what its contract says that they do not do."""

    files: dict[str, str]
    warnings: tuple[Warn, ...]


def emit_client(
    openapi: Mapping[str, Any],
    options: TypeScriptOptions | None = None,
    *,
    asyncapi: Mapping[str, Any] | None = None,
    parts: Collection[Part] = PARTS,
    imports: Imports = "bare",
) -> dict[str, str]:
    """Return the files of `make_client`."""
    return make_client(openapi, options, asyncapi=asyncapi, parts=parts, imports=imports).files


def make_client(
    openapi: Mapping[str, Any],
    options: TypeScriptOptions | None = None,
    *,
    asyncapi: Mapping[str, Any] | None = None,
    parts: Collection[Part] = PARTS,
    imports: Imports = "bare",
) -> Client:
    """Return a client and the warnings about its contract.

    Args:
        openapi: The parsed OpenAPI document.
        options: How types are spelled.
        asyncapi: The parsed AsyncAPI document of the service's WebSocket channels.
        parts: Which files to make besides the types and their decoders and encoders.
        imports: How modules name each other: `bare` (`./types`) is what bundlers resolve, Next.js
            among them; `js` what Node's own resolution wants after compilation; `ts` what Node
            runs as it is.

    Raises:
        ContractError: The document cannot be used; the message has the JSON pointer.
    """
    described = add_selections(describe_events(openapi))
    joined = join_channels(described, asyncapi) if asyncapi is not None else described
    plan = Plan(sendable(read_document(joined)), options)
    calls = plan_calls(plan)
    files = emit_plan(plan)
    wanted = {*parts}
    if wanted & {"queries", "swr"}:
        wanted.add("operations")
        files["keys.ts"] = emit_keys(calls)
    if "channels" in wanted and any(not stream.alone for stream in calls.streams):
        wanted.add("operations")
    files |= {f"{part}.ts": emit(calls) for part, emit in _EMITTERS.items() if part in wanted}
    files["index.ts"] = emit_index(calls, files)
    files |= runtime_files()
    if "mock" in wanted:
        files |= mock_files(plan)
    suffix = _SUFFIXES[imports]
    written = {
        name: _SPECIFIER.sub(lambda found: f"{found[1]}{suffix}'", text)
        for name, text in sorted(files.items())
    }
    # The same schema is lowered for each direction.
    return Client(written, tuple(dict.fromkeys((*plan.document.warnings, *plan.warnings))))
