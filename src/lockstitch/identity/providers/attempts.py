"""An attempt to sign in elsewhere, kept in a sealed cookie until the provider sends one back."""

import base64
import hashlib
import json
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass
from hmac import compare_digest
from typing import Final, Self

from cryptography.fernet import Fernet, InvalidToken
from starlette.requests import Request
from starlette.responses import Response

from lockstitch.settings import Settings

LIFETIME_SECONDS: Final = 600

_RANDOM_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Attempt:
    """What must be known again when somebody comes back from a provider."""

    provider: str
    # Sent to the provider and back: this browser began it.
    state: str
    # Comes back inside the signed identity: it was made for this attempt.
    nonce: str
    # RFC 7636: whoever steals the code cannot use it without this.
    code_verifier: str
    redirect_uri: str
    # Paths of this site: where to go afterwards, and where if it failed.
    next: str
    back: str
    # Who wants to link the provider with their account; None: somebody signs in.
    person_id: str | None

    @classmethod
    def begin(
        cls,
        provider: str,
        *,
        redirect_uri: str,
        next: str,  # noqa: A002
        back: str,
        person_id: str | None,
    ) -> Self:
        """Return a new attempt with random values of its own."""
        state, nonce, code_verifier = (secrets.token_urlsafe(_RANDOM_BYTES) for _ in range(3))
        return cls(provider, state, nonce, code_verifier, redirect_uri, next, back, person_id)

    def began_with(self, provider: str, state: str | None) -> bool:
        """Return whether this is the attempt that came back."""
        return provider == self.provider and compare_digest(
            (state or "").encode(), self.state.encode()
        )


class Attempts:
    """The cookie that holds the attempt of a browser: encrypted, signed, for ten minutes."""

    def __init__(self, settings: Settings) -> None:
        secret = settings.secret_key.get_secret_value()
        key = hashlib.sha256(f"lockstitch sign-in attempt {secret}".encode()).digest()
        self._seal = Fernet(base64.urlsafe_b64encode(key))
        self._secure = settings.https
        self._name = (
            "__Host-lockstitch-sign-in" if settings.https else f"lockstitch-sign-in-{settings.port}"
        )

    def keep(self, response: Response, attempt: Attempt) -> None:
        """Let the browser carry an attempt."""
        response.set_cookie(
            self._name,
            self._seal.encrypt(json.dumps(asdict(attempt)).encode()).decode(),
            max_age=LIFETIME_SECONDS,
            path="/",
            secure=self._secure,
            httponly=True,
            # A provider sends people back by a link, with which lax cookies go.
            samesite="lax",
        )

    def read(self, request: Request) -> Attempt | None:
        """Return the attempt that the browser carries, or None: there is none, or it is over."""
        sealed = request.cookies.get(self._name, "")
        with suppress(InvalidToken, ValueError, TypeError):
            content = self._seal.decrypt(sealed.encode(), ttl=LIFETIME_SECONDS)
            return Attempt(**json.loads(content))
        return None

    def end(self, response: Response) -> None:
        """Let the browser forget it: an attempt comes back once."""
        response.delete_cookie(
            self._name, path="/", secure=self._secure, httponly=True, samesite="lax"
        )
