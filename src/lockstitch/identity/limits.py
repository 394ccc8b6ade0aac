"""How often a sign-in may fail: counted in Postgres, exactly, whatever the number of processes."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final
from uuid import UUID

from starlette.requests import Request

from lockstitch.database.session import SERVER, Database
from lockstitch.errors import TooManyRequests
from lockstitch.identity.address import client_address
from lockstitch.settings import Settings

# Counted before the password is looked at, in one statement: of two attempts at the same moment
# only one can be the last that is allowed. In one order, so that two cannot wait for each other.
_TAKE: Final = """
insert into private.rate_limits as held (key, hits, expires_at)
select key, 1, now() + %(window)s from unnest(%(keys)s::text[]) as wanted (key) order by key
on conflict (key) do update set
    hits = case when held.expires_at > now() then held.hits + 1 else 1 end,
    expires_at = case when held.expires_at > now() then held.expires_at else excluded.expires_at end
returning key, hits, expires_at, extract(epoch from expires_at - now())::float8 as seconds_left
"""
_FORGET: Final = "delete from private.rate_limits where key = %s"
# Only in the window in which it was counted.
_GIVE_BACK: Final = """
update private.rate_limits set hits = hits - 1
where key = %s and expires_at = %s and hits > 0
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """What is counted, and how much of it is allowed in one window."""

    name: str
    quota: int
    key: str


@dataclass(frozen=True, slots=True)
class Count:
    """Where a limit stands, this attempt included."""

    limit: Limit
    hits: int
    expires_at: datetime
    seconds_left: float

    @property
    def remaining(self) -> int:
        """How many more attempts are allowed."""
        return max(0, self.limit.quota - self.hits)


class SignInLimits:
    """The limits of sign-in and sign-up of one application.

    Failed sign-ins count per e-mail address, whether it has an account or not, and per network
    address; sign-ups count per network address, failed or not.
    """

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._window = timedelta(seconds=settings.sign_in_window_seconds)

    async def sign_in(self, request: Request, email: str) -> list[Count]:
        """Count a sign-in as failed, until `forgive` says that it was not.

        Args:
            request: What asks for it.
            email: The address in the spelling under which it is looked up.

        Raises:
            TooManyRequests: Too many have failed in this window.
        """
        address = self._address(request)
        settings = self._settings
        limits = [
            Limit("email", settings.sign_in_failures_per_email, f"sign-in/email/{_digest(email)}"),
            Limit("address", settings.sign_in_failures_per_address, f"sign-in/address/{address}"),
        ]
        return await self._take(request, limits)

    async def forgive(self, request: Request, counts: Sequence[Count]) -> None:
        """Take back a sign-in that succeeded; what failed before it for its e-mail is forgotten.

        Failures of the network address stay: whoever has one account may try others from there.
        """
        email, address = counts
        async with self._database.transaction(SERVER) as connection:
            await connection.execute(_GIVE_BACK, (address.limit.key, address.expires_at))
            await connection.execute(_FORGET, (email.limit.key,))
        request.state.lockstitch_limits = {}

    async def sign_up(self, request: Request) -> None:
        """Count a request for an account.

        Raises:
            TooManyRequests: There were too many in this window.
        """
        quota = self._settings.sign_ups_per_address
        key = f"sign-up/address/{self._address(request)}"
        await self._take(request, [Limit("address", quota, key)])

    async def mail(self, request: Request, email: str) -> None:
        """Count a request for a mail to an address, whether it has an account or not.

        Raises:
            TooManyRequests: There were too many in this window.
        """
        settings = self._settings
        address = self._address(request)
        limits = [
            Limit("email", settings.mails_per_email, f"mail/email/{_digest(email)}"),
            Limit("address", settings.sign_ups_per_address, f"mail/address/{address}"),
        ]
        await self._take(request, limits)

    async def organisation(self, request: Request, person_id: UUID) -> None:
        """Count a new organisation of a person.

        Raises:
            TooManyRequests: There were too many in this window.
        """
        quota = self._settings.sign_ups_per_address
        await self._take(request, [Limit("person", quota, f"organisation/person/{person_id}")])

    async def forget(self, email: str) -> None:
        """Forget the failed sign-ins to an address, whose holder has shown that it is theirs."""
        async with self._database.transaction(SERVER) as connection:
            await connection.execute(_FORGET, (f"sign-in/email/{_digest(email)}",))

    async def _take(self, request: Request, limits: Sequence[Limit]) -> list[Count]:
        async with self._database.transaction(SERVER) as connection:
            values = {"window": self._window, "keys": [limit.key for limit in limits]}
            rows = await (await connection.execute(_TAKE, values)).fetchall()
        found = {row.pop("key"): row for row in rows}
        counts = [Count(limit, **found[limit.key]) for limit in limits]
        request.state.lockstitch_limits = self._headers(counts)
        exceeded = [count for count in counts if count.hits > count.limit.quota]
        if exceeded:
            raise TooManyRequests(
                "There were too many attempts. Wait a while before the next one.",
                retry_after_seconds=ceil(max(count.seconds_left for count in exceeded)),
            )
        return counts

    def _headers(self, counts: Sequence[Count]) -> dict[str, str]:
        """Return the fields of draft-ietf-httpapi-ratelimit-headers-11."""
        window = self._settings.sign_in_window_seconds
        policies = [f'"{count.limit.name}";q={count.limit.quota};w={window}' for count in counts]
        states = [
            f'"{count.limit.name}";r={count.remaining};t={ceil(count.seconds_left)}'
            for count in counts
        ]
        return {"ratelimit-policy": ", ".join(policies), "ratelimit": ", ".join(states)}

    def _address(self, request: Request) -> str:
        return client_address(request.scope, self._settings.trusted_proxies)


def _digest(email: str) -> str:
    # The address of somebody who has no account here is not ours to keep.
    return hashlib.sha256(email.encode()).hexdigest()
