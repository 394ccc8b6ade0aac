"""Requests and answers, and how the verifier sends requests of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2

from lockstitch.contract.document import Operation
from lockstitch.contract.mock.requests import Received
from lockstitch.guard.conformance import Answer

SUCCESSES: Final = range(200, 300)
ACCEPTED_FOR_LATER: Final = 202
MAX_BODY_BYTES: Final = 1_048_576
EVENT_STREAM: Final = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it went over the wire; the names of headers are in lower case."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def path(self) -> str:
        """The path, still percent-encoded."""
        return urlsplit(self.url).path

    def without(self, *names: str) -> "Request":
        """Return the request without some headers."""
        kept = {name: value for name, value in self.headers.items() if name not in names}
        return replace(self, headers=kept)

    def with_headers(self, headers: Mapping[str, str]) -> "Request":
        """Return the request with more headers, or others."""
        lower = {name.lower(): value for name, value in headers.items()}
        return replace(self, headers={**self.headers, **lower})

    def without_query(self, *names: str) -> "Request":
        """Return the request without some parameters of its query."""
        parts = urlsplit(self.url)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        if not any(name in names for name, _ in pairs):
            return self
        query = urlencode([(name, value) for name, value in pairs if name not in names])
        return replace(self, url=parts._replace(query=query).geturl())

    def with_query(self, name: str, value: str) -> "Request":
        """Return the request with one parameter more in its query."""
        parts = urlsplit(self.url)
        query = "&".join(filter(None, [parts.query, urlencode({name: value})]))
        return replace(self, url=parts._replace(query=query).geturl())

    def reading(self, url: str) -> "Request":
        """Return the request that reads a URL as the same caller."""
        return replace(self.without("content-type", "content-length"), method="GET", url=url).bare()

    def bare(self) -> "Request":
        """Return the request without its body."""
        return replace(self.without("content-type", "content-length"), body=b"")

    def received(self, path: Mapping[str, str]) -> Received:
        """Return the request as a checker of requests takes it."""
        cookies = (pair.partition("=") for pair in self.headers.get("cookie", "").split("; "))
        return Received(
            path=path,
            query_string=urlsplit(self.url).query,
            headers=self.headers,
            cookies={name: value for name, _, value in cookies},
            media_type=self.headers.get("content-type", ""),
            body=self.body,
        )


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request to an operation, and its answer."""

    operation: Operation
    request: Request
    answer: Answer

    @property
    def succeeded(self) -> bool:
        """Whether the service did what was asked."""
        return self.answer.status in SUCCESSES


class Sender:
    """Sends requests without keeping cookies or following redirects."""

    def __init__(self, timeout_seconds: float) -> None:
        self._client = httpx2.Client(timeout=timeout_seconds, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._client.close()

    def send(self, request: Request) -> Answer | None:
        """Return the answer, or None when none came in time; of a stream only its beginning."""
        # As they came from the wire: a header may hold any byte, not only ASCII.
        headers = [
            (name.encode(), value.encode("latin-1"))
            for name, value in request.headers.items()
            if name not in {"host", "content-length"}
        ]
        try:
            with self._client.stream(
                request.method, request.url, headers=headers, content=request.body or None
            ) as response:
                names = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status_code, names, _body(response, names))
        except httpx2.HTTPError:
            return None
        finally:
            self._client.cookies.clear()


def _body(response: httpx2.Response, headers: Mapping[str, str]) -> bytes:
    body = b""
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > MAX_BODY_BYTES or EVENT_STREAM in headers.get("content-type", ""):
            break
    return body


def answered_json(answer: Answer) -> Any:
    """Return the JSON value of an answer, or None when it has none."""
    import json

    try:
        return json.loads(answer.body)
    except ValueError:
        return None
