"""Group commit: the rows of all answers that are ready are stored in one statement."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import DataError, IntegrityError

from lockstitch.database.session import SERVER, Database
from lockstitch.errors import (
    DatabaseError,
    DatabaseUnavailable,
    IdempotencyKeyInUse,
    LockstitchError,
)
from lockstitch.identity.idempotency import KeyedAnswer, keep
from lockstitch.serving.batching import Batcher
from lockstitch.tracing import span

_INSERT = """
insert into public.inference_results
    (id, organisation_id, person_id, model_version_id, input, output, duration_seconds, created_at)
select
    id, organisation_id, person_id, model_version_id, input::jsonb, output::jsonb,
    duration_seconds, created_at
from unnest(
    %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::text[],
    %s::double precision[], %s::timestamptz[]
) as answered
    (id, organisation_id, person_id, model_version_id, input, output, duration_seconds, created_at)
"""


@dataclass(frozen=True, slots=True)
class PredictionRow:
    """One answered prediction. `input` and `output` are JSON, as `encoding` makes it.

    `keyed` is the whole answer, where the request came with an Idempotency-Key.
    """

    id: UUID
    organisation_id: UUID
    person_id: UUID | None
    model_version_id: UUID
    input: bytes
    output: bytes
    duration_seconds: float
    created_at: datetime
    keyed: KeyedAnswer | None = None


class Recorder:
    """Stores predictions before their answers leave.

    While one transaction is under way, the rows of the next answers gather, and go together:
    under load a row costs a fraction of a commit, alone it waits for nothing.
    """

    def __init__(self, database: Database, *, max_batch: int = 256, max_queue: int = 4096) -> None:
        self._database = database
        self.max_queue = max_queue
        self._batcher: Batcher[PredictionRow, None] = Batcher(
            self._store,
            name="The store of predictions",
            max_batch=max_batch,
            max_queue=max_queue,
            refusal=DatabaseUnavailable,
            late=DatabaseUnavailable,
        )

    async def record(self, row: PredictionRow, *, deadline: float | None = None) -> None:
        """Return when the row is committed.

        Args:
            row: The row.
            deadline: The loop's time after which nobody waits for it.

        Raises:
            DatabaseUnavailable: The database cannot be reached, too many rows wait, the
                deadline came first, or the recorder is stopping.
            DiskFull: The database has no space left.
            DatabaseError: The database refused this row.
            IdempotencyKeyInUse: Another request took over the key of this one.
        """
        with span("store"):
            await self._batcher.submit(row, deadline=deadline)

    async def record_together(
        self,
        rows: Sequence[PredictionRow],
        keyed: KeyedAnswer | None,
        *,
        deadline: float | None = None,
    ) -> None:
        """Return when all rows and the answer that they belong to are committed, in one group.

        Raises:
            DatabaseUnavailable, DiskFull, DatabaseError, IdempotencyKeyInUse: As `record`;
                nothing is stored then.
        """
        try:
            async with asyncio.timeout_at(deadline):
                await self._insert(rows, [keyed] if keyed is not None else [])
        except TimeoutError:
            raise DatabaseUnavailable(
                "The store of predictions did not answer in time. Try again in a moment."
            ) from None
        except (DataError, IntegrityError) as error:
            raise _refused(error) from error

    @property
    def waiting(self) -> int:
        """How many rows wait for the next group."""
        return self._batcher.waiting

    async def stop(self) -> None:
        """Store what was accepted and refuse everything new."""
        await self._batcher.stop()

    async def _store(self, rows: list[PredictionRow]) -> Sequence[Exception | None]:
        try:
            await self._insert(rows, [row.keyed for row in rows if row.keyed is not None])
        except (DataError, IntegrityError, IdempotencyKeyInUse) as error:
            if len(rows) == 1:
                return [_refused(error)]
            # One row that Postgres refuses must not cost another tenant its answer.
            return [outcome for row in rows for outcome in await self._store([row])]
        return [None] * len(rows)

    async def _insert(self, rows: Sequence[PredictionRow], keyed: list[KeyedAnswer]) -> None:
        columns = (
            [row.id for row in rows],
            [row.organisation_id for row in rows],
            [row.person_id for row in rows],
            [row.model_version_id for row in rows],
            [row.input.decode() for row in rows],
            [row.output.decode() for row in rows],
            [row.duration_seconds for row in rows],
            [row.created_at for row in rows],
        )
        async with self._database.transaction(SERVER) as connection:
            await connection.execute(_INSERT, columns)
            await keep(connection, keyed)


def _refused(error: DataError | IntegrityError | IdempotencyKeyInUse) -> LockstitchError:
    if isinstance(error, IdempotencyKeyInUse):
        return error
    # Postgres quotes the values in its message; its code does not.
    refusal = DatabaseError(f"The prediction could not be stored (SQLSTATE {error.sqlstate}).")
    refusal.__cause__ = error
    return refusal
