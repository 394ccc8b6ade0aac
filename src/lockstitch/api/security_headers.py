"""What every answer tells a browser to refrain from, unless it says so itself."""

from dataclasses import dataclass, field
from typing import Final

from starlette.types import Message, Scope

from lockstitch.api.problems import MEDIA_TYPE, is_ours

Field = tuple[bytes, bytes]

_NOT_MODIFIED: Final = 304
_DATA_TYPES: Final = frozenset({b"application/json", MEDIA_TYPE.encode()})
_NO_STORE: Final = (b"cache-control", b"no-store")

# A frame of another origin could make a person click on what they do not see.
_FRAMES: Final = (b"content-security-policy", b"frame-ancestors 'self'")
_PLAIN: Final[tuple[Field, ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
)
PERMISSIONS: Final = (
    "camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), payment=(), "
    "publickey-credentials-get=(), usb=()"
)
# Data is no page: what a browser is made to show of it may load, run and frame nothing.
_DATA: Final[tuple[Field, ...]] = (
    *_PLAIN,
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"permissions-policy", PERMISSIONS.encode()),
    (b"cross-origin-resource-policy", b"same-origin"),
)


@dataclass(frozen=True, slots=True)
class _Group:
    """Headers that are added together."""

    fields: tuple[Field, ...]
    names: frozenset[bytes] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", frozenset(name for name, _ in self.fields))

    def complete(self, headers: list[Field], present: dict[bytes, bytes]) -> None:
        """Add the headers that are not there."""
        if self.names.isdisjoint(present):
            headers.extend(self.fields)
        else:
            headers.extend(one for one in self.fields if one[0] not in present)


@dataclass(frozen=True, slots=True)
class _Groups:
    """The headers of each kind of answer."""

    personal: _Group
    data: _Group
    page: _Group
    unchanged: _Group

    @classmethod
    def with_fields(cls, *more: Field) -> "_Groups":
        return cls(
            personal=_Group((*_DATA, _NO_STORE, *more)),
            data=_Group((*_DATA, *more)),
            page=_Group((*_PLAIN, _FRAMES, *more)),
            unchanged=_Group((*_PLAIN, *more)),
        )


class SecurityHeaders:
    """Completes the headers of answers.

    Answers below `/v1`, and those of routes that ask who is calling, are stored nowhere unless the
    route declares for how long they are fresh. Pages of the application's owner get no policy but
    one against foreign frames: what they load is theirs to say.
    """

    def __init__(self, hsts_seconds: int) -> None:
        insist = (b"strict-transport-security", f"max-age={hsts_seconds}".encode())
        self._groups = (_Groups.with_fields(), _Groups.with_fields(insist))

    def complete(self, message: Message, scope: Scope, *, insist: bool) -> None:
        """Add to an answer's first message the headers that it lacks.

        Args:
            message: `http.response.start`.
            scope: The request's.
            insist: Whether the browser is to use https alone from now on.
        """
        headers: list[Field] = list(message.get("headers", ()))
        present = dict(headers)
        groups = self._groups[insist]
        if is_ours(scope["path"]):
            groups.personal.complete(headers, present)
            message["headers"] = headers
            return
        if present.get(b"content-type") in _DATA_TYPES:
            groups.data.complete(headers, present)
        elif message["status"] == _NOT_MODIFIED:
            # A policy would replace that of the page which the browser has kept.
            groups.unchanged.complete(headers, present)
        else:
            groups.page.complete(headers, present)
        if b"cache-control" not in present and scope.get("state", {}).get("lockstitch_personal"):
            headers.append(_NO_STORE)
        message["headers"] = headers
