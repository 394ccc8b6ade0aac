"""Versions: numbered once, by whichever process comes first."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from shouting import Shout, Trained, silent
from tenants import Tenant

from lockstitch.database.session import SERVER, Database
from lockstitch.serving.registry import register_version
from lockstitch.serving.runtime import ModelRuntime


async def trained(folder: Path, ending: str) -> ModelRuntime:
    model = Trained()
    model.ending = ending
    runtime = ModelRuntime(model, folder / ending)
    runtime.prepare(silent)
    await runtime.start()
    return runtime


async def test_a_digest_keeps_its_version_and_a_new_one_gets_the_next(
    database: Database, tmp_path: Path
) -> None:
    first, second = await trained(tmp_path, "a"), await trained(tmp_path, "b")
    versions = [await register_version(database, runtime) for runtime in (first, second, first)]

    assert [version.version for version in versions] == [1, 2, 1]
    assert versions[0] == versions[2]


async def test_the_metrics_and_labels_are_kept_for_everybody(
    database: Database, tenants: tuple[Tenant, Tenant], tmp_path: Path
) -> None:
    registered = await register_version(database, await trained(tmp_path, "a"))
    async with database.transaction(tenants[0].actor) as connection:
        cursor = await connection.execute(
            "select organisation_id, model, metrics, labels from public.model_versions "
            "where id = %s",
            [registered.id],
        )
        row = await cursor.fetchone()

    assert row == {
        "organisation_id": None,
        "model": "trained",
        "metrics": {"accuracy": 0.5, "rows": 2},
        "labels": ["loud", "quiet"],
    }


async def test_a_model_without_files_has_versions_too(database: Database, tmp_path: Path) -> None:
    runtime = ModelRuntime(Shout(), tmp_path)
    await runtime.start()

    assert (await register_version(database, runtime)).version == 1


async def test_an_organisations_own_version_does_not_count(
    database: Database, tenants: tuple[Tenant, Tenant], tmp_path: Path
) -> None:
    runtime = await trained(tmp_path, "a")
    async with database.transaction(SERVER) as connection:
        await connection.execute(
            "insert into public.model_versions (organisation_id, model, version, digest) "
            "values (%s, 'trained', 7, %s)",
            [tenants[0].organisation_id, runtime.digest],
        )

    assert (await register_version(database, runtime)).version == 1


async def test_processes_that_start_at_once_agree(database_dsn: str, tmp_path: Path) -> None:
    runtimes = [await trained(tmp_path, ending) for ending in "abcd"]
    processes = [Database(database_dsn, max_connections=4) for _ in range(3)]
    async with AsyncExitStack() as stack:
        for process in processes:
            stack.push_async_callback(process.close)
            await process.open()
        registered = await asyncio.gather(
            *(register_version(process, runtime) for process in processes for runtime in runtimes)
        )

    assert sorted({version.version for version in registered}) == [1, 2, 3, 4]
    assert registered[:4] == registered[4:8] == registered[8:]
