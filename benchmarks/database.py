"""What isolation costs: claims, policies and batch writes beside the same work without them.

Every figure is a ratio of two things that take turns in one run on one server, so that a busy
machine slows both. The server keeps its promises to the disk, as in production.

- Claims: a row by its key in a transaction of its own, as a signed-in person through `Database`,
  and as the owner of the table through a plain pool.
- Policy: what one of 100 organisations has among 200,000 predictions, and the same as the owner
  with a hand-written WHERE; the page of the history as the API asks for it, and a sum over all that
  the policy lets through. Claims are set before the clock runs.
- Writes: the recorder, and its statement as the owner into a table with the same columns, indexes
  and foreign keys; both commit each batch of 256. COPY likewise, as `service_role`, since Postgres
  refuses COPY to those whom policies bind. On an idle machine 18,000 and 27,000 rows/s were
  measured, and 10,000 and 20,000 are promised: isolation may take what is between them.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool
from rows import Row, finish

from lockstitch.database.embedded import EmbeddedPostgres
from lockstitch.database.migrations import apply_migrations, library_migrations
from lockstitch.database.session import Actor, Database, become
from lockstitch.serving.recorder import PredictionRow, Recorder

ORGANISATIONS: Final = 100
PREDICTIONS: Final = 200_000
# Before psycopg has prepared everything.
WARM_UP: Final = 10
READ_ROUNDS: Final = 500
PAGE_ROUNDS: Final = 500
SUM_ROUNDS: Final = 100
WRITE_ROUNDS: Final = 15
# As many as the recorder stores at once.
BATCH: Final = 256
BATCHES: Final = 8
COPIED: Final = 4_000

# Only numbers of this file are put in.
FILL: Final = f"""
    insert into auth.users (id, email)
    select gen_random_uuid(), 'person' || n || '@example.com'
    from generate_series(1, {ORGANISATIONS}) as n;
    insert into public.organisations (name) select email from auth.users;
    insert into public.organisation_members (organisation_id, person_id, role)
    select organisation.id, person.id, 'owner'
    from public.organisations as organisation join auth.users as person on person.email = name;
    insert into public.model_versions (model, version, digest) values ('m', 1, 'd');
    insert into public.inference_results
        (organisation_id, person_id, model_version_id, input, output, duration_seconds, created_at)
    select member.organisation_id, member.person_id, version.id,
        jsonb_build_object('text', repeat('a review of a film ', 6)),
        '{{"label": "positive", "score": 0.93}}', 0.001, now() - make_interval(secs => n)
    from public.model_versions as version
    cross join generate_series(1, {PREDICTIONS // ORGANISATIONS}) as n
    cross join public.organisation_members as member;
    create table public.bare (like public.inference_results including all,
        foreign key (organisation_id) references public.organisations,
        foreign key (person_id) references auth.users,
        foreign key (model_version_id) references public.model_versions);
    analyze;
"""  # noqa: S608
MEMBER: Final = "select organisation_id, person_id from public.organisation_members limit 1"
VERSION: Final = "select id from public.model_versions"
A_ROW: Final = "select id from public.inference_results where organisation_id = %s limit 1"

READ: Final = "select id, input, output from public.inference_results where id = %s"
WHERE: Final = "where organisation_id = %(organisation_id)s"
PAGE: Final = """
    select id, input, output, created_at from public.inference_results {where}
    order by created_at desc, id desc limit 20
"""
HISTORY: Final = PAGE.format(where=WHERE)
SUM: Final = "select count(*), avg(duration_seconds) from public.inference_results"
COLUMNS: Final = (
    "id, organisation_id, person_id, model_version_id, input, output, duration_seconds, created_at"
)

BARE_INSERT: Final = f"""
    insert into public.bare ({COLUMNS})
    select
        id, organisation_id, person_id, model_version_id, input::jsonb, output::jsonb,
        duration_seconds, created_at
    from unnest(
        %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::text[],
        %s::double precision[], %s::timestamptz[]
    ) as answered ({COLUMNS})
"""  # noqa: S608
WORKER: Final = Actor.of_role("service_role")

TIMES: Final = "times"
LEAST_INSERT: Final = round(10_000 / 18_000, 2)
LEAST_COPY: Final = round(20_000 / 27_000, 2)

Work = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Place:
    """A filled database and one of its people."""

    dsn: str
    owner_dsn: str
    organisation_id: UUID
    person_id: UUID
    version_id: UUID
    prediction_id: UUID


def main() -> None:
    """Measure and report."""
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedPostgres(Path(folder) / "postgres") as server,
    ):
        migrations = library_migrations()[0].path.parent
        apply_migrations(server.dsn("postgres"), migrations)
        place = filled(server.dsn(), server.dsn("postgres"))
        rows = asyncio.run(measure(place))
    finish("database", rows)


def filled(dsn: str, owner_dsn: str) -> Place:
    """Fill the database and return it."""
    with psycopg.connect(owner_dsn) as connection:
        connection.execute(FILL.encode())
        organisation_id, person_id = one_row(connection.execute(MEMBER))
        (version_id,) = one_row(connection.execute(VERSION))
        (row_id,) = one_row(connection.execute(A_ROW, [organisation_id]))
    return Place(dsn, owner_dsn, organisation_id, person_id, version_id, row_id)


def one_row(cursor: psycopg.Cursor) -> tuple[Any, ...]:
    """Return the row that must be there."""
    row = cursor.fetchone()
    if row is None:
        raise SystemExit("The database was not filled.")
    return row


async def measure(place: Place) -> list[Row]:
    """Return every figure."""
    database = Database(place.dsn)
    await database.open()
    owner = await AsyncConnection.connect(place.owner_dsn, autocommit=True)
    try:
        await tell_of_the_unnamed(place)
        return [
            await claims(place, database),
            await policy(place, "history page under a policy", HISTORY, HISTORY, PAGE_ROUNDS),
            await policy(place, "sum under a policy alone", SUM, f"{SUM} {WHERE}", SUM_ROUNDS),
            await batch(place, database, owner),
            await copy(place, database, owner),
        ]
    finally:
        await owner.close()
        await database.close()


async def claims(place: Place, database: Database) -> Row:
    """Compare a read as a person with the bare read."""
    person = Actor.person(place.person_id)
    pool = AsyncConnectionPool(place.owner_dsn, min_size=1, open=False)
    await pool.open(wait=True)

    async def as_person() -> None:
        async with database.transaction(person) as connection:
            await expect_one(connection, READ, place.prediction_id)

    async def bare() -> None:
        async with pool.connection() as connection:
            await expect_one(connection, READ, place.prediction_id)

    ours, theirs = await take_turns(as_person, bare, READ_ROUNDS)
    await pool.close()
    return Row(
        name="read under claims, to a bare one",
        value=ours / theirs,
        target=3,
        unit=TIMES,
        peers={"ms": ours * 1000, "bare ms": theirs * 1000},
    )


async def policy(place: Place, name: str, under_policy: str, by_hand: str, rounds: int) -> Row:
    """Compare a query under the policy with one that narrows itself."""
    given = {"organisation_id": place.organisation_id}
    async with (
        await AsyncConnection.connect(place.dsn, row_factory=dict_row) as person,
        await AsyncConnection.connect(place.owner_dsn) as owner,
    ):
        await become(person, Actor.person(place.person_id))
        ours, theirs = await take_turns(
            lambda: expect_rows(person, under_policy, given),
            lambda: expect_rows(owner, by_hand, given),
            rounds,
        )
    return Row(
        name=f"{name}, to a WHERE",
        value=ours / theirs,
        target=1.5,
        unit=TIMES,
        peers={"ms": ours * 1000, "WHERE ms": theirs * 1000},
    )


async def tell_of_the_unnamed(place: Place) -> None:
    """Say what a page costs that leaves its organisation to the policy alone."""
    row = await policy(place, "page", PAGE.format(where=""), HISTORY, SUM_ROUNDS)
    print(f"     a page that names no organisation, to one that does: {row.value:.1f} times")


async def batch(place: Place, database: Database, owner: AsyncConnection[Any]) -> Row:
    """Compare the recorder with its statement on a bare table; both commit each batch."""
    recorder = Recorder(database, max_batch=BATCH)

    async def under_policies() -> None:
        rows = predictions(place, BATCH * BATCHES)
        await asyncio.gather(*(recorder.record(row) for row in rows))

    async def bare() -> None:
        rows = predictions(place, BATCH * BATCHES)
        for first in range(0, len(rows), BATCH):
            part = map(values, rows[first : first + BATCH])
            columns = [list(column) for column in zip(*part, strict=True)]
            await owner.execute(BARE_INSERT.encode(), columns)

    ours, theirs = await take_turns(under_policies, bare, WRITE_ROUNDS)
    await recorder.stop()
    return writes("batch insert under policies", BATCH * BATCHES, ours, theirs, LEAST_INSERT)


async def copy(place: Place, database: Database, owner: AsyncConnection[Any]) -> Row:
    """Compare COPY as workers do it with COPY into a bare table."""

    async def copy_into(connection: AsyncConnection[Any], table: str) -> None:
        statement = f"copy public.{table} ({COLUMNS}) from stdin".encode()
        async with connection.cursor() as cursor, cursor.copy(statement) as target:
            for row in predictions(place, COPIED):
                await target.write_row(values(row))

    async def as_worker() -> None:
        async with database.transaction(WORKER) as connection:
            await copy_into(connection, "inference_results")

    async def bare() -> None:
        await copy_into(owner, "bare")

    ours, theirs = await take_turns(as_worker, bare, WRITE_ROUNDS)
    return writes("COPY as a worker", COPIED, ours, theirs, LEAST_COPY)


def writes(name: str, count: int, ours: float, theirs: float, target: float) -> Row:
    """Return the row of a rate beside the bare rate."""
    rates = {"rows/s": round(count / ours), "bare rows/s": round(count / theirs)}
    return Row(
        name=f"{name}, to a bare one",
        value=theirs / ours,
        target=target,
        unit=TIMES,
        at_least=True,
        peers=rates,
    )


def predictions(place: Place, count: int) -> list[PredictionRow]:
    """Return fresh rows of one organisation."""
    text = b'{"text": "%s"}' % (b"a review of a film " * 6)
    return [
        PredictionRow(
            id=uuid4(),
            organisation_id=place.organisation_id,
            person_id=place.person_id,
            model_version_id=place.version_id,
            input=text,
            output=b'{"label": "positive", "score": 0.93}',
            duration_seconds=0.001,
            created_at=datetime.now(UTC),
        )
        for _ in range(count)
    ]


def values(row: PredictionRow) -> tuple[object, ...]:
    """Return the columns of a row, JSON as text."""
    return (
        row.id,
        row.organisation_id,
        row.person_id,
        row.model_version_id,
        row.input.decode(),
        row.output.decode(),
        row.duration_seconds,
        row.created_at,
    )


async def take_turns(first: Work, second: Work, rounds: int) -> tuple[float, float]:
    """Return the seconds of each; they take turns, and each begins every other round.

    The lower quartile of all rounds: what a busy machine adds is no cost of isolation.
    """
    seconds: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + WARM_UP):
        for place in (0, 1) if number % 2 else (1, 0):
            began = time.perf_counter()
            await (first, second)[place]()
            if number >= WARM_UP:
                seconds[place].append(time.perf_counter() - began)
    ours, theirs = (statistics.quantiles(one, n=4)[0] for one in seconds)
    return ours, theirs


async def expect_one(connection: AsyncConnection[Any], query: str, row_id: UUID) -> None:
    """Read one row, which must be there."""
    if await (await connection.execute(query.encode(), [row_id])).fetchone() is None:
        raise SystemExit("The row that is read is not there.")


async def expect_rows(connection: AsyncConnection[Any], query: str, given: dict[str, UUID]) -> None:
    """Read rows, of which there must be some."""
    if not await (await connection.execute(query.encode(), given)).fetchall():
        raise SystemExit("The rows that are read are not there.")


if __name__ == "__main__":
    main()
