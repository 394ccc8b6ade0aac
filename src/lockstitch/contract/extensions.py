"""The `x-lockstitch-…` members of an operation: what a client must know and OpenAPI cannot say."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, RootModel, ValidationError, model_validator

from lockstitch.contract.document import Document, Operation
from lockstitch.contract.operation_names import spoken_ids
from lockstitch.contract.pointers import child
from lockstitch.errors import UnreadableDocument

PREFIX = "x-lockstitch-"


class Pages(BaseModel):
    """The answer is one page of a list, and a cursor leads to the next.

    Attributes:
        cursor: The query parameter that takes the cursor.
        items: The member of the answer that holds the items.
        next: The member that holds the next cursor; null or absent on the last page.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: ClassVar[str] = "pages"

    cursor: str = "cursor"
    items: str = "items"
    next: str = "next_cursor"


class Batch(BaseModel):
    """Another operation takes many inputs of this one at once and answers in their order.

    Attributes:
        operation: The operation id of the twin.
        limit: How many inputs it takes at the most.
        items: The member of its body that holds the inputs.
        results: The member of its answer that holds the outputs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: ClassVar[str] = "batch"

    operation: str
    limit: int = Field(default=100, ge=2)
    items: str = "items"
    results: str = "items"


class Fields(BaseModel):
    """The answer can be cut down to some members of its item, or of each item of its page.

    Attributes:
        parameter: The query parameter that takes their names, with commas between.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: ClassVar[str] = "fields"

    parameter: str = "fields"


class Freshness(BaseModel):
    """How long an answer may be used without asking again.

    Attributes:
        seconds: For so long it is fresh.
        stale_on_error_seconds: For so long it may stand in while the service fails.
        shared: Whether it is the same for all callers, so that shared caches may keep it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: ClassVar[str] = "freshness"

    seconds: int = Field(ge=0)
    stale_on_error_seconds: int | None = Field(default=None, ge=1)
    shared: bool = False

    @property
    def cache_control(self) -> str:
        """The value of the Cache-Control header (RFC 9111; stale-if-error from RFC 5861)."""
        scope = "public" if self.shared else "private"
        stale = self.stale_on_error_seconds
        suffix = "" if stale is None else f", stale-if-error={stale}"
        return f"{scope}, max-age={self.seconds}{suffix}"


class Invalidates(RootModel[tuple[str, ...]]):
    """The operation ids whose answers this write makes stale."""

    model_config = ConfigDict(frozen=True)
    name: ClassVar[str] = "invalidates"


class Idempotency(RootModel[Literal["key", "natural"]]):
    """Why a write may be repeated: by its Idempotency-Key, or because repeating changes nothing."""

    model_config = ConfigDict(frozen=True)
    name: ClassVar[str] = "idempotency"


class Stream(BaseModel):
    """Server-sent events with the frames event, gap, end and ping, which can be resumed."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: ClassVar[str] = "stream"

    frames: Literal["positions"] = "positions"


class Audience(BaseModel):
    """Who may call: everybody, a person with a role, or a machine with a scope."""

    model_config = ConfigDict(frozen=True, extra="allow")
    name: ClassVar[str] = "audience"

    kind: str
    role: str | None = None
    scope: str | None = None
    claims: tuple[str, ...] | None = None


class Deprecation(BaseModel):
    """The operation will go, and what to call in its place.

    Attributes:
        since: The day on which it was, or will be, deprecated.
        sunset: The day from which it may be gone.
        replacement: The operation to call instead, by its id or in words.
        link: Where a person reads more.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: ClassVar[str] = "deprecation"

    since: date
    sunset: date | None = None
    replacement: str | None = None
    link: str | None = None

    @model_validator(mode="after")
    def _sunset_comes_last(self) -> "Deprecation":
        if self.sunset is not None and self.sunset < self.since:
            raise ValueError("The sunset must not be before the deprecation (RFC 9745)")
        return self

    @property
    def headers(self) -> dict[str, str]:
        """The headers Deprecation (RFC 9745), Sunset (RFC 8594) and Link (RFC 8288)."""
        found = {"Deprecation": f"@{int(_midnight(self.since).timestamp())}"}
        if self.sunset is not None:
            found["Sunset"] = format_datetime(_midnight(self.sunset), usegmt=True)
        if self.link is not None:
            found["Link"] = f'<{self.link}>; rel="deprecation"; type="text/html"'
        return found


class Channel(BaseModel):
    """A WebSocket channel of an AsyncAPI document; `address` names its stream."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: ClassVar[str] = "channel"

    address: str


class Events(RootModel[Literal["data", "whole"]]):
    """What the item schema of an event stream describes: the data, or its type and data.

    `describe_events` adds it; nobody declares it.
    """

    model_config = ConfigDict(frozen=True)
    name: ClassVar[str] = "events"


Extension = (
    Pages
    | Batch
    | Fields
    | Freshness
    | Invalidates
    | Idempotency
    | Stream
    | Audience
    | Deprecation
    | Channel
    | Events
)
AnyExtension = TypeVar("AnyExtension", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extensions:
    """What an operation declares."""

    pages: Pages | None = None
    batch: Batch | None = None
    fields: Fields | None = None
    freshness: Freshness | None = None
    invalidates: tuple[str, ...] = ()
    idempotency: Literal["key", "natural"] | None = None
    stream: Stream | None = None
    audience: Audience | None = None
    deprecation: Deprecation | None = None
    channel: Channel | None = None
    events: Literal["data", "whole"] | None = None


def read_extensions(operation: Operation, document: Document) -> Extensions:
    """Return what an operation declares.

    Raises:
        UnreadableDocument: A declaration is malformed, or names an operation that there is not.
    """
    batch = _read(operation, Batch, Batch.name)
    invalidates = _read(operation, Invalidates, Invalidates.name)
    idempotency = _read(operation, Idempotency, Idempotency.name)
    events = _read(operation, Events, Events.name)
    named = invalidates.root if invalidates else ()
    stale = tuple(_named(operation, document, Invalidates.name, one) for one in named)
    if batch is not None:
        twin = _named(operation, document, Batch.name, batch.operation)
        batch = batch.model_copy(update={"operation": twin})
    return Extensions(
        pages=_read(operation, Pages, Pages.name),
        batch=batch,
        fields=_read(operation, Fields, Fields.name),
        freshness=_read(operation, Freshness, Freshness.name),
        invalidates=stale,
        idempotency=idempotency.root if idempotency else None,
        stream=_read(operation, Stream, Stream.name),
        audience=_read(operation, Audience, Audience.name),
        deprecation=_read(operation, Deprecation, Deprecation.name),
        channel=_read(operation, Channel, Channel.name),
        events=events.root if events else None,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def _read(operation: Operation, kind: type[AnyExtension], name: str) -> AnyExtension | None:
    member = f"{PREFIX}{name}"
    if member not in operation.extensions:
        return None
    value: Any = operation.extensions[member]
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        pointer = child(operation.pointer, member, *(str(part) for part in first["loc"]))
        raise UnreadableDocument(f"{first['msg']}.", pointer=pointer) from None


def _named(operation: Operation, document: Document, name: str, wanted: str) -> str:
    """Return the id of what a declaration names, by its id or by what it is called."""
    spoken = spoken_ids(document.operations)
    if wanted in spoken:
        return wanted
    for id_, called in spoken.items():
        if called == wanted:
            return id_
    raise UnreadableDocument(
        f"There is no operation {wanted!r}. Name an operationId of this document, or the function "
        "of a FastAPI route.",
        pointer=child(operation.pointer, f"{PREFIX}{name}"),
    )
