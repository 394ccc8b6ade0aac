"""A dataset's row and its file together: neither is ever left without the other."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from typing import Any, Final

from anyio import CancelScope, to_thread
from psycopg.errors import InsufficientPrivilege
from psycopg.types.json import Jsonb

from lockstitch.database.session import SERVER, Actor, Connection, Database
from lockstitch.datasets.storage import DatasetStorage, IncomingFile

Row = dict[str, Any]

# Uploads of one name wait for each other; two could otherwise take the same version.
_WAIT_FOR_THE_NAME: Final = """
select pg_advisory_xact_lock(hashtextextended('dataset ' || %(organisation_id)s || %(name)s, 0))
"""
_INSERT: Final = """
insert into public.user_datasets (
    id, organisation_id, person_id, name, version, media_type, size_bytes, digest, storage_path,
    columns, row_count
)
select
    %(id)s, %(organisation_id)s, %(person_id)s, %(name)s, coalesce(max(version), 0) + 1,
    %(media_type)s, %(size_bytes)s, %(digest)s, %(storage_path)s, %(columns)s, %(row_count)s
from public.user_datasets
where organisation_id = %(organisation_id)s and name = %(name)s
returning
    id, person_id, name, version, media_type, size_bytes, digest, columns, row_count, created_at,
    storage_path
"""
_INSERT_OBJECT: Final = """
insert into storage.objects (bucket_id, name, owner, owner_id, metadata)
values ('datasets', %(storage_path)s, %(person_id)s::uuid, %(person_id)s::text, %(metadata)s)
"""
_EXISTS: Final = "select from public.user_datasets where id = %(id)s"
_DELETE: Final = """
delete from public.user_datasets
where organisation_id = %(organisation_id)s and id = %(id)s
returning storage_path
"""
_DELETE_OBJECT: Final = """
delete from storage.objects where bucket_id = 'datasets' and name = %(storage_path)s
"""
_KNOWN_ORGANISATIONS: Final = "select id from public.organisations where id = any(%s)"
_KNOWN_FILES: Final = "select storage_path from public.user_datasets where storage_path = any(%s)"


async def store(
    database: Database,
    storage: DatasetStorage,
    actor: Actor,
    file: IncomingFile,
    values: Row,
    finish: Callable[[Connection, Row], Awaitable[None]],
) -> None:
    """Keep the file, then insert the row; without the row the file goes again.

    Args:
        database: Where the row goes.
        storage: Where the file goes.
        actor: Who uploads.
        file: What has arrived.
        values: The row.
        finish: Called with the row, with the version that it got, last in its transaction.

    Raises:
        InsufficientPrivilege: The policies do not let this actor upload.
        DiskFull: No space is left for the file.
    """
    values = {**values, "columns": Jsonb(values["columns"])}
    path = storage.path(values["storage_path"])
    try:
        await to_thread.run_sync(file.keep_as, path)
        async with database.transaction(actor) as connection:
            await connection.execute(_WAIT_FOR_THE_NAME, values)
            row = await (await connection.execute(_INSERT, values)).fetchone()
            await _add_object(connection, values)
            await finish(connection, row or {})
    except BaseException:
        # The caller may be gone, and the file has to go all the same.
        with CancelScope(shield=True):
            await _undo(database, storage, actor, values)
        raise


async def remove(database: Database, storage: DatasetStorage, actor: Actor, values: Row) -> bool:
    """Delete the row, then the file; return whether there was such a row for this actor.

    A process that dies between the two leaves the file to the next sweep.
    """
    async with database.transaction(actor) as connection:
        row = await (await connection.execute(_DELETE, values)).fetchone()
        if row is None:
            return False
        async with _where_allowed(connection):
            await connection.execute(_DELETE_OBJECT, row)
    await to_thread.run_sync(storage.remove, row["storage_path"])
    return True


async def sweep(storage: DatasetStorage, database: Database) -> None:
    """Delete what processes that died have left: unfinished files, and files without a row.

    Files of organisations that this database does not know stay: it may be the wrong database.
    """
    await to_thread.run_sync(storage.sweep_incoming)
    organisations = await to_thread.run_sync(storage.organisations)
    if not organisations:
        return
    async with database.transaction(SERVER) as connection:
        cursor = await connection.execute(_KNOWN_ORGANISATIONS, [organisations])
        known = [row["id"] for row in await cursor.fetchall()]
    for organisation_id in known:
        with closing(storage.abandoned(organisation_id)) as batches:
            for names in batches:
                await _remove_unnamed(storage, database, names)


async def _remove_unnamed(storage: DatasetStorage, database: Database, names: list[str]) -> None:
    async with database.transaction(SERVER) as connection:
        cursor = await connection.execute(_KNOWN_FILES, [names])
        named = {row["storage_path"] for row in await cursor.fetchall()}
    for name in set(names) - named:
        await to_thread.run_sync(storage.remove, name)


async def _undo(database: Database, storage: DatasetStorage, actor: Actor, values: Row) -> None:
    """Delete the file unless the row is there: a lost connection may have hidden a commit."""
    async with database.transaction(actor) as connection:
        # Where the transaction still runs on the server, this waits for its end.
        await connection.execute(_WAIT_FOR_THE_NAME, values)
        stored = await (await connection.execute(_EXISTS, values)).fetchone()
    if stored is None:
        await to_thread.run_sync(storage.remove, values["storage_path"])


async def _add_object(connection: Connection, values: Row) -> None:
    metadata = Jsonb({"size": values["size_bytes"], "mimetype": values["media_type"]})
    async with _where_allowed(connection):
        await connection.execute(_INSERT_OBJECT, {**values, "metadata": metadata})


@asynccontextmanager
async def _where_allowed(connection: Connection) -> AsyncIterator[None]:
    """Go on without what the policies of storage refuse: Supabase may keep them to itself."""
    try:
        async with connection.transaction():
            yield
    except InsufficientPrivilege:
        return
