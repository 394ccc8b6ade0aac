"""What every sign-in provider does: send people there, and learn who came back."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol

import httpx2
import structlog
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from lockstitch.errors import LockstitchError
from lockstitch.identity.providers.attempts import Attempt
from lockstitch.settings import SignInProvider

_SECONDS: Final = 10.0

_log = structlog.get_logger("lockstitch.identity")


class SignInFailed(LockstitchError):
    """Somebody came back from a provider and cannot be signed in; `reason` is one word."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        super().__init__(detail or reason)


@dataclass(frozen=True, slots=True)
class ForeignIdentity:
    """Who somebody is at a provider. The address is there only if the provider verified it."""

    issuer: str
    subject: str
    email: str | None
    verified: bool


class Provider(Protocol):
    """One way to sign in elsewhere."""

    given: SignInProvider

    async def address(self, attempt: Attempt) -> str:
        """Return where to send the browser.

        Raises:
            ProviderUnavailable: The provider does not say where.
        """

    async def identify(self, attempt: Attempt, answer: Mapping[str, str]) -> ForeignIdentity:
        """Return who came back.

        Args:
            attempt: The attempt that the browser began; its state is checked already.
            answer: The query with which the provider sent the browser back.

        Raises:
            SignInFailed: The provider does not say who, or it is not to be believed.
            ProviderUnavailable: The provider does not answer.
        """

    async def close(self) -> None:
        """Let go of what is under way."""


@dataclass(frozen=True, slots=True)
class Client:
    """This service as the provider knows it."""

    given: SignInProvider
    secret: str | None
    scopes: tuple[str, ...]
    auth_method: str

    def address(self, endpoint: str, attempt: Attempt, **parameters: str) -> str:
        """Return the provider's page with everything that it must send back or check."""
        session = self._session(attempt)
        url: str
        url, _ = session.create_authorization_url(
            endpoint, state=attempt.state, code_verifier=attempt.code_verifier, **parameters
        )
        return url

    @asynccontextmanager
    async def redeemed(
        self, endpoint: str, attempt: Attempt, answer: Mapping[str, str]
    ) -> AsyncIterator[tuple[AsyncOAuth2Client, dict[str, Any]]]:
        """Exchange the code; yield a client that shows the token, and what came with it.

        Raises:
            SignInFailed: The provider refuses, does not answer in time, or answers nonsense.
        """
        try:
            async with asyncio.timeout(_SECONDS), self._session(attempt) as session:
                token = await session.fetch_token(
                    endpoint,
                    grant_type="authorization_code",
                    code=answer.get("code", ""),
                    code_verifier=attempt.code_verifier,
                    redirect_uri=attempt.redirect_uri,
                )
                yield session, dict(token)
        except (
            OAuthError,
            httpx2.HTTPError,
            httpx2.InvalidURL,
            TimeoutError,
            ValueError,
            KeyError,
            TypeError,
        ) as error:
            # What the provider says may repeat the code: its kind is enough.
            reason = getattr(error, "error", None) or type(error).__name__
            _log.warning("sign-in not completed", provider=self.given.name, reason=reason)
            raise SignInFailed("failed") from None

    def _session(self, attempt: Attempt) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            client_id=self.given.client_id,
            client_secret=self.secret,
            token_endpoint_auth_method=self.auth_method if self.secret else "none",
            scope=" ".join((*self.scopes, *self.given.scopes)),
            redirect_uri=attempt.redirect_uri,
            code_challenge_method="S256",
            timeout=_SECONDS,
            follow_redirects=False,
        )


async def read_json(session: AsyncOAuth2Client, url: str) -> Any:
    """Return the JSON at an address, asked for with the token.

    Raises:
        HTTPError: The answer is not one of success.
        ValueError: It is no JSON.
    """
    answer = await session.get(url, headers={"accept": "application/json"})
    answer.raise_for_status()
    return answer.json()
