"""A real PgBouncer in transaction mode, in front of the test's Postgres."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from lockstitch.database.account import Account, candidates
from lockstitch.database.cluster import environment

# It stays from run to run; `make clean` removes it.
FOLDER = Path(__file__).parents[1] / ".bench" / "pgbouncer"
# PgBouncer, and what it needs that not every machine has.
PACKAGES = ("pgbouncer", "libc-ares2", "libevent-2.1-7")
PORT = 6432
START_SECONDS = 20.0


@contextmanager
def transaction_pooler(dsn: str) -> Iterator[str]:
    """Yield a connection string that leads to the same database through PgBouncer.

    All clients share one connection to the server, so that whatever one transaction leaves behind
    meets the next one.
    """
    server = {name: str(value) for name, value in conninfo_to_dict(dsn).items()}
    password = Path(server["passfile"]).read_text().strip().rpartition(":")[2]
    # Short, for the path of a socket has a limit.
    with tempfile.TemporaryDirectory(prefix="pgbouncer-", dir="/tmp") as name:
        folder = Path(name)
        (folder / "users").write_text(f'"{server["user"]}" "{password}"\n')
        (folder / "configuration").write_text(
            f"[databases]\n"
            f"{server['dbname']} = host={server['host']} port={server['port']}\n"
            f"[pgbouncer]\n"
            f"pool_mode = transaction\n"
            f"default_pool_size = 1\n"
            f"listen_port = {PORT}\n"
            f"unix_socket_dir = {folder}\n"
            f"auth_type = scram-sha-256\n"
            f"auth_file = {folder / 'users'}\n"
        )
        pooled = make_conninfo(
            **{**server, "host": str(folder), "port": str(PORT), "passfile": server["passfile"]}
        )
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [program(), str(folder / "configuration")],
                env={**environment(), "LD_LIBRARY_PATH": library_path()},
                # PgBouncer refuses root, as Postgres does; a namespace calls it nobody.
                preexec_fn=account().enter,  # noqa: PLW1509 - it takes no lock.
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            wait_until_it_answers(pooled, process, folder / "log")
            yield pooled
        finally:
            process.kill()
            process.wait()


def account() -> Account:
    """Return the account under which the test's Postgres runs, too."""
    return candidates()[0]


def program() -> str:
    """Return PgBouncer: the machine's own, else the one of Debian's package."""
    installed = shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if installed is not None:
        return installed
    fetched = FOLDER / "usr" / "sbin" / "pgbouncer"
    if not fetched.exists():
        fetch()
    return str(fetched)


def library_path() -> str:
    """Return where the libraries are that came with the package."""
    return ":".join(str(path) for path in sorted(FOLDER.glob("usr/lib/*-linux-gnu")))


def fetch() -> None:
    """Unpack Debian's packages beside the tests; nothing is installed, nobody need be root."""
    with tempfile.TemporaryDirectory(prefix="pgbouncer-") as name:
        workshop = Path(name)
        if apt(workshop, "download", *PACKAGES).returncode != 0:
            # The package lists of this machine are missing or old.
            lists = own_lists(workshop)
            updated = apt(workshop, *lists, "update")
            answer = apt(workshop, *lists, "download", *PACKAGES)
            reason = f"{updated.stderr}\n{answer.stderr}"
            assert answer.returncode == 0, (
                "PgBouncer is neither installed nor can it be fetched from Debian. Install the "
                f"package pgbouncer, or let apt-get reach its registry:\n{reason}"
            )
        unpacked = workshop / "unpacked"
        for package in workshop.glob("*.deb"):
            subprocess.run(["dpkg", "-x", package, unpacked], check=True)
        FOLDER.parent.mkdir(exist_ok=True)
        shutil.move(unpacked, FOLDER)


def own_lists(workshop: Path) -> list[str]:
    """Return the options with which apt keeps its lists in a folder of ours."""
    state, cache = workshop / "state", workshop / "cache"
    for folder in (state / "lists" / "partial", cache / "archives" / "partial"):
        folder.mkdir(parents=True)
    return ["-o", f"Dir::State::lists={state / 'lists'}", "-o", f"Dir::Cache={cache}"]


def apt(workshop: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["apt-get", "-qq", *arguments], cwd=workshop, capture_output=True, text=True, check=False
    )


def wait_until_it_answers(dsn: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(dsn, connect_timeout=5).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PgBouncer does not answer: {log.read_text()}") from None
            time.sleep(0.05)
        else:
            return
