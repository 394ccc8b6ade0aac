"""Emission of `index.ts`: what a project imports most, in one place."""

from collections.abc import Collection
from typing import Final

from lockstitch.contract.typescript.calls import Calls
from lockstitch.contract.typescript.layout import Group, Row, statement
from lockstitch.contract.typescript.module import header

VALUES: Final = (
    "AbortedError",
    "CircuitOpenError",
    "ClientError",
    "InvalidRequestError",
    "NetworkError",
    "ProblemError",
    "TimeoutError",
    "UndecodableError",
    "createHealth",
)
TYPES: Final = ("CallOptions", "Client", "ClientOptions", "Exchange")
# It refuses plain http to other machines.
MAKER: Final = "createHttpsClient"
BRANDS: Final = ("Decimal", "Duration", "Int64", "PlainDate", "PlainTime", "Uuid")
# Query adapters have peers of their own, so a project imports them by their path.
LISTED: Final = ("types.ts", "operations.ts", "channels.ts", "schemas.ts")


def emit_index(calls: Calls, files: Collection[str]) -> str:
    """Return `index.ts` for a folder with these files."""
    stars = "".join(
        f"export * from './{name.removesuffix('.ts')}.js'\n" for name in LISTED if name in files
    )
    taken = calls.names
    runtime = [*VALUES, *(f"type {name}" for name in TYPES)]
    formats = [f"is{name}" for name in BRANDS] + [f"type {name}" for name in BRANDS]
    lines = _export(runtime, "./runtime/index.js", taken)
    made = _renamed("createClient", taken).rpartition(" ")[2]
    makers = [f"{MAKER} as {made}", "type HttpsClientOptions"]
    lines += _export(makers, "./runtime/https-client.js", taken)
    lines += _export(formats, "./runtime/formats.js", taken)
    return f"{header(calls.plan.document)}{stars}{lines}"


def _export(names: list[str], module: str, taken: Collection[str]) -> str:
    spelled = tuple(_renamed(name, taken) for name in names)
    group = Group("{", spelled, f"}} from '{module}'", padded=True)
    return statement(Row(("export ", group)), 0) + "\n"


def _renamed(name: str, taken: Collection[str]) -> str:
    """Return the name, or another beside it when the contract has a type of that name."""
    bare = name.removeprefix("type ")
    return f"{name} as Runtime{bare[0].upper()}{bare[1:]}" if bare in taken else name
