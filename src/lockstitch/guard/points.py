"""The points of a picture, and what joins them."""

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal["page", "component", "hook", "function", "operation", "model", "table"]
KINDS: Final[tuple[Kind, ...]] = (
    "page",
    "component",
    "hook",
    "function",
    "operation",
    "model",
    "table",
)


class Node(BaseModel):
    """A point of the picture.

    Attributes:
        place: Its file and line, where it has one.
        errors: What can go wrong there: of an operation its problems, of a table its constraints,
            of everything before an operation what that operation may answer.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    kind: Kind
    name: str
    place: str | None = None
    errors: tuple[str, ...] = ()


class Edge(BaseModel):
    """Who uses whom; `label` says how, where there are several ways."""

    model_config = ConfigDict(frozen=True)

    source: str
    target: str
    label: str = ""
