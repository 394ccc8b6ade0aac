"""Every POST of the contract is safe to send again, or says here why it need not be.

The operations come from the contract, so that a new one is tried without a new test.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import psycopg
import pytest
from conftest import PASSWORD, signed_up
from contract_requests import ContractRequests, Request
from psycopg import sql
from quick_application import app as quick_application
from quick_application import make_application
from serving_process import serving_process

from lockstitch import Settings

REQUESTS = ContractRequests(quick_application)
POSTS = {operation.id: operation for operation in REQUESTS.posts()}
KEYED = [
    name
    for name, operation in POSTS.items()
    if operation.extensions.get("x-lockstitch-idempotency") == "key"
]
# Those that say in the contract that to repeat them changes nothing, and those of nobody: a key
# belongs to a caller.
NATURAL = {
    *("accept_invitation", "confirm_email", "request_email_confirmation"),
    *("start_linking", "start_sign_in"),
}
OF_NOBODY = {
    "create_account": "An address has one account: the same request again is refused with 409.",
    "create_session": "Signing in again is another sign-in; what is stored would hold its token.",
    "request_password_reset": "Another letter makes the one before it void; letters are limited.",
    "reset_password": "Its token works once.",
}

# What an effect is not: who asked, how often, the keys themselves, and the letter that leaves
# some time after the sign-up.
BESIDE_THE_EFFECT = {
    *("private.rate_limits", "public.idempotency_keys", "private.sessions"),
    "private.email_tokens",
}
TABLES = """
select quote_ident(nspname) || '.' || quote_ident(relname)
from pg_class join pg_namespace on pg_namespace.oid = relnamespace
where relkind = 'r' and nspname in ('public', 'private', 'auth', 'storage', 'realtime')
"""
REFUSE_ANSWERS = """
create function public.refuse_answers() returns trigger language plpgsql as
$$ begin raise exception 'no answer is kept' using errcode = 'data_exception'; end $$;
create trigger refuse_answers before update on public.idempotency_keys
for each row when (new.finished_at is not null) execute function public.refuse_answers();
"""
STILL_RUNNING = """
update public.idempotency_keys
set status = null, headers = null, body = null, finished_at = null, created_at = now()
"""


@pytest.fixture
async def caller(start: Callable, settings: Settings) -> httpx2.AsyncClient:
    return await signed_up(await start(make_application(settings)))


def rows(dsn: str) -> Counter[str]:
    """Return how many rows each table has."""
    with psycopg.connect(dsn) as connection:
        names = [name for (name,) in connection.execute(TABLES)]
        found: Counter[str] = Counter()
        for name in set(names) - BESIDE_THE_EFFECT:
            counted = connection.execute(
                sql.SQL("select count(*) from {}").format(sql.Identifier(*name.split(".")))
            ).fetchone()
            assert counted is not None
            found[name] = counted[0]
    return found


async def post(client: httpx2.AsyncClient, request: Request, key: str | None) -> httpx2.Response:
    headers = {"idempotency-key": key} if key else {}
    return await client.post(request.path, headers=headers, **request.arguments)


def problem(answer: httpx2.Response) -> str:
    return str(answer.json()["type"]).rpartition(":")[2]


def test_every_post_takes_a_key_or_needs_none() -> None:
    kinds = {
        name: operation.extensions.get("x-lockstitch-idempotency")
        for name, operation in POSTS.items()
    }

    assert {name for name, kind in kinds.items() if kind == "natural"} == NATURAL
    assert {name for name, kind in kinds.items() if kind is None} == OF_NOBODY.keys(), (
        "Declare idempotent() on the route and call keep_answer in its transaction, "
        "or say in this file why the operation needs no key."
    )
    for name in OF_NOBODY:
        assert not POSTS[name].security, f"{name} knows its caller, so it can take a key"
    assert "upload_dataset" in KEYED


@pytest.mark.parametrize("name", KEYED)
async def test_the_same_again_is_answered_byte_for_byte_and_another_is_refused(
    caller: httpx2.AsyncClient, owner_dsn: str, name: str
) -> None:
    request, another = (REQUESTS.valid(POSTS[name], seed) for seed in ("one", "two"))
    assert request.arguments != another.arguments
    before = rows(owner_dsn)

    first = await post(caller, request, "key")
    effect = rows(owner_dsn) - before
    again = await post(caller, request, "key")
    reused = await post(caller, another, "key")

    assert first.is_success, first.text
    assert effect, "A POST without effect proves nothing."
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["content-type"] == first.headers["content-type"]
    assert again.headers["idempotency-replayed"] == "true"
    assert (reused.status_code, problem(reused)) == (422, "idempotency-key-reused")
    assert rows(owner_dsn) - before == effect


@pytest.mark.parametrize("name", KEYED)
async def test_while_the_first_is_being_answered_the_second_is_told_to_wait(
    caller: httpx2.AsyncClient, owner_dsn: str, name: str
) -> None:
    request = REQUESTS.valid(POSTS[name], "one")
    await post(caller, request, "key")
    with psycopg.connect(owner_dsn) as connection:
        connection.execute(STILL_RUNNING)
    before = rows(owner_dsn)

    answer = await post(caller, request, "key")

    assert (answer.status_code, problem(answer)) == (409, "idempotency-key-in-use")
    assert answer.headers["retry-after"] == "1"
    assert rows(owner_dsn) == before


@pytest.mark.parametrize("name", KEYED)
async def test_an_effect_whose_answer_cannot_be_kept_does_not_stay(
    caller: httpx2.AsyncClient, owner_dsn: str, settings: Settings, name: str
) -> None:
    request = REQUESTS.valid(POSTS[name], "one")
    with psycopg.connect(owner_dsn) as connection:
        connection.execute(REFUSE_ANSWERS)
    before = rows(owner_dsn)

    failed = await post(caller, request, "key")
    without_key = await post(caller, request, None)

    assert failed.status_code == 500
    assert without_key.is_success, "The same request has an effect when nothing is in its way."
    alone = rows(owner_dsn) - before
    kept = [path for path in files(settings.data) if path.parent.name != "incoming"]
    assert len(kept) == alone["storage.objects"]
    with psycopg.connect(owner_dsn) as connection:
        connection.execute("drop function public.refuse_answers() cascade")
    later = await post(caller, REQUESTS.valid(POSTS[name], "two"), "other")
    assert later.is_success
    assert rows(owner_dsn) - before == alone + alone


def files(data: Path) -> Iterator[Path]:
    storage = data / "storage"
    return (path for path in storage.rglob("*") if path.is_file() and path.suffix != ".lock")


async def test_fifty_at_once_over_two_processes_make_exactly_one_effect(
    database_dsn: str, owner_dsn: str, tmp_path: Path
) -> None:
    ada = {"email": "ada@example.com", "password": PASSWORD}
    data = tmp_path / "data"
    served = [serving_process("quick_application", database_dsn, data) for _ in range(2)]
    with served[0] as (_, one), served[1] as (_, two):
        async with (
            httpx2.AsyncClient(base_url=one, timeout=60) as first,
            httpx2.AsyncClient(base_url=two, timeout=60) as second,
        ):
            assert (await first.post("/v1/accounts", json=ada)).is_success
            assert (await second.post("/v1/sessions", json=ada)).is_success
            for name in KEYED:
                await fifty_at_once(name, [first, second], owner_dsn, data)


async def fifty_at_once(name: str, clients: list[httpx2.AsyncClient], dsn: str, data: Path) -> None:
    before, before_files = rows(dsn), len(list(files(data)))
    alone = await post(clients[0], REQUESTS.valid(POSTS[name], "alone"), f"{name}-alone")
    effect, effect_files = rows(dsn) - before, len(list(files(data))) - before_files
    assert alone.is_success, (name, alone.text)
    assert effect, name

    request = REQUESTS.valid(POSTS[name], "fifty")
    before, before_files = rows(dsn), len(list(files(data)))
    answers = await asyncio.gather(
        *(post(clients[number % 2], request, f"{name}-fifty") for number in range(50))
    )

    good = [answer for answer in answers if answer.is_success]
    waiting = [answer for answer in answers if answer.status_code == 409]
    assert rows(dsn) - before == effect, name
    assert len(list(files(data))) - before_files == effect_files, name
    assert len({answer.content for answer in good}) == 1, name
    assert len([one for one in good if "idempotency-replayed" not in one.headers]) == 1, name
    assert len(good) + len(waiting) == 50, (name, {answer.status_code for answer in answers})
    assert {problem(answer) for answer in waiting} <= {"idempotency-key-in-use"}, name
