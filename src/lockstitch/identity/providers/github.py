"""GitHub, which knows OAuth 2 and no OpenID Connect."""

from collections.abc import Mapping
from typing import Any, Final

from lockstitch.identity.providers.attempts import Attempt
from lockstitch.identity.providers.oauth import Client, ForeignIdentity, SignInFailed, read_json
from lockstitch.settings import SignInProvider

_PUBLIC: Final = "https://github.com"
_PUBLIC_API: Final = "https://api.github.com"


class GitHub:
    """github.com, or a GitHub Enterprise Server, where the settings name another issuer."""

    def __init__(self, given: SignInProvider, secret: str | None) -> None:
        self.given = given
        self._url = given.issuer.rstrip("/")
        self._api = _PUBLIC_API if self._url == _PUBLIC else f"{self._url}/api/v3"
        scopes = ("read:user", "user:email")
        self._client = Client(given, secret, scopes, "client_secret_post")

    async def address(self, attempt: Attempt) -> str:
        """Return where to send the browser."""
        return self._client.address(f"{self._url}/login/oauth/authorize", attempt)

    async def identify(self, attempt: Attempt, answer: Mapping[str, str]) -> ForeignIdentity:
        """Return who came back, with their primary address if GitHub has verified it.

        Raises:
            SignInFailed: GitHub does not say who.
        """
        if answer.get("iss", self._url) not in {self._url, f"{self._url}/login/oauth"}:
            raise SignInFailed("failed", "The answer is of another issuer.")
        endpoint = f"{self._url}/login/oauth/access_token"
        async with self._client.redeemed(endpoint, attempt, answer) as (session, _):
            person = await read_json(session, f"{self._api}/user")
            addresses = await read_json(session, f"{self._api}/user/emails")
            # The number: a login name can be given up, and taken by somebody else.
            subject = int(person["id"])
            email = _primary(addresses)
        return ForeignIdentity(self._url, str(subject), email, verified=email is not None)

    async def close(self) -> None:
        """Nothing is under way between two requests."""


def _primary(addresses: Any) -> str | None:
    for one in addresses:
        if one["primary"] is True and one["verified"] is True:
            return str(one["email"])
    return None
