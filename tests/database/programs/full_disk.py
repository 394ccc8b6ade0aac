"""Live through a full disk: full_disk.py DIRECTORY, with the right to mount there."""

import asyncio
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psycopg

from lockstitch.database.embedded import EmbeddedPostgres
from lockstitch.database.session import ANONYMOUS, Database
from lockstitch.errors import DatabaseError, DiskFull

FILL = "insert into public.notes select repeat(md5(i::text), 250) from generate_series(1, 9000) i"


def mount(options: str, directory: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", directory], check=True)


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


async def insert_too_much(dsn: str) -> None:
    database = Database(dsn)
    await database.open()
    try:
        async with database.transaction(ANONYMOUS) as connection:
            await connection.execute(FILL)
    except DiskFull as error:
        print("insert:", error)
    finally:
        await database.close()


def connect_after_recovery(dsn: str) -> psycopg.Connection:
    """Connect as soon as the server has recovered: a log that cannot grow makes it start anew."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return psycopg.connect(dsn)
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def start(disk: Path) -> str:
    try:
        EmbeddedPostgres(disk / "data").start()
    except DatabaseError as error:
        return f"{type(error).__name__} {error}"
    return "it started"


disk = Path(sys.argv[1])
mount("size=4m", disk)
for size in (4, 12, 20, 28):
    mount(f"remount,size={size}m", disk)
    print("start:", start(disk), "left:", names(disk / "data"))

mount("remount,size=160m", disk)
with EmbeddedPostgres(disk / "data") as server:
    with psycopg.connect(server.dsn("postgres")) as owner:
        owner.execute("create table public.notes (text text)")
        owner.execute("alter table public.notes alter text set storage external")
    ballast = disk / "ballast"
    subprocess.run(["fallocate", "-l", "80M", ballast], check=True)
    asyncio.run(insert_too_much(server.dsn()))
    ballast.unlink()
    with connect_after_recovery(server.dsn("postgres")) as owner:
        owner.execute("insert into public.notes values ('after')")
        print("rows:", owner.execute("select count(*) from public.notes").fetchone())

with ballast.open("wb", buffering=0) as file, suppress(OSError):
    while True:
        file.write(bytes(4096))
print("full:", start(disk))
ballast.unlink()
with EmbeddedPostgres(disk / "data") as server, psycopg.connect(server.dsn("postgres")) as owner:
    print("again:", owner.execute("select count(*) from public.notes").fetchone())
