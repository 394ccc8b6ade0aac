"""Requests as they arrive at a prediction route, drawn from a seed: sound, odd and hostile ones."""

from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import unquote

Field = tuple[bytes, bytes]

_METHODS = ("GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "QUERY", "POST ")
_ODD_PATHS = (
    *("{path}/", "/{path}", "{path}%0A", "{path}%20", "{path}//", "{path};a=b", "{path}%2F"),
    *("/v1/models/nobody/predictions", "/v1//models/echo/predictions", "{path}:other"),
)
_SAME_PATHS = ("/v1/models/{name}/prediction%73", "/%761/models/{name}/predictions")
_QUERIES = (b"", b"", b"", b"", b"text=hello", b"a=1&a=2", b"%00", b"key=%ff&=")
_MEDIA_TYPES: tuple[tuple[bytes, ...], ...] = (
    *([(b"application/json",)] * 12),
    *((b"application/json; charset=utf-8",), (b"APPLICATION/JSON",), (b"application/json ;a=b",)),
    *((b"application/problem+json",), (b"application/json; charset=utf-16",)),
    *((b"text/plain",), (b"multipart/form-data; boundary=x",), (b"application/jsonp",), (), (b"",)),
    *((b"application/json", b"text/plain"), (b"text/plain", b"application/json")),
)
_BODIES = (
    *(b"", b"{", b"null", b"[]", b'"text"', b"1", b"{}", b'{"text": null}', b'{"text": 1}'),
    *(b'{"text": "hello", "more": 1}', b'{"text": ""}', b'{"text": "hello", "volume": "1"}'),
    *(b'{"text": "hello", "volume": NaN}', b'{"text": "hello", "volume": 1e999}'),
    *(b'{"text": "hello", "volume": -Infinity}', b'{"text": "hello", "volume": 2}'),
    *(b'{"text": "hello", "volume": true}', b'{"text": "hello"} x', b'\xef\xbb\xbf{"text": "a"}'),
    *(b'{"text": "\xff"}', b'{"text": "a\\u0000b"}', b'{"text": "one", "text": "two"}'),
    *(b'{"text": "\\ud800"}', b'{"a": [[[[[[1]]]]]], "text": []}', b"[" * 600, b"x" * 3000),
    *(b'{"text": "raise"}', b'{"text": "refuse"}', b'{"text": "nan"}', b'{"text": "busy"}'),
)
_ORIGINS: tuple[tuple[Field, ...], ...] = (
    *([()] * 12),
    *(((b"origin", b"http://testserver"),), ((b"origin", b"https://elsewhere.example"),)),
    *(((b"origin", b"null"),), ((b"origin", b""),), ((b"sec-fetch-site", b"cross-site"),)),
    *(((b"sec-fetch-site", b"same-origin"),), ((b"sec-fetch-site", b"none"),)),
    ((b"origin", b"http://testserver"), (b"origin", b"https://elsewhere.example")),
)
_REQUEST_IDS: tuple[tuple[Field, ...], ...] = (
    *([()] * 8),
    *(((b"x-request-id", b"caller-1234"),), ((b"x-request-id", b"a b\n"),)),
    *(((b"x-request-id", b"x" * 80),), ((b"x-request-id", b"first-one"), (b"x-request-id", b"b"))),
)
_OTHERS: tuple[tuple[Field, ...], ...] = (
    *([()] * 8),
    *(((b"accept", b"text/html"),), ((b"x-request-deadline-ms", b"60000"),)),
    *(((b"x-request-deadline-ms", b"soon"),), ((b"x-forwarded-for", b"203.0.113.9"),)),
    *(((b"traceparent", b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01"),), ((b"cookie", b"a=b"),)),
)
_SERVERS = (*([("127.0.0.1", 8123)] * 12), ("192.0.2.7", 8123), None)


@dataclass(frozen=True, slots=True)
class Generated:
    """One request. `caller` names the credentials, which each application has of its own."""

    method: str
    raw_path: str
    query: bytes
    caller: str
    headers: tuple[Field, ...]
    chunks: tuple[bytes, ...]
    disconnects: bool
    server: tuple[str, int] | None

    @property
    def path(self) -> str:
        """The path as a server decodes it."""
        return unquote(self.raw_path)

    @property
    def body(self) -> bytes:
        """The whole body."""
        return b"".join(self.chunks)

    def scope(self, credentials: tuple[Field, ...]) -> dict[str, Any]:
        """Return the ASGI scope of the request, of whoever has these credentials."""
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": self.method,
            "scheme": "http",
            "path": self.path,
            "raw_path": self.raw_path.encode(),
            "root_path": "",
            "query_string": self.query,
            "headers": [(b"host", b"testserver"), *credentials, *self.headers],
            "client": ("127.0.0.1", 50_000),
            "server": self.server,
            "state": {},
        }


@dataclass
class Generator:
    """Draws requests: most are sound in most respects, so that each oddity is met alone too."""

    seed: int
    names: tuple[str, ...]
    callers: tuple[str, ...]
    _random: Random = field(init=False)
    _keyed: list[Generated] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)

    def draw(self) -> Generated:
        """Return the next request; one with a key may come again as it was."""
        if self._keyed and self._random.random() < 0.06:
            return self._random.choice(self._keyed)
        drawn = self._new()
        if any(name == b"idempotency-key" for name, _ in drawn.headers):
            self._keyed.append(drawn)
        return drawn

    def _new(self) -> Generated:
        draw = self._random
        body = self._body()
        chunks = self._chunks(body)
        return Generated(
            method=draw.choice(_METHODS) if draw.random() < 0.06 else "POST",
            raw_path=self._path(),
            query=draw.choice(_QUERIES),
            caller=self.callers[0] if draw.random() < 0.6 else draw.choice(self.callers),
            headers=(
                *((b"content-type", one) for one in draw.choice(_MEDIA_TYPES)),
                *self._length(body),
                *draw.choice(_ORIGINS),
                *self._key(),
                *draw.choice(_REQUEST_IDS),
                *draw.choice(_OTHERS),
            ),
            chunks=chunks,
            disconnects=draw.random() < 0.04,
            server=draw.choice(_SERVERS),
        )

    def _path(self) -> str:
        name = self._random.choice(self.names)
        path = f"/v1/models/{name}/predictions"
        chance = self._random.random()
        if chance < 0.06:
            return self._random.choice(_ODD_PATHS).format(path=path)
        return self._random.choice(_SAME_PATHS).format(name=name) if chance < 0.12 else path

    def _body(self) -> bytes:
        if self._random.random() < 0.5:
            return self._random.choice(_BODIES)
        text = self._random.choice(("hello", "h\u00e9llo \U0001f30d", 'a \\"b\\" \\n', "null NaN"))
        volume = self._random.choice(("", ', "volume": 0.5', ', "volume": 1', ', "volume": null'))
        return f'{{"text": "{text}"{volume}}}'.encode()

    def _chunks(self, body: bytes) -> tuple[bytes, ...]:
        if self._random.random() < 0.7 or len(body) < 2:
            return (body,)
        cut = self._random.randrange(1, len(body))
        return (body[:cut], b"", body[cut:])

    def _length(self, body: bytes) -> tuple[Field, ...]:
        chance = self._random.random()
        if chance < 0.15:
            return ((b"transfer-encoding", b"chunked"),)
        odd = self._random.choice((b"9999999999", b"-1", b"ten", b"\xb2"))
        return ((b"content-length", odd if chance < 0.2 else b"%d" % len(body)),)

    def _key(self) -> tuple[Field, ...]:
        chance = self._random.random()
        if chance < 0.75:
            return ()
        odd = ((), (b"a b",), (b"",), (b"x" * 256,), (b"one", b"two"), (b"\xe9",))
        usual = ((b"key-%d" % self._random.randrange(30),),)
        keys = self._random.choice(odd) if chance < 0.8 else usual[0]
        return tuple((b"idempotency-key", key) for key in keys)
