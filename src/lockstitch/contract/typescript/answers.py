"""What a generated function answers, and how its failures are typed."""

from dataclasses import dataclass
from typing import Literal

from lockstitch.contract.document import Operation, Response
from lockstitch.contract.typescript.inputs import preferred
from lockstitch.contract.typescript.module import Module
from lockstitch.contract.typescript.plan import Plan

CHECKS = "./runtime/checks.js"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How the body of one status is read.

    `decode` names the decoder; `check` one of the runtime; `wrap` what is put around it.
    """

    status: str
    type: str
    decode: str = ""
    check: str = ""
    wrap: str = ""

    def expression(self, module: Module) -> str:
        """Return the decoder."""
        if not self.decode:
            return module.value(CHECKS, self.check)
        decode = module.value("./decode.js", self.decode)
        return f"{module.value(CHECKS, self.wrap)}({decode})" if self.wrap else decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """All that one operation may answer."""

    outputs: tuple[Reading, ...]
    failures: tuple[Reading, ...]
    body: Literal["text", "blob"] | None

    @property
    def type(self) -> str:
        """The type of a success."""
        types = dict.fromkeys(reading.type for reading in self.outputs)
        return "unknown" if "unknown" in types else " | ".join(types)


def plan_answers(plan: Plan, operation: Operation) -> Answers:
    """Return how the answers of an operation are read."""
    successes = [r for r in operation.responses if r.status.startswith("2")]
    default = [r for r in operation.responses if r.status == "default"]
    outputs = successes or default
    kinds = {chosen.kind for r in outputs if (chosen := preferred(r.contents)) is not None}
    body: Literal["text", "blob"] | None = None
    if operation.method == "head":
        outputs = [Response(status=response.status) for response in outputs]
    elif kinds & {"binary", "form", "multipart"}:
        body = "blob"
    elif kinds & {"text", "lines"}:
        body = "text"
    readings = tuple(_output(plan, response, body) for response in outputs)
    return Answers(
        outputs=readings or (Reading(status="default", type="undefined", check="unread"),),
        failures=tuple(_failure(plan, r) for r in operation.responses if r.status[0] in "45d"),
        body=body,
    )


def _output(plan: Plan, response: Response, body: Literal["text", "blob"] | None) -> Reading:
    content = preferred(response.contents)
    status = response.status
    if content is None:
        return Reading(status=status, type="undefined", check="unread")
    if body == "blob":
        return Reading(status=status, type="Blob", check="bytes")
    if content.kind == "lines":
        item = plan.item(content)
        if item is not None:
            read = f"read{item.type}"
            return Reading(status=status, type=f"{item.type}[]", decode=read, wrap="lines")
    if content.kind in {"text", "lines"}:
        return Reading(status=status, type="string", check="text")
    root = plan.response(content)
    if root is None:
        return Reading(status=status, type="unknown", check="unchecked")
    wrap = "parsed" if body == "text" else ""
    return Reading(status=status, type=root.type, decode=root.decode, wrap=wrap)


def _failure(plan: Plan, response: Response) -> Reading:
    json = next((content for content in response.contents if content.kind == "json"), None)
    if json is None:
        return Reading(status=response.status, type="undefined", check="unread")
    root = plan.response(json)
    if root is None:
        return Reading(status=response.status, type="unknown", check="unchecked")
    return Reading(status=response.status, type=root.type, decode=root.decode)
