"""Bearer tokens: JWTs of Supabase and of any OIDC issuer that the settings name."""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from jwt import PyJWK, PyJWS, PyJWT
from jwt.exceptions import (
    DecodeError,
    ExpiredSignatureError,
    ImmatureSignatureError,
    InvalidAudienceError,
    PyJWTError,
)

from lockstitch.database.session import SERVER, Database
from lockstitch.errors import ConfigurationError, NotAMember, TokenRefused
from lockstitch.identity.changes import Change
from lockstitch.identity.kept import Kept
from lockstitch.identity.key_sets import KeySet
from lockstitch.identity.principal import SignedIn
from lockstitch.settings import PLACEHOLDER, Settings, TokenIssuer

ORGANISATION_HEADER: Final = "Lockstitch-Organisation"

_LONGEST_TOKEN: Final = 8_192
_LONGEST_SUBJECT: Final = 255
_LEAST_SECRET_BYTES: Final = 32
# Of RFC 9068, and what issuers write who know no other. A logout token, for one, signs nobody in.
_TYPES: Final = frozenset({"jwt", "at+jwt", "application/at+jwt"})
_SHARED: Final = "HS256"

_PERSON: Final = """
select person_id from private.linked_identities where issuer = %s and subject = %s
"""
_SELECT: Final = """
select
    members.person_id,
    private.person_email(members.person_id) as email,
    private.person_confirmed_at(members.person_id) as email_confirmed_at,
    members.organisation_id,
    organisations.name as organisation_name,
    members.role
from public.organisation_members as members
join public.organisations as organisations on organisations.id = members.organisation_id
where members.person_id = %(person_id)s and private.person_may_sign_in(members.person_id)
and (%(organisation_id)s::uuid is null or members.organisation_id = %(organisation_id)s)
order by members.created_at, members.organisation_id
limit 1
"""

_JWS: Final = PyJWS()
_JWT: Final = PyJWT(options={"enforce_minimum_key_length": True})


@dataclass(frozen=True, slots=True)
class _Trusted:
    """An issuer, and how what it signs is checked."""

    issuer: TokenIssuer
    keys: KeySet
    shared: PyJWK | None
    is_supabase: bool


@dataclass(frozen=True, slots=True)
class _Claims:
    """What a checked token says."""

    issuer: str
    subject: str
    is_supabase: bool
    issued_at: datetime
    expires_at: datetime


class Tokens:
    """The bearer tokens that one application takes.

    Who a token stands for is kept for 10 seconds in each process, and dropped when it changes.

    Raises:
        ConfigurationError: The shared secret of Supabase is a placeholder or too short.
    """

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._leeway = timedelta(seconds=settings.token_leeway_seconds)
        self._trusted = {one.issuer.issuer: one for one in _trusted(settings)}
        self._kept: Kept[bytes, SignedIn] = Kept()

    async def find(self, token: str, organisation: str | None) -> SignedIn:
        """Return who holds a token, within the organisation that they ask for or their first.

        Args:
            token: A JWT in its compact form.
            organisation: The id of an organisation, as the header `Lockstitch-Organisation`.

        Raises:
            TokenRefused: The token is not one that is taken, or not now.
            NotAMember: The person is not in that organisation, or in none.
            IssuerUnavailable: The keys of its issuer cannot be had.
        """
        if len(token) > _LONGEST_TOKEN:
            raise TokenRefused(f"The token is longer than {_LONGEST_TOKEN} characters.")
        digest = hashlib.sha256(f"{token} {organisation}".encode()).digest()
        holder = self._kept.get(digest)
        if holder is None:
            generation = self._kept.generation
            claims = await self._check(token)
            holder = await self._identify(claims, organisation)
            self._kept.put(digest, holder, generation)
        if holder.expires_at + self._leeway <= datetime.now(UTC):
            raise TokenRefused("The token has expired. Get a new one from its issuer.")
        return holder

    def hear(self, change: Change) -> None:
        """Forget who a change touches."""
        if change.kind == "person":
            self.forget_person(change.id)
        elif change.kind == "organisation":
            self._kept.drop(lambda kept: kept.organisation_id == change.id)

    def forget_person(self, person_id: UUID) -> None:
        """Ask the database about a person again, since something of them changed."""
        self._kept.drop(lambda kept: kept.person_id == person_id)

    def forget_all(self) -> None:
        """Ask the database about everybody again."""
        self._kept.clear()

    async def close(self) -> None:
        """Give up every fetch of keys."""
        for trusted in self._trusted.values():
            await trusted.keys.close()

    async def _check(self, token: str) -> _Claims:
        # What is read before the signature is checked only chooses among what the settings name.
        header, claimed = _read(token)
        trusted = self._trusted.get(claimed) if isinstance(claimed, str) else None
        if trusted is None:
            raise TokenRefused("The token is from an issuer that this service does not trust.")
        key = await _key(trusted, header)
        try:
            claims = _JWT.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=trusted.issuer.audience,
                issuer=trusted.issuer.issuer,
                leeway=self._leeway,
                options={"require": ["exp", "iat", "sub", "aud", "iss"]},
            )
        except PyJWTError as error:
            raise _refused(error) from None
        return _read_claims(claims, trusted)

    async def _identify(self, claims: _Claims, organisation: str | None) -> SignedIn:
        organisation_id = _read_uuid(organisation) if organisation is not None else None
        if organisation is not None and organisation_id is None:
            raise NotAMember(f"{ORGANISATION_HEADER} is not the id of an organisation.")
        async with self._database.transaction(SERVER) as connection:
            person_id = _read_uuid(claims.subject) if claims.is_supabase else None
            if not claims.is_supabase:
                found = await connection.execute(_PERSON, (claims.issuer, claims.subject))
                person_id = (await found.fetchone() or {}).get("person_id")
            if person_id is None:
                raise TokenRefused(
                    "The token is good, but nobody here is linked with it. "
                    "Sign in at the console with the same provider once."
                )
            values = {"person_id": person_id, "organisation_id": organisation_id}
            row = await (await connection.execute(_SELECT, values)).fetchone()
        if row is None and organisation is None:
            raise NotAMember("You are in no organisation here. Accept an invitation to one.")
        if row is None:
            raise NotAMember(f"You are not in the organisation that {ORGANISATION_HEADER} names.")
        return SignedIn(
            session_id=None,
            signed_in_at=claims.issued_at,
            expires_at=claims.expires_at,
            token_made_at=claims.issued_at,
            renewal_due=False,
            **row,
        )


def is_token(credential: str) -> bool:
    """Return whether a bearer credential is a token by its form; an API key has no dots."""
    return credential.count(".") == 2  # noqa: PLR2004


def _trusted(settings: Settings) -> list[_Trusted]:
    found = [_Trusted(one, KeySet(one), None, is_supabase=False) for one in settings.token_issuers]
    if settings.supabase_url is not None:
        url = f"{settings.supabase_url.rstrip('/')}/auth/v1"
        issuer = TokenIssuer(
            issuer=url, audience="authenticated", key_set=f"{url}/.well-known/jwks.json"
        )
        found.append(_Trusted(issuer, KeySet(issuer), _shared_key(settings), is_supabase=True))
    return found


def _shared_key(settings: Settings) -> PyJWK | None:
    if settings.supabase_jwt_secret is None:
        return None
    secret = settings.supabase_jwt_secret.get_secret_value()
    if secret == PLACEHOLDER or len(secret.encode()) < _LEAST_SECRET_BYTES:
        raise ConfigurationError(
            "SUPABASE_JWT_SECRET is a placeholder or too short: anybody could sign in with it. "
            "Copy it from the project's settings, or leave it out."
        )
    encoded = base64.urlsafe_b64encode(secret.encode()).decode().rstrip("=")
    return PyJWK({"kty": "oct", "k": encoded}, _SHARED)


async def _key(trusted: _Trusted, header: dict[str, Any]) -> PyJWK:
    """Return the key for a token: of the issuer's set, or the shared one, never one for the other.

    What a token says of where its key is (`jku`, `x5u`) or which it is (`jwk`, `x5c`) is not read.
    """
    algorithm, key_id = header.get("alg"), header.get("kid")
    if algorithm == _SHARED and trusted.shared is not None:
        return trusted.shared
    if algorithm not in trusted.issuer.algorithms:
        raise TokenRefused("The token is signed in a way that this service does not take.")
    if not isinstance(key_id, str):
        raise TokenRefused("The token does not name its key.")
    key = await trusted.keys.find(key_id, algorithm)
    if key is None:
        raise TokenRefused("The token is signed with a key that its issuer does not list.")
    return key


def _read(token: str) -> tuple[dict[str, Any], object]:
    """Return the header of a token and the issuer that it claims, both unchecked."""
    try:
        parts = _JWS.decode_complete(token, options={"verify_signature": False})
        claims = json.loads(parts["payload"])
    except (PyJWTError, ValueError, RecursionError):
        raise TokenRefused("The token is not a JWT, or not a whole one.") from None
    header: dict[str, Any] = parts["header"]
    kind = header.get("typ", "JWT")
    if not isinstance(claims, dict) or not isinstance(kind, str) or kind.lower() not in _TYPES:
        raise TokenRefused("The token is no access token.")
    # RFC 7515: whoever does not know an extension that is critical must refuse.
    if "crit" in header:
        raise TokenRefused("The token needs an extension that this service does not know.")
    return header, claims.get("iss")


def _refused(error: PyJWTError) -> TokenRefused:
    if isinstance(error, ExpiredSignatureError):
        return TokenRefused("The token has expired. Get a new one from its issuer.")
    if isinstance(error, ImmatureSignatureError):
        return TokenRefused("The token is not valid yet. Check the clocks of both machines.")
    if isinstance(error, InvalidAudienceError):
        return TokenRefused("The token is for another service.")
    if isinstance(error, DecodeError):
        return TokenRefused("The token is not signed by its issuer, or was changed since.")
    return TokenRefused("The token lacks a claim that this service needs, or it is malformed.")


def _read_claims(claims: dict[str, Any], trusted: _Trusted) -> _Claims:
    subject = claims["sub"]
    if not (0 < len(subject) <= _LONGEST_SUBJECT and subject.isprintable()):
        raise TokenRefused("The subject of the token cannot be anybody's.")
    # The publishable keys of a Supabase project are tokens too, of nobody.
    if trusted.is_supabase and claims.get("role") != "authenticated":
        raise TokenRefused("The token is not of somebody who has signed in.")
    now = datetime.now(UTC)
    return _Claims(
        trusted.issuer.issuer,
        subject,
        trusted.is_supabase,
        issued_at=_moment(claims["iat"], now),
        expires_at=_moment(claims["exp"], now),
    )


def _moment(claim: Any, now: datetime) -> datetime:
    """Return a numeric date, within a century: a far one is more than a calendar holds."""
    century = timedelta(days=36_525).total_seconds()
    seconds = min(max(float(claim), now.timestamp() - century), now.timestamp() + century)
    return datetime.fromtimestamp(seconds, UTC)


def _read_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
