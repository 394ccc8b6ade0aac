"""How the verifier proves who it is, and how a request looks without that proof."""

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from lockstitch.contract.document import Document, Operation, SecurityScheme
from lockstitch.guard.verify.exchange import Request

BROKEN: Final = "lockstitch-verify-broken"
Headers = Mapping[str, str]


@dataclass(slots=True)
class Credentials:
    """The headers that every request of the verifier carries.

    Attributes:
        headers: As they were given; the names are in lower case.
        renew: Signs in anew, where the verifier can: a request may have signed it out.
    """

    headers: Headers = field(default_factory=dict)
    renew: Callable[[], Headers] | None = None

    def refresh(self) -> None:
        """Sign in anew."""
        if self.renew is not None:
            self.headers = {name.lower(): value for name, value in self.renew().items()}

    @property
    def names(self) -> frozenset[str]:
        """The names of the headers whose values are secret."""
        return frozenset(self.headers)

    def carried_by(self, request: Request) -> bool:
        """Whether a request carries these credentials."""
        return bool(self.headers) and all(
            value in request.headers.get(name, "") for name, value in self.headers.items()
        )


class Forgeries:
    """Requests that an operation with security must refuse."""

    def __init__(self, document: Document, credentials: Credentials) -> None:
        self._schemes = {scheme.name: scheme for scheme in document.security_schemes}
        self._credentials = credentials

    def required(self, operation: Operation) -> bool:
        """Whether the contract lets nobody in without a credential."""
        return bool(operation.security) and all(operation.security)

    def anonymous(self, operation: Operation, request: Request) -> Request:
        """Return the request without any credential."""
        schemes = self._of(operation)
        places = {_header(scheme) for scheme in schemes} | {"authorization"}
        queries = [one.parameter or "" for one in schemes if one.place == "query"]
        return request.without(*places, *self._credentials.names).without_query(*queries)

    def broken(self, operation: Operation, request: Request) -> Iterator[tuple[str, Request]]:
        """Yield what is broken and the request that carries it."""
        bare = self.anonymous(operation, request)
        for scheme in self._of(operation):
            for what, headers in _broken(scheme):
                yield what, bare.with_headers(headers)
            if scheme.place == "query" and scheme.parameter:
                yield "a made-up key", bare.with_query(scheme.parameter, BROKEN)
        if self._credentials.headers:
            altered = {name: _altered(text) for name, text in self._credentials.headers.items()}
            yield "an altered credential", bare.with_headers(altered)

    def _of(self, operation: Operation) -> list[SecurityScheme]:
        names = dict.fromkeys(name for one in operation.security for name in one)
        return [self._schemes[name] for name in names if name in self._schemes]


def _header(scheme: SecurityScheme) -> str:
    """Return the header that a scheme travels in."""
    if scheme.type != "apiKey":
        return "authorization"
    return {"cookie": "cookie", "header": (scheme.parameter or "").lower()}.get(
        scheme.place or "", "authorization"
    )


def _broken(scheme: SecurityScheme) -> Iterator[tuple[str, Headers]]:
    kind = (scheme.scheme or "").lower()
    if scheme.type == "http" and kind == "basic":
        pair = b64encode(f"{BROKEN}:{BROKEN}".encode()).decode()
        yield "a wrong password", {"authorization": f"Basic {pair}"}
    elif scheme.type in {"http", "oauth2", "openIdConnect"}:
        yield "a made-up token", {"authorization": f"Bearer {BROKEN}"}
        yield "an unsigned JWT", {"authorization": f"Bearer {_unsigned_token()}"}
    elif scheme.place == "header" and scheme.parameter:
        yield "a made-up key", {scheme.parameter: BROKEN}
    elif scheme.place == "cookie" and scheme.parameter:
        yield "a made-up cookie", {"cookie": f"{scheme.parameter}={BROKEN}"}


def _unsigned_token() -> str:
    """Return a JWT of the algorithm `none`, which RFC 8725 tells services to refuse."""
    parts = ('{"alg":"none","typ":"JWT"}', '{"sub":"1","role":"admin","exp":4102444800}', "")
    return ".".join(urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts)


def _altered(text: str) -> str:
    """Return a credential with its last characters changed; a scheme in front stays."""
    start, space, token = text.rpartition(" ")
    changed = "".join("x" if character != "x" else "y" for character in token[-8:])
    return f"{start}{space}{token[:-8]}{changed}"
