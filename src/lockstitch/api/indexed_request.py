"""A request whose headers are looked up by name instead of searched for."""

from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Scope


class IndexedHeaders(Headers):
    """Headers with an index: an answer asks for some ten of them, of which most are not there.

    `fields` has the first value of each name, as they were sent.
    """

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope=scope)
        # The first of several has the last word, as in the class above.
        self.fields = dict(reversed(self._list))

    def __getitem__(self, key: str) -> str:
        return self.fields[key.lower().encode("latin-1")].decode("latin-1")

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.lower().encode("latin-1") in self.fields

    def get(self, key: str, default: Any = None) -> Any:
        """Return the first value of a header."""
        value = self.fields.get(key.lower().encode("latin-1"))
        return default if value is None else value.decode("latin-1")

    def getlist(self, key: str) -> list[str]:
        """Return every value of a header."""
        return super().getlist(key) if key in self else []


class IndexedRequest(Request):
    """A request with such headers."""

    _indexed: IndexedHeaders | None = None

    @property
    def headers(self) -> IndexedHeaders:
        """The headers of the request."""
        headers = self._indexed
        if headers is None:
            headers = self._indexed = IndexedHeaders(self.scope)
        return headers
