"""Who is who: the people of this service and who they are at the providers."""

from typing import Any, Final
from uuid import UUID, uuid4

from psycopg.errors import UniqueViolation

from lockstitch.database.session import AUTH_ADMIN, SERVER, Connection, Database, become
from lockstitch.errors import ConfigurationError, LastWayIn
from lockstitch.identity.accounts import normal_email
from lockstitch.identity.providers.github import GitHub
from lockstitch.identity.providers.oauth import ForeignIdentity, Provider, SignInFailed
from lockstitch.identity.providers.openid import OpenIdProvider
from lockstitch.identity.sessions import Sessions
from lockstitch.settings import PLACEHOLDER, Settings

_LONGEST_EMAIL: Final = 254
_LONGEST_NAME: Final = 200

_FIND: Final = """
update private.linked_identities set last_used_at = now(), email = %(email)s
where issuer = %(issuer)s and subject = %(subject)s
returning person_id, private.person_may_sign_in(person_id) as may_sign_in
"""
# Without a password: nobody can sign in with one until it is set.
_INSERT_USER: Final = """
insert into auth.users (id, aud, role, email, email_confirmed_at, created_at, updated_at)
values (%s, 'authenticated', 'authenticated', %s, now(), now(), now())
"""
_FOUND: Final = """
with organisation as (
    insert into public.organisations (name) values (%s) returning id
)
insert into public.organisation_members (organisation_id, person_id, role)
select organisation.id, %s, 'owner' from organisation
"""
_LINK: Final = """
insert into private.linked_identities (person_id, provider, issuer, subject, email)
values (%(person_id)s, %(provider)s, %(issuer)s, %(subject)s, %(email)s)
on conflict (issuer, subject) do update set email = excluded.email
where linked_identities.person_id = excluded.person_id
returning id
"""
_LIST: Final = """
select id, provider, email, created_at, last_used_at from private.linked_identities
where person_id = %s order by created_at, id limit 100
"""
# Two that are removed at the same moment wait for each other here.
_LOCK: Final = (
    "select id from private.linked_identities where person_id = %s order by id for update"
)
_OTHER_WAY_IN: Final = "select private.person_has_password(%s) as has_password"
_UNLINK: Final = "delete from private.linked_identities where person_id = %s and id = %s"


class LinkedIdentities:
    """The providers of one application, and who is linked with them.

    Raises:
        ConfigurationError: A provider lacks its secret, or Supabase Auth signs people in.
    """

    def __init__(self, database: Database, sessions: Sessions, settings: Settings) -> None:
        self._database = database
        self._sessions = sessions
        self.providers = _providers(settings)

    async def sign_in(
        self, provider: Provider, identity: ForeignIdentity, user_agent: str | None
    ) -> str | None:
        """Return the token of a new session, or None when nobody is linked with the identity.

        Raises:
            SignInFailed: The person is banned.
        """
        del provider
        async with self._database.transaction(SERVER) as connection:
            row = await (await connection.execute(_FIND, _values(identity))).fetchone()
            if row is None:
                return None
            if not row["may_sign_in"]:
                raise SignInFailed("denied", "The account is closed.")
            return await self._sessions.begin(connection, row["person_id"], user_agent)

    async def sign_up(
        self, provider: Provider, identity: ForeignIdentity, user_agent: str | None
    ) -> str:
        """Make an account with an organisation of its own; return the token of a new session.

        An account that has the address already is not touched: that two places name the same
        address does not prove that one person holds both.

        Raises:
            SignInFailed: The provider has verified no address, or an account has it.
        """
        email = normal_email(identity.email or "")
        if not (identity.verified and 0 < len(email) <= _LONGEST_EMAIL and _is_email(email)):
            raise SignInFailed("unverified", "The provider has verified no address.")
        person_id = uuid4()
        try:
            async with self._database.transaction(AUTH_ADMIN) as connection:
                await connection.execute(_INSERT_USER, (person_id, email))
                await become(connection, SERVER)
                name = email.partition("@")[0][:_LONGEST_NAME]
                await connection.execute(_FOUND, (name, person_id))
                await self._insert(connection, provider, identity, person_id)
                return await self._sessions.begin(connection, person_id, user_agent)
        except UniqueViolation:
            raise SignInFailed("account-exists", "An account has this address.") from None

    async def link(self, provider: Provider, identity: ForeignIdentity, person_id: UUID) -> None:
        """Link a person with an identity.

        Raises:
            SignInFailed: Somebody else is linked with it.
        """
        async with self._database.transaction(SERVER) as connection:
            await self._insert(connection, provider, identity, person_id)

    async def of_person(self, person_id: UUID) -> list[dict[str, Any]]:
        """Return what a person is linked with, the first link first."""
        async with self._database.transaction(SERVER) as connection:
            return await (await connection.execute(_LIST, (person_id,))).fetchall()

    async def unlink(self, person_id: UUID, identity: UUID) -> bool:
        """Remove a link of a person; false when it is not theirs.

        Raises:
            LastWayIn: Nobody could sign in to the account any more.
        """
        async with self._database.transaction(SERVER) as connection:
            rows = await (await connection.execute(_LOCK, (person_id,))).fetchall()
            if identity not in {row["id"] for row in rows}:
                return False
            found = await (await connection.execute(_OTHER_WAY_IN, (person_id,))).fetchone()
            if len(rows) == 1 and not (found and found["has_password"]):
                raise LastWayIn(
                    "The account has no password and no other link. Set a password first, or "
                    "link another provider."
                )
            await connection.execute(_UNLINK, (person_id, identity))
        return True

    async def close(self) -> None:
        """Let go of what is under way with the providers."""
        for provider in self.providers.values():
            await provider.close()

    async def _insert(
        self,
        connection: Connection,
        provider: Provider,
        identity: ForeignIdentity,
        person_id: UUID,
    ) -> None:
        values = {**_values(identity), "person_id": person_id, "provider": provider.given.name}
        if await (await connection.execute(_LINK, values)).fetchone() is None:
            raise SignInFailed("linked-elsewhere", "Another account is linked with it.")


def _values(identity: ForeignIdentity) -> dict[str, Any]:
    email = normal_email(identity.email or "")
    shown = email if _is_email(email) and len(email) <= _LONGEST_EMAIL else None
    return {"issuer": identity.issuer, "subject": identity.subject, "email": shown}


def _is_email(text: str) -> bool:
    """Return whether an address is one that this service takes at sign-up."""
    name, at, host = text.partition("@")
    visible = text.isascii() and text.isprintable() and " " not in text
    return bool(visible and at and name and "." in host.strip(".") and "@" not in host)


def _providers(settings: Settings) -> dict[str, Provider]:
    if settings.sign_in_providers and settings.supabase_url is not None:
        raise ConfigurationError(
            "LOCKSTITCH_SIGN_IN_PROVIDERS and SUPABASE_URL are both set: Supabase Auth has "
            "providers of its own. Set them up there, or leave one of the two out."
        )
    found: dict[str, Provider] = {}
    for given in settings.sign_in_providers:
        secret = settings.sign_in_secrets.get(given.name)
        text = secret.get_secret_value() if secret is not None else None
        # A public client of OpenID Connect needs none: PKCE protects it.
        if text in {"", PLACEHOLDER} or (text is None and given.kind != "openid"):
            raise ConfigurationError(
                f"The sign-in provider {given.name!r} has no client secret. "
                f'Add it to LOCKSTITCH_SIGN_IN_SECRETS as {{"{given.name}": "…"}}.'
            )
        found[given.name] = (GitHub if given.kind == "github" else OpenIdProvider)(given, text)
    return found
