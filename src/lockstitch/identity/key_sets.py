"""The public keys of a token issuer: fetched seldom, kept long, from where the settings say."""

import asyncio
import json
import math
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import httpx2
import structlog
from jwt import PyJWK
from jwt.exceptions import PyJWTError
from pydantic import TypeAdapter, ValidationError

from lockstitch.errors import IssuerUnavailable
from lockstitch.settings import ServiceUrl, TokenIssuer

# However many tokens name a key that is not there, the issuer is asked once in this time.
COOLDOWN_SECONDS: Final = 30.0
# Older keys are served while new ones are fetched.
_FRESH_SECONDS: Final = 300.0
# Older keys wait for that fetch, and are served if it fails.
_STALE_SECONDS: Final = 900.0
# Older keys are not served: the issuer may have withdrawn them long ago.
_LAST_SECONDS: Final = 86_400.0

_FETCH_SECONDS: Final = 5.0
_MOST_BYTES: Final = 262_144
_MOST_KEYS: Final = 100
# What a fetch can end with that says nothing of the service itself.
FETCH_ERRORS: Final = (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, ValueError)
DISCOVERY: Final = "/.well-known/openid-configuration"

_CURVES: Final = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521", "EdDSA": "Ed25519"}
_URL: Final[TypeAdapter[str]] = TypeAdapter(ServiceUrl)

_log = structlog.get_logger("lockstitch.identity")


class KeySet:
    """The keys with which one issuer signs.

    Args:
        issuer: Whose they are.
        clock: Seconds that only grow.
    """

    def __init__(self, issuer: TokenIssuer, clock: Callable[[], float] = time.monotonic) -> None:
        self._issuer = issuer
        self._clock = clock
        self._keys: dict[tuple[str, str], PyJWK] = {}
        self._url = issuer.key_set
        self._fetched_at = -math.inf
        self._tried_at = -math.inf
        self._fetching: asyncio.Task[None] | None = None

    async def find(self, key_id: str, algorithm: str) -> PyJWK | None:
        """Return the key of this name, bound to this algorithm, or None when there is none.

        Raises:
            IssuerUnavailable: The issuer has not answered for a day, or never has.
        """
        if self._age > _STALE_SECONDS:
            await self._fetched()
        elif self._age > _FRESH_SECONDS:
            self._begin()
        found = self._keys.get((key_id, algorithm))
        if found is None:
            # The issuer may have begun to sign with a new one.
            await self._fetched()
            found = self._keys.get((key_id, algorithm))
        if self._age > _LAST_SECONDS:
            raise IssuerUnavailable(
                f"The keys of {self._issuer.issuer} cannot be read, so its tokens cannot be "
                "checked. Try again in a moment.",
                retry_after_seconds=max(1.0, self._tried_at + COOLDOWN_SECONDS - self._clock()),
            )
        return found

    async def close(self) -> None:
        """Give up a fetch that is under way."""
        if self._fetching is not None:
            self._fetching.cancel()
            with suppress(asyncio.CancelledError):
                await self._fetching

    @property
    def _age(self) -> float:
        return self._clock() - self._fetched_at

    async def _fetched(self) -> None:
        fetching = self._begin()
        if fetching is not None:
            # Others wait for it too: who gives up must not take it along.
            await asyncio.shield(fetching)

    def _begin(self) -> "asyncio.Task[None] | None":
        """Return the fetch that is under way, a new one, or None when it is too early for one."""
        if self._fetching is not None and not self._fetching.done():
            return self._fetching
        if self._clock() - self._tried_at < COOLDOWN_SECONDS:
            return None
        self._tried_at = self._clock()
        self._fetching = asyncio.create_task(self._fetch())
        return self._fetching

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(_FETCH_SECONDS), httpx2.AsyncClient() as client:
                if self._url is None:
                    self._url = await self._discovered(client)
                keys = _read_keys(await fetch_json(client, self._url), self._issuer.algorithms)
        except FETCH_ERRORS as error:
            # It may have moved since it was discovered.
            self._url = self._issuer.key_set
            reason = str(error) or type(error).__name__
            _log.warning("key set not fetched", issuer=self._issuer.issuer, reason=reason)
            return
        self._keys = keys
        self._fetched_at = self._clock()

    async def _discovered(self, client: httpx2.AsyncClient) -> str:
        document = await fetch_json(client, self._issuer.issuer.rstrip("/") + DISCOVERY)
        if document.get("issuer") != self._issuer.issuer:
            raise ValueError("its discovery document names another issuer")
        try:
            url = _URL.validate_python(document.get("jwks_uri"))
        except ValidationError:
            raise ValueError("its discovery document names no https address of keys") from None
        if self._issuer.issuer.startswith("https://") and not url.startswith("https://"):
            raise ValueError("its discovery document leaves https")
        return url


async def fetch_json(client: httpx2.AsyncClient, url: str) -> dict[str, Any]:
    """Return the JSON object at an address; redirects are not followed, nothing is unpacked.

    Raises:
        ValueError: The answer is no JSON object, or longer than 256 KiB.
        HTTPError: There was no answer.
        InvalidURL: The address is none.
    """
    headers = {"accept": "application/json", "accept-encoding": "identity"}
    async with client.stream("GET", url, headers=headers, follow_redirects=False) as answer:
        if answer.status_code != httpx2.codes.OK:
            raise ValueError(f"{url} answers {answer.status_code}")
        if answer.headers.get("content-encoding", "identity") != "identity":
            raise ValueError(f"{url} answers packed, and was asked not to")
        content = bytearray()
        async for chunk in answer.aiter_raw():
            content += chunk
            if len(content) > _MOST_BYTES:
                raise ValueError(f"{url} answers more than {_MOST_BYTES} bytes")
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise ValueError(f"{url} answers no JSON") from None
    if not isinstance(document, dict):
        raise ValueError(f"{url} answers no JSON object")  # noqa: TRY004
    return document


def _read_keys(
    document: dict[str, Any], algorithms: tuple[str, ...]
) -> dict[tuple[str, str], PyJWK]:
    """Return the keys that sign, by name and algorithm; what cannot be used is left out.

    Raises:
        ValueError: No key can be used.
    """
    listed = document.get("keys")
    members = listed[:_MOST_KEYS] if isinstance(listed, list) else []
    found = {
        (key.key_id or "", algorithm): key
        for member in members
        for algorithm in algorithms
        if (key := _read_key(member, algorithm)) is not None
    }
    if not found:
        raise ValueError("its key set holds no key that can be used")
    return found


def _read_key(member: Any, algorithm: str) -> PyJWK | None:
    if not isinstance(member, dict) or not isinstance(member.get("kid"), str):
        return None
    is_for_it = member.get("use", "sig") == "sig" and member.get("alg", algorithm) == algorithm
    # A private key in public has lost its meaning.
    if not is_for_it or "d" in member or not _fits(member, algorithm):
        return None
    try:
        return PyJWK(member, algorithm)
    except (PyJWTError, ValueError, TypeError, KeyError):
        return None


def _fits(member: dict[str, Any], algorithm: str) -> bool:
    """Return whether a key is of the kind that the algorithm needs; shared secrets never are."""
    curve = _CURVES.get(algorithm)
    if curve is None:
        return member.get("kty") == "RSA"
    kind = "OKP" if algorithm == "EdDSA" else "EC"
    return member.get("kty") == kind and member.get("crv") == curve
