"""Address and password where Supabase Auth keeps them: it writes the letters, and the users."""

from typing import Final
from uuid import UUID

from lockstitch.database.session import SERVER, Database
from lockstitch.errors import LinkInvalid, LockstitchError, WrongCredentials
from lockstitch.identity.principal import SignedIn
from lockstitch.identity.supabase_auth import Grant, SupabaseAuth
from lockstitch.identity.upstream_sessions import UpstreamSessions

_IN_VAIN: Final = "The link is unknown, used or expired. Ask for a new one."


class SupabaseCredentials:
    """What the people of one application on Supabase sign in with.

    The links of Supabase's letters must lead to the console, with `{{ .TokenHash }}`; see
    docs/supabase.md.
    """

    def __init__(self, database: Database, sessions: UpstreamSessions, auth: SupabaseAuth) -> None:
        self._database = database
        self._sessions = sessions
        self._auth = auth

    async def request_confirmation(self, person_id: UUID, email: str) -> None:  # noqa: ARG002
        """Send the letter that asks whether an address is the person's.

        Raises:
            LockstitchError: What `SupabaseAuth.send_confirmation` raises.
        """
        await self._auth.send_confirmation(email)

    async def confirm_email(self, token: str) -> None:
        """Use the link of a confirmation, or of a change of the address.

        Raises:
            LinkInvalid: The link is unknown, used or expired.
            LockstitchError: What else `SupabaseAuth.use_link` raises.
        """
        grant = await self._auth.use_link(token, "email", "email_change")
        if grant is not None:
            await self._leave(grant)
            await self._renew_soon(grant.user.id)

    async def request_reset(self, email: str) -> None:
        """Send the letter with which a password is chosen, if the address has an account.

        Raises:
            LockstitchError: What `SupabaseAuth.request_reset` raises.
        """
        await self._auth.request_reset(email)

    async def reset_password(self, token: str, password: str) -> str:
        """Set a password by a link, end every session, and return the address.

        Raises:
            LinkInvalid: The link is unknown, used or expired.
            LockstitchError: What else `SupabaseAuth.use_link` and `change` raise.
        """
        grant = await self._auth.use_link(token, "recovery")
        if grant is None:
            raise LinkInvalid(_IN_VAIN)
        await self._set_password(grant, password, but=None)
        return grant.user.email or ""

    async def change_password(self, caller: SignedIn, current: str, password: str) -> None:
        """Set a password and end every other session.

        Raises:
            WrongCredentials: The current password is another.
            LockstitchError: What else `SupabaseAuth.sign_in` and `change` raise.
        """
        grant = await self._proved(caller, current)
        await self._set_password(grant, password, but=caller.session_id)

    async def change_email(self, caller: SignedIn, email: str, password: str) -> None:
        """Let Supabase Auth send a letter to the new address, and to the old one if it is so set.

        Raises:
            WrongCredentials: The password is another.
            EmailTaken: Another account has the address.
            LockstitchError: What else `SupabaseAuth.sign_in` and `change` raise.
        """
        grant = await self._proved(caller, password)
        try:
            await self._auth.change(grant.access_token, email=email)
        finally:
            await self._leave(grant)

    async def _proved(self, caller: SignedIn, password: str) -> Grant:
        grant = await self._auth.sign_in(caller.email, password)
        if grant.user.id != caller.person_id:
            raise WrongCredentials("The current password is wrong.")
        return grant

    async def _set_password(self, grant: Grant, password: str, *, but: UUID | None) -> None:
        try:
            await self._auth.change(grant.access_token, password=password)
        finally:
            await self._leave(grant)
        async with self._database.transaction(SERVER) as connection:
            await self._sessions.end_others(connection, grant.user.id, but=but)
            await self._sessions.renew_soon(connection, grant.user.id)

    async def _renew_soon(self, person_id: UUID) -> None:
        async with self._database.transaction(SERVER) as connection:
            await self._sessions.renew_soon(connection, person_id)

    async def _leave(self, grant: Grant) -> None:
        """End the session that was only a means; one that stays ends by itself."""
        try:
            await self._auth.sign_out(grant.access_token)
        except LockstitchError:
            return
