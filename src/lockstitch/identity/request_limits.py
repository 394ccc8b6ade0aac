"""How often a key, a person and an address may call: counted here, reconciled with Postgres.

`take_address` and `take_caller` only count in memory. Every 200 ms one statement tells Postgres
what all counters of this process let in, and brings back what all processes did. Between two of
them a process knows nothing of the others: beyond a quota it lets in at most what reaches it in
one interval. While the database cannot be reached, each process goes on by its own count.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, MutableMapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import lru_cache
from math import ceil
from typing import Any, Final, Self

import psycopg
import structlog

from lockstitch.database.session import SERVER, Database
from lockstitch.errors import DatabaseError, TooManyRequests
from lockstitch.identity.counter import Counter, Policy, Sent
from lockstitch.identity.principal import Caller, SignedIn
from lockstitch.settings import Quota, Settings

INTERVAL_SECONDS: Final = 0.2
_POLICY: Final = b"ratelimit-policy"
_STATE: Final = b"ratelimit"
# How long the end of the process may wait for the last counts to be stored.
_LAST_SECONDS: Final = 5.0
# How far the clocks may drift apart while nobody calls.
_CLOCK_SECONDS: Final = 30.0
# Beyond this many callers those are forgotten of whom the database knows everything.
_MOST_COUNTERS: Final = 100_000
_LEAST_COUNTERS: Final = 1_000
# Of a proxy on this machine that is not trusted to say who called, or of this machine itself.
_NOBODY: Final = frozenset({"unknown", "::/64"})

# In the order of the keys, so that no two processes wait for each other.
_RECONCILE: Final = """
insert into private.rate_limits as held (key, hits, expires_at)
select key, hits, to_timestamp(ends)
from unnest(%(keys)s::text[], %(hits)s::bigint[], %(ends)s::bigint[]) as sent (key, hits, ends)
order by key
on conflict (key) do update set
    hits = case
        when held.expires_at = excluded.expires_at then held.hits + excluded.hits
        when held.expires_at < excluded.expires_at then excluded.hits
        else held.hits
    end,
    expires_at = greatest(held.expires_at, excluded.expires_at)
returning
    key, hits, extract(epoch from expires_at)::bigint as ends,
    extract(epoch from clock_timestamp())::float8 as now
"""
_READ_CLOCK: Final = "select extract(epoch from clock_timestamp())::float8 as now"
# A count that is lost in a power cut is none worth waiting for the disk.
_DO_NOT_WAIT: Final = "set local synchronous_commit to off"

_log = structlog.get_logger("lockstitch.identity")


class RequestLimits:
    """The request limits of one process.

    Nothing of `take_address`, `take_caller` and `headers` waits or touches the network, so that
    they may be called from the hottest path.

    Args:
        database: Where the processes reconcile.
        settings: Gives the quotas; without `rate_limit` nothing is counted.
    """

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self.enabled = settings.rate_limit
        self._per_key = Policy("requests-per-key", settings.request_quota("key"))
        self._per_person = Policy("requests-per-person", settings.request_quota("person"))
        self._per_address = Policy("requests-per-address", settings.request_quota("address"))
        self._counters: dict[Any, Counter] = {}
        self._forget_at = _LEAST_COUNTERS
        self._dirty: list[Counter] = []
        # What the database's clock is ahead of ours, which nobody can set.
        self._offset = time.time() - time.monotonic()
        self._clock_read_at = 0.0
        self._reachable = True

    def now(self) -> float:
        """Return the time of the database, in seconds since 1970, as far as it is known here."""
        return time.monotonic() + self._offset

    def take_address(self, address: str, counters: list[Counter]) -> None:
        """Count a request from a network address; from this machine itself none is counted.

        Args:
            address: As `client_address` returns it.
            counters: Gets what was counted, for `headers`, before anything is refused.

        Raises:
            TooManyRequests: The address has no requests left in this window.
        """
        if not self.enabled or address.startswith("127.") or address in _NOBODY:
            return
        self._take(address, self._per_address, counters)

    def take_caller(self, caller: Caller | SignedIn, counters: list[Counter]) -> None:
        """Count a request of a person, or of a key: for the service's quota and the key's own.

        Args:
            caller: Who has proved who they are.
            counters: Gets what was counted, for `headers`, before anything is refused.

        Raises:
            TooManyRequests: The person or the key has no requests left in this window.
        """
        if not self.enabled:
            return
        if caller.person_id is not None:
            self._take(caller.person_id, self._per_person, counters)
            return
        self._take(caller.key_id, self._per_key, counters)
        if caller.requests_per_minute is not None:
            own = _own_policy(caller.requests_per_minute)
            self._take((caller.key_id, own), own, counters)

    def headers(self, counters: Sequence[Counter]) -> list[tuple[bytes, bytes]]:
        """Return the fields of draft-ietf-httpapi-ratelimit-headers-11 for what was counted."""
        policy, state = self.items(counters)
        return [(_POLICY, policy.encode()), (_STATE, state.encode())] if counters else []

    def items(self, counters: Sequence[Counter]) -> tuple[str, str]:
        """Return what RateLimit-Policy and RateLimit say of what was counted."""
        now = time.monotonic() + self._offset
        return (
            ", ".join([counter.policy.item for counter in counters]),
            ", ".join([counter.state(now) for counter in counters]),
        )

    @asynccontextmanager
    async def reconciling(self) -> AsyncIterator[Self]:
        """Reconcile every 200 ms until the end of the block, and a last time then."""
        if not self.enabled:
            yield self
            return
        await self.reconcile()
        stopping = asyncio.Event()
        task = asyncio.create_task(self._repeat(stopping))
        try:
            yield self
        finally:
            # Asked and not cancelled: before Python 3.12 a wait of the driver can lose that.
            stopping.set()
            await asyncio.wait({task}, timeout=_LAST_SECONDS)
            task.cancel()

    async def reconcile(self) -> None:
        """Tell the database what was let in here and learn what was elsewhere.

        While it cannot be reached nothing changes: what was not sent is sent with the next.
        """
        sent = {
            counter.key: Sent(counter, counter.unsent, counter.ends)
            for counter in self._take_dirty()
        }
        if not sent and time.monotonic() - self._clock_read_at < _CLOCK_SECONDS:
            return
        try:
            await self._exchange(sent)
        except (DatabaseError, psycopg.Error, OSError) as error:
            if self._reachable:
                _log.warning("request limits count alone", reason=type(error).__name__)
            self._reachable = False
        else:
            if not self._reachable:
                _log.info("request limits are reconciled again")
            self._reachable = True
        finally:
            self._dirty += [one.counter for one in sent.values() if one.counter.unsent]

    def _take(self, identity: Any, policy: Policy, counters: list[Counter]) -> None:
        counter = self._counters.get(identity)
        if counter is None:
            counter = self._counters[identity] = Counter(_key(identity, policy), policy)
            if len(self._counters) > self._forget_at:
                self._forget()
        if counter in counters:
            # A route may have several audiences; it is still one request.
            return
        counters.append(counter)
        now = time.monotonic() + self._offset
        if now >= counter.ends:
            counter.turn_to(now)
        if counter.is_full:
            raise TooManyRequests(
                f"This is more than {policy.quota}. Wait a while before the next request.",
                retry_after_seconds=ceil(counter.ends - now),
            )
        if not counter.unsent:
            self._dirty.append(counter)
        counter.unsent += 1

    def _take_dirty(self) -> list[Counter]:
        dirty, self._dirty = self._dirty, []
        # A window that has ended meanwhile has left one here that has nothing to send, or twice.
        return [counter for counter in dict.fromkeys(dirty) if counter.unsent]

    async def _exchange(self, sent: Mapping[str, Sent]) -> None:
        values = {
            "keys": list(sent),
            "hits": [one.hits for one in sent.values()],
            "ends": [one.ends for one in sent.values()],
        }
        async with self._database.transaction(SERVER) as connection:
            await connection.execute(_DO_NOT_WAIT)
            asked_at = time.monotonic()
            rows = await (
                await connection.execute(*((_RECONCILE, values) if sent else (_READ_CLOCK,)))
            ).fetchall()
        self._set_clock(asked_at, rows[0]["now"])
        for row in rows if sent else []:
            one = sent[row["key"]]
            one.counter.learn(one, row["hits"], row["ends"])

    def _set_clock(self, asked_at: float, now: float) -> None:
        self._clock_read_at = time.monotonic()
        self._offset = now - (asked_at + self._clock_read_at) / 2

    def _forget(self) -> None:
        """Drop the counters of windows that are over; of others only when they are too many.

        One that is dropped comes back with what the database knows, an interval later.
        """
        now = self.now()
        running = {
            identity: counter
            for identity, counter in self._counters.items()
            if now < counter.ends or counter.unsent
        }
        if len(running) > _MOST_COUNTERS:
            running = {
                identity: counter
                for identity, counter in running.items()
                if counter.unsent or counter.is_full
            }
        self._counters = running
        # Twice as many before the next look, so that a look costs each of them next to nothing.
        self._forget_at = max(_LEAST_COUNTERS, 2 * len(running))

    async def _repeat(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(INTERVAL_SECONDS):
                    await stopping.wait()
            await self.reconcile()
        # What was let in while the last one was under way.
        await self.reconcile()


def counted(scope: MutableMapping[str, Any]) -> list[Counter]:
    """Return the counters of a request, which ASGI's scope carries."""
    counters: list[Counter] = scope.setdefault("state", {}).setdefault("lockstitch_counters", [])
    return counters


@lru_cache(maxsize=1024)
def _own_policy(requests_per_minute: int) -> Policy:
    return Policy("requests-of-this-key", Quota(requests_per_minute, 60))


def _key(identity: Any, policy: Policy) -> str:
    """Return under which name all processes count this; another window is another count."""
    who = identity[0] if isinstance(identity, tuple) else identity
    return f"{policy.name}/{who}/{policy.quota.seconds}"
