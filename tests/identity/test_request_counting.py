"""Requests are counted in memory and reconciled through a real Postgres."""

import asyncio
from collections.abc import Callable
from uuid import UUID, uuid4

import psycopg
import pytest

from lockstitch.database.session import Database
from lockstitch.errors import ConfigurationError, TooManyRequests
from lockstitch.identity.counter import Counter
from lockstitch.identity.principal import Machine
from lockstitch.identity.request_limits import RequestLimits
from lockstitch.settings import Quota, Settings

ELSEWHERE = "203.0.113.9"


def machine(requests_per_minute: int | None = None, key_id: UUID | None = None) -> Machine:
    return Machine(key_id or uuid4(), uuid4(), frozenset({"predict"}), None, requests_per_minute)


def limits(database: Database, **quotas: object) -> RequestLimits:
    return RequestLimits(database, Settings(**quotas))


def let_in(take: Callable[[list[Counter]], None], times: int) -> int:
    """Return how many of so many requests were let in."""
    count = 0
    for _ in range(times):
        try:
            take([])
        except TooManyRequests:
            continue
        count += 1
    return count


async def test_a_quota_holds_in_one_process_to_the_last_request(database: Database) -> None:
    one = limits(database, requests_per_key="5/hour")
    caller, another = machine(), machine()

    assert let_in(lambda counters: one.take_caller(caller, counters), 9) == 5
    assert let_in(lambda counters: one.take_caller(another, counters), 9) == 5


async def test_processes_share_one_quota_once_they_have_reconciled(database: Database) -> None:
    one, other = (limits(database, requests_per_address="10/hour") for _ in range(2))

    assert let_in(lambda counters: one.take_address(ELSEWHERE, counters), 4) == 4
    assert let_in(lambda counters: other.take_address(ELSEWHERE, counters), 3) == 3
    for process in (one, other, one):
        await process.reconcile()
    again = let_in(lambda counters: one.take_address(ELSEWHERE, counters), 9)
    await one.reconcile()
    # It knows 7, and takes one more before it hears of the others.
    late = let_in(lambda counters: other.take_address(ELSEWHERE, counters), 1)
    await other.reconcile()

    # `one` had nothing new to send the second time, so it heard of 3 requests no sooner.
    assert again == 6
    assert late == 1
    assert let_in(lambda counters: one.take_address(ELSEWHERE, counters), 9) == 0
    assert let_in(lambda counters: other.take_address(ELSEWHERE, counters), 9) == 0


async def test_what_is_refused_is_not_counted(database: Database, owner_dsn: str) -> None:
    one = limits(database, requests_per_address="3/hour")

    let_in(lambda counters: one.take_address(ELSEWHERE, counters), 50)
    await one.reconcile()

    with psycopg.connect(owner_dsn) as connection:
        rows = connection.execute("select key, hits from private.rate_limits").fetchall()
    assert rows == [(f"requests-per-address/{ELSEWHERE}/3600", 3)]


async def test_requests_let_in_while_reconciling_are_neither_lost_nor_sent_twice(
    database: Database, owner_dsn: str
) -> None:
    one = limits(database, requests_per_address="100/hour")
    sent = 0

    while sent < 100:
        sent += let_in(lambda counters: one.take_address(ELSEWHERE, counters), 3)
        under_way = asyncio.create_task(one.reconcile())
        while not under_way.done():
            sent += let_in(lambda counters: one.take_address(ELSEWHERE, counters), 1)
            await asyncio.sleep(0)
    await one.reconcile()

    assert sent == 100
    assert let_in(lambda counters: one.take_address(ELSEWHERE, counters), 3) == 0
    with psycopg.connect(owner_dsn) as connection:
        assert connection.execute("select hits from private.rate_limits").fetchall() == [(100,)]


async def test_a_window_ends_and_the_next_is_whole(database: Database) -> None:
    one = limits(database, requests_per_address="2/second")
    counters: list[Counter] = []
    assert let_in(lambda _: one.take_address(ELSEWHERE, counters), 1) == 1
    (counter,) = counters

    await asyncio.sleep(counter.ends - one.now() + 0.01)
    assert one.now() >= counter.ends

    assert let_in(lambda counters: one.take_address(ELSEWHERE, counters), 5) == 2


async def test_windows_follow_the_clock_of_the_database_and_not_of_this_machine(
    database: Database, owner_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: 1_000_000.0)
    wrong = limits(database)
    monkeypatch.undo()
    assert wrong.now() < 2_000_000

    await wrong.reconcile()

    with psycopg.connect(owner_dsn) as connection:
        row = connection.execute("select extract(epoch from clock_timestamp())::float8").fetchone()
    assert row is not None
    assert abs(row[0] - wrong.now()) < 1.0


async def test_without_the_database_each_process_goes_on_by_its_own_count(
    database: Database, owner_dsn: str
) -> None:
    one = limits(database, requests_per_address="5/hour")
    let_in(lambda counters: one.take_address(ELSEWHERE, counters), 2)
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        connection.execute("alter table private.rate_limits rename to away")
        await one.reconcile()

        assert let_in(lambda counters: one.take_address(ELSEWHERE, counters), 9) == 3

        connection.execute("alter table private.away rename to rate_limits")
        await one.reconcile()
        assert connection.execute("select hits from private.rate_limits").fetchall() == [(5,)]


async def test_a_keys_own_limit_comes_on_top_of_the_services(database: Database) -> None:
    one = limits(database, requests_per_key="5/hour")
    slow, greedy = machine(requests_per_minute=2), machine(requests_per_minute=1000)

    assert let_in(lambda counters: one.take_caller(slow, counters), 9) == 2
    assert let_in(lambda counters: one.take_caller(greedy, counters), 9) == 5


async def test_this_machine_has_no_limit_of_its_address(database: Database) -> None:
    one = limits(database, requests_per_address="1/hour")

    for address in ("127.0.0.1", "127.8.8.8", "::/64", "unknown"):
        assert let_in(lambda counters, at=address: one.take_address(at, counters), 3) == 3


async def test_one_request_counts_once_whatever_its_route_asks(database: Database) -> None:
    one = limits(database, requests_per_key="5/hour")
    caller = machine()
    counters: list[Counter] = []

    for _ in range(9):
        one.take_caller(caller, counters)

    assert [counter.used for counter in counters] == [1]


async def test_the_header_fields_say_what_is_left_and_for_how_long(database: Database) -> None:
    one = limits(database, requests_per_key="5/hour", requests_per_address="9/day")
    counters: list[Counter] = []
    one.take_address(ELSEWHERE, counters)
    one.take_caller(machine(), counters)

    (policy_name, policy), (state_name, state) = one.headers(counters)

    assert (policy_name, state_name) == (b"ratelimit-policy", b"ratelimit")
    assert policy == b'"requests-per-address";q=9;w=86400, "requests-per-key";q=5;w=3600'
    address, key = state.decode().split(", ")
    assert address.startswith('"requests-per-address";r=8;t=')
    assert key.startswith('"requests-per-key";r=4;t=')
    assert 1 <= int(key.rpartition("=")[2]) <= 3600
    assert one.headers([]) == []


async def test_memory_stays_bounded_whoever_calls(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lockstitch.identity.request_limits._MOST_COUNTERS", 50)
    monkeypatch.setattr("lockstitch.identity.request_limits._LEAST_COUNTERS", 50)
    one = limits(database, requests_per_address="3/hour")
    one._forget_at = 50

    let_in(lambda counters: one.take_address(ELSEWHERE, counters), 3)
    for number in range(1000):
        one.take_address(f"198.51.{number // 250}.{number % 250}", [])
        if number % 10 == 0:
            await one.reconcile()

    assert len(one._counters) < 200
    # Who has used up the quota is not among the forgotten.
    assert let_in(lambda counters: one.take_address(ELSEWHERE, counters), 3) == 0


async def test_switched_off_nothing_is_counted(database: Database, owner_dsn: str) -> None:
    off = limits(database, rate_limit=False, requests_per_address="1/hour")
    counters: list[Counter] = []

    async with off.reconciling():
        assert let_in(lambda _: off.take_address(ELSEWHERE, counters), 5) == 5

    assert counters == []
    with psycopg.connect(owner_dsn) as connection:
        assert connection.execute("select 1 from private.rate_limits").fetchall() == []


def test_a_limit_is_written_as_people_say_it() -> None:
    assert Settings(requests_per_key="100 per 2 hours").requests_per_key == Quota(100, 7200)
    assert str(Quota(100, 7200)) == "100/7200 second"
    assert Settings(requests_per_key="100/7200 second").requests_per_key == Quota(100, 7200)
    assert Settings().request_quota("key").requests > 1_000_000
    assert Settings(host="0.0.0.0").request_quota("key") == Quota(3000, 60)
    assert Settings(requests_per_key="7/minute").request_quota("key") == Quota(7, 60)


@pytest.mark.parametrize("text", ["many", "0/minute", "5/minute;3/hour", "-1/minute", "3/month"])
def test_a_limit_that_is_none_is_named(text: str) -> None:
    with pytest.raises(ConfigurationError, match="LOCKSTITCH_REQUESTS_PER_KEY"):
        Settings.load(requests_per_key=text)


async def test_the_end_stores_the_last_counts_and_never_hangs(
    database: Database, owner_dsn: str
) -> None:
    for number in range(1, 61):
        one = limits(database, requests_per_address="1000/hour")
        async with asyncio.timeout(20), one.reconciling():
            for _ in range(number % 7):
                one.take_address(ELSEWHERE, [])
                await asyncio.sleep(0.0001 * number)

    with psycopg.connect(owner_dsn) as connection:
        kept = connection.execute("select hits from private.rate_limits").fetchall()
    assert kept == [(sum(number % 7 for number in range(1, 61)),)]
