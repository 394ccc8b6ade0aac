"""Any provider of OpenID Connect, found by its discovery document."""

import asyncio
import math
import time
from collections.abc import Mapping
from hmac import compare_digest
from typing import Any, Final

import httpx2
import structlog
from jwt import PyJWT, get_unverified_header
from jwt.exceptions import PyJWTError
from pydantic import BaseModel, ValidationError

from lockstitch.errors import IssuerUnavailable, ProviderUnavailable
from lockstitch.identity.key_sets import DISCOVERY, FETCH_ERRORS, KeySet, fetch_json
from lockstitch.identity.providers.attempts import Attempt
from lockstitch.identity.providers.oauth import Client, ForeignIdentity, SignInFailed, read_json
from lockstitch.settings import ServiceUrl, SignInProvider, TokenIssuer

_FETCH_SECONDS: Final = 5.0
_FRESH_SECONDS: Final = 3600.0
_COOLDOWN_SECONDS: Final = 10.0
_LEEWAY_SECONDS: Final = 60
_LONGEST_SUBJECT: Final = 255

_JWT: Final = PyJWT(options={"enforce_minimum_key_length": True})

_log = structlog.get_logger("lockstitch.identity")


class _Metadata(BaseModel):
    """What a discovery document says, as far as it is needed."""

    issuer: str
    authorization_endpoint: ServiceUrl
    token_endpoint: ServiceUrl
    jwks_uri: ServiceUrl
    userinfo_endpoint: ServiceUrl | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    # RFC 9207
    authorization_response_iss_parameter_supported: bool = False


class OpenIdProvider:
    """A provider of OpenID Connect; Google is one."""

    def __init__(self, given: SignInProvider, secret: str | None) -> None:
        self.given = given
        self._secret = secret
        self._metadata: _Metadata | None = None
        self._keys: KeySet | None = None
        self._read_at = self._tried_at = -math.inf
        self._reading = asyncio.Lock()

    async def address(self, attempt: Attempt) -> str:
        """Return where to send the browser.

        Raises:
            ProviderUnavailable: The provider does not say where.
        """
        metadata = await self._discovered()
        endpoint = metadata.authorization_endpoint
        return self._client(metadata).address(endpoint, attempt, nonce=attempt.nonce)

    async def identify(self, attempt: Attempt, answer: Mapping[str, str]) -> ForeignIdentity:
        """Return who came back.

        Raises:
            SignInFailed: The provider does not say who, or it is not to be believed.
            ProviderUnavailable: The provider does not answer.
        """
        metadata = await self._discovered()
        self._refuse_mixed_up(metadata, answer)
        client = self._client(metadata)
        async with client.redeemed(metadata.token_endpoint, attempt, answer) as (session, token):
            claims = await self._checked(str(token["id_token"]), attempt)
            if "email" not in claims and metadata.userinfo_endpoint is not None:
                more = await read_json(session, metadata.userinfo_endpoint)
                # The answer may be about somebody else: only this ties it to who signed in.
                if more["sub"] != claims["sub"]:
                    raise SignInFailed("failed", "The user info is of another subject.")
                claims = {**more, **claims}
        email = claims.get("email")
        return ForeignIdentity(
            issuer=metadata.issuer,
            subject=claims["sub"],
            email=email if isinstance(email, str) else None,
            # Some providers spell it.
            verified=self.given.trust_email or claims.get("email_verified") in (True, "true"),
        )

    async def close(self) -> None:
        """Give up a fetch of keys."""
        if self._keys is not None:
            await self._keys.close()

    def _refuse_mixed_up(self, metadata: _Metadata, answer: Mapping[str, str]) -> None:
        """Refuse the answer of another provider, as RFC 9207 has it."""
        named = answer.get("iss")
        must = metadata.authorization_response_iss_parameter_supported
        if (must and named is None) or (named is not None and named != metadata.issuer):
            raise SignInFailed("failed", "The answer is of another issuer.")

    def _client(self, metadata: _Metadata) -> Client:
        methods = metadata.token_endpoint_auth_methods_supported
        basic = "client_secret_basic" in methods
        method = "client_secret_basic" if basic else "client_secret_post"
        return Client(self.given, self._secret, ("openid", "email"), method)

    async def _checked(self, id_token: str, attempt: Attempt) -> dict[str, Any]:
        """Return the claims of an ID token, as OpenID Connect Core 3.1.3.7 checks them."""
        try:
            header = get_unverified_header(id_token)
            algorithm = header.get("alg")
            known = algorithm in self.given.algorithms and self._keys is not None
            key = (
                await self._keys.find(str(header.get("kid")), str(algorithm))
                if known and self._keys is not None
                else None
            )
            if key is None:
                raise SignInFailed("failed", "The ID token is not signed with a known key.")
            claims: dict[str, Any] = _JWT.decode(
                id_token,
                key,
                algorithms=[key.algorithm_name],
                audience=self.given.client_id,
                issuer=self.given.issuer,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "sub", "aud", "iss", "nonce"]},
            )
        except PyJWTError as error:
            raise SignInFailed("failed", type(error).__name__) from None
        except IssuerUnavailable as error:
            raise ProviderUnavailable(error.sentence) from None
        subject = claims["sub"]
        if not compare_digest(str(claims["nonce"]).encode(), attempt.nonce.encode()):
            raise SignInFailed("failed", "The ID token was made for another attempt.")
        if claims.get("azp", self.given.client_id) != self.given.client_id:
            raise SignInFailed("failed", "The ID token was made for another service.")
        if not (0 < len(subject) <= _LONGEST_SUBJECT and subject.isprintable()):
            raise SignInFailed("failed", "The subject cannot be anybody's.")
        return claims

    async def _discovered(self) -> _Metadata:
        async with self._reading:
            now = time.monotonic()
            is_old = now - self._read_at > _FRESH_SECONDS
            if is_old and now - self._tried_at > _COOLDOWN_SECONDS:
                self._tried_at = now
                await self._discover()
        if self._metadata is None:
            raise ProviderUnavailable(
                f"{self.given.title} cannot be reached now. Try again in a moment, or sign in "
                "another way."
            )
        return self._metadata

    async def _discover(self) -> None:
        url = self.given.issuer.rstrip("/") + DISCOVERY
        try:
            async with asyncio.timeout(_FETCH_SECONDS), httpx2.AsyncClient() as client:
                metadata = _Metadata.model_validate(await fetch_json(client, url))
            if metadata.issuer != self.given.issuer:
                raise ValueError(f"{url} names another issuer")
        except FETCH_ERRORS as error:  # A ValidationError is a ValueError.
            reason = "it lacks a member" if isinstance(error, ValidationError) else str(error)
            _log.warning("discovery failed", provider=self.given.name, reason=reason)
            return
        if self._metadata is None or metadata.jwks_uri != self._metadata.jwks_uri:
            await self.close()
            self._keys = KeySet(
                TokenIssuer(
                    issuer=self.given.issuer,
                    audience=self.given.client_id,
                    algorithms=self.given.algorithms,
                    key_set=metadata.jwks_uri,
                )
            )
        self._metadata, self._read_at = metadata, time.monotonic()
