"""Proving an e-mail address, and changing address and password."""

from typing import Final
from uuid import UUID

from psycopg.errors import UniqueViolation

from lockstitch.database.session import AUTH_ADMIN, SERVER, Connection, Database, become
from lockstitch.errors import EmailTaken, LinkInvalid, WrongCredentials
from lockstitch.identity.email_tokens import find_token, forget_tokens, use_token
from lockstitch.identity.mail.outbox import Outbox
from lockstitch.identity.passwords import hash_password, password_matches
from lockstitch.identity.principal import SignedIn
from lockstitch.identity.sessions import Sessions

_HASH: Final = "select encrypted_password from auth.users where id = %s"
_SET_HASH: Final = """
update auth.users set encrypted_password = %s, updated_at = now() where id = %s
"""
# Whoever has the letter has proved the address as well, perhaps as the first.
_RESET_HASH: Final = """
update auth.users as changed set
    encrypted_password = %(password_hash)s,
    email_confirmed_at = coalesce(changed.email_confirmed_at, now()),
    updated_at = now()
from (select id, email_confirmed_at from auth.users where id = %(person_id)s for update) as before
where changed.id = before.id and changed.email = %(email)s and changed.deleted_at is null
returning before.email_confirmed_at is null as is_first_proof
"""
_UNLINK: Final = "delete from private.linked_identities where person_id = %s"
_IS_TAKEN: Final = "select from auth.users where email = %s and not is_sso_user and id <> %s"
_PROPOSE_EMAIL: Final = """
update auth.users set email_change = %s, email_change_sent_at = now(), updated_at = now()
where id = %s
"""
_ADDRESSES: Final = """
select email, email_change, email_confirmed_at from auth.users
where id = %s and deleted_at is null
for update
"""
_CONFIRM: Final = """
update auth.users set
    email = %(email)s,
    email_change = '',
    email_confirmed_at = now(),
    updated_at = now()
where id = %(person_id)s
"""


class Credentials:
    """What the people of one application sign in with, where the server itself keeps it."""

    def __init__(self, database: Database, sessions: Sessions, outbox: Outbox) -> None:
        self._database = database
        self._sessions = sessions
        self._outbox = outbox

    async def request_confirmation(self, person_id: UUID, email: str) -> None:
        """Send the letter that asks whether an address is the person's."""
        async with self._database.transaction(SERVER) as connection:
            await self._ask(connection, person_id, email)
        self._outbox.wake()

    async def confirm_email(self, token: str) -> None:
        """Take note that an address is its person's; make it theirs if they asked for the change.

        The same token may come again, since the page may have been loaded twice.

        Raises:
            LinkInvalid: The token is unknown or expired, or the address is no longer the one.
            EmailTaken: Another account has the address by now.
        """
        async with self._database.transaction(SERVER) as connection:
            found = await find_token(connection, "confirm", token)
            await become(connection, AUTH_ADMIN)
            row = await (await connection.execute(_ADDRESSES, (found.person_id,))).fetchone()
            own = row is not None and row["email"] == found.email
            if own and row is not None and row["email_confirmed_at"] is not None:
                return
            if row is None or not (own or row["email_change"] == found.email):
                raise LinkInvalid("The link is for an address that is not yours any more.")
            await become(connection, SERVER)
            await use_token(connection, "confirm", token)
            await self._take_address(connection, found.person_id, row["email"], found.email)
        self._outbox.wake()

    async def request_reset(self, email: str) -> None:
        """Send the letter with which a password is chosen, if the address has an account.

        Whether it has one is found out when the letter is written: here both cost the same.
        """
        async with self._database.transaction(SERVER) as connection:
            await self._outbox.put(connection, "password-reset", email)
        self._outbox.wake()

    async def reset_password(self, token: str, password: str) -> str:
        """Set a password by a link, end every session, and return the address.

        Where nobody had proved the address before, providers that were linked are unlinked.

        Raises:
            LinkInvalid: The token is unknown, used or expired, or the address has changed since.
        """
        async with self._database.transaction(SERVER) as connection:
            # Before the hash is computed, which costs more than all the rest.
            if (await find_token(connection, "reset", token)).used:
                raise LinkInvalid("The link was used already. Ask for a new one.")
        password_hash = await hash_password(password)
        async with self._database.transaction(SERVER) as connection:
            used = await use_token(connection, "reset", token)
            await become(connection, AUTH_ADMIN)
            values = {
                "password_hash": password_hash,
                "person_id": used.person_id,
                "email": used.email,
            }
            reset = await (await connection.execute(_RESET_HASH, values)).fetchone()
            if reset is None:
                raise LinkInvalid("The link is for an address that is not yours any more.")
            await become(connection, SERVER)
            if reset["is_first_proof"]:
                # Somebody else may have made the account, and left a way in for themselves.
                await connection.execute(_UNLINK, (used.person_id,))
            await self._after_change(connection, used.person_id, used.email, but=None)
        self._outbox.wake()
        return used.email

    async def change_password(self, caller: SignedIn, current: str, password: str) -> None:
        """Set a password and end every other session.

        Raises:
            WrongCredentials: The current password is another.
        """
        await self._refuse_wrong(caller, current)
        password_hash = await hash_password(password)
        async with self._database.transaction(AUTH_ADMIN) as connection:
            await connection.execute(_SET_HASH, (password_hash, caller.person_id))
            await become(connection, SERVER)
            await self._after_change(
                connection, caller.person_id, caller.email, but=caller.session_id
            )
        self._outbox.wake()

    async def change_email(self, caller: SignedIn, email: str, password: str) -> None:
        """Send a letter to the new address, which becomes theirs when they confirm it.

        Raises:
            WrongCredentials: The password is another.
            EmailTaken: Another account has the address.
        """
        await self._refuse_wrong(caller, password)
        async with self._database.transaction(AUTH_ADMIN) as connection:
            taken = await connection.execute(_IS_TAKEN, (email, caller.person_id))
            if await taken.fetchone() is not None:
                raise EmailTaken("Another account has this e-mail address. Write another one.")
            await connection.execute(_PROPOSE_EMAIL, (email, caller.person_id))
            await become(connection, SERVER)
            await self._ask(connection, caller.person_id, email)
        self._outbox.wake()

    async def _refuse_wrong(self, caller: SignedIn, password: str) -> None:
        async with self._database.transaction(AUTH_ADMIN) as connection:
            row = await (await connection.execute(_HASH, (caller.person_id,))).fetchone()
        if not await password_matches(password, row["encrypted_password"] if row else None):
            raise WrongCredentials(
                "The current password is wrong. If you have none, or forgot it, choose one by "
                "the link for forgotten passwords."
            )

    async def _ask(self, connection: Connection, person_id: UUID, email: str) -> None:
        await self._outbox.put(connection, "confirmation", email, person_id=str(person_id))

    async def _take_address(
        self, connection: Connection, person_id: UUID, old: str, email: str
    ) -> None:
        await become(connection, AUTH_ADMIN)
        try:
            await connection.execute(_CONFIRM, {"email": email, "person_id": person_id})
        except UniqueViolation:
            raise EmailTaken("Another account has this e-mail address by now.") from None
        await become(connection, SERVER)
        await self._sessions.renew_soon(connection, person_id)
        if email != old:
            # What was sent to the old address is worth nothing any more.
            await forget_tokens(connection, person_id, "confirm", "reset")
            await self._outbox.put(connection, "email-changed", old, new_email=email)

    async def _after_change(
        self, connection: Connection, person_id: UUID, email: str, *, but: UUID | None
    ) -> None:
        await self._sessions.end_others(connection, person_id, but=but)
        await self._sessions.renew_soon(connection, person_id)
        await forget_tokens(connection, person_id, "reset")
        await self._outbox.put(connection, "password-changed", email)
