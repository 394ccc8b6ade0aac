"""The versions of a model, numbered in the database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from lockstitch.database.session import SERVER, Database
from lockstitch.serving.runtime import ModelRuntime

_FIND = """
select id, version, created_at from public.model_versions
where organisation_id is null and model = %(model)s and digest = %(digest)s
"""

_ADD = """
insert into public.model_versions (model, version, digest, metrics, labels)
select %(model)s, coalesce(max(version), 0) + 1, %(digest)s, %(metrics)s, %(labels)s
from public.model_versions
where organisation_id is null and model = %(model)s
on conflict do nothing
returning id, version, created_at
"""


@dataclass(frozen=True, slots=True)
class RegisteredVersion:
    """A version of the whole application's model, as it stands in `model_versions`."""

    id: UUID
    version: int
    created_at: datetime


async def register_version(database: Database, runtime: ModelRuntime) -> RegisteredVersion:
    """Return the version with the model's digest; a digest seen first gets the next number.

    Any number of processes may call it at once. The unique constraints decide who adds the
    row; the others try again and find it, or take the number after it.

    Raises:
        DatabaseUnavailable: The database cannot be reached.
        ModelLoading: The model has not been loaded yet.
    """
    artefact = runtime.artefact
    values = {
        "model": runtime.name,
        "digest": runtime.digest,
        "metrics": Jsonb(artefact.metrics if artefact else {}),
        "labels": Jsonb(list(artefact.labels)) if artefact and artefact.labels else None,
    }
    while True:
        async with database.transaction(SERVER) as connection:
            for statement in (_FIND, _ADD):
                row = await _first_row(connection, statement, values)
                if row is not None:
                    return RegisteredVersion(**row)


async def _first_row(
    connection: AsyncConnection[dict[str, Any]], statement: str, values: dict[str, Any]
) -> dict[str, Any] | None:
    cursor = await connection.execute(statement, values)
    return await cursor.fetchone()
