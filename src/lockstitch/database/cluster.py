"""A new cluster: initdb beside its place, then one rename."""

import os
import secrets
import signal
import subprocess
import tempfile
from pathlib import Path

from lockstitch.database.account import die_with_parent
from lockstitch.database.directory import disk_full, says_disk_full, write_private
from lockstitch.database.place import Place
from lockstitch.errors import DatabaseError, DatabaseUnavailable

SUPERUSER = "supabase_admin"

# Passwords over the socket, and not one line for TCP.
_HOST_BASED_AUTHENTICATION = "local all all scram-sha-256\n"


def create_cluster(place: Place, *, durable: bool = True) -> None:
    """Make the cluster; whatever goes wrong, nothing half made stays.

    Raises:
        DiskFull: No space is left.
        DatabaseUnavailable: initdb failed; the message has its reason.
    """
    home, account = place.directory.home, place.account
    password = secrets.token_urlsafe(32)
    with tempfile.TemporaryDirectory(prefix="new-", dir=home) as workshop:
        password_file = Path(workshop) / "password"
        write_private(password_file, password)
        for path in (Path(workshop), password_file):
            account.own(path)
        cluster = Path(workshop) / "cluster"
        _run_initdb(place, cluster, password_file, durable=durable)
        (cluster / "pg_hba.conf").write_text(_HOST_BASED_AUTHENTICATION)
        # libpq reads it: host:port:database:role:password.
        write_private(place.directory.password_file, f"*:*:*:*:{password}\n")
        cluster.rename(place.directory.cluster)


def failure(place: Place, program: str, output: str) -> DatabaseError:
    """Return what the output of a program of Postgres that failed means to a person."""
    if says_disk_full(output):
        return disk_full(place.directory.home)
    reasons = [line for line in output.splitlines() if "FATAL:" in line or "error:" in line]
    lines = reasons or output.strip().splitlines() or ["it said nothing"]
    reason = lines[-1].split("FATAL:")[-1].split("error:")[-1].strip()
    return DatabaseUnavailable(
        f"{program} failed in {place.directory.path}: {reason}. "
        f"{place.directory.log_file} says more."
    )


def environment() -> dict[str, str]:
    """Return what a program of Postgres needs.

    Without the PG* variables that would steer it, and without the secrets of the application.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(("PG", "LC_", "LANG", "LOCKSTITCH_"))
    }
    return {**kept, "LC_ALL": "C"}


def _run_initdb(place: Place, cluster: Path, password_file: Path, *, durable: bool) -> None:
    command: list[str | Path] = [
        place.binaries.program("initdb"),
        f"--pgdata={cluster}",
        f"--username={SUPERUSER}",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        *_locale_options(place.binaries.major),
        *([] if durable else ["--no-sync"]),
    ]
    answer = subprocess.run(
        command,
        preexec_fn=lambda: _become_initdb(place),
        cwd=place.directory.home,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if answer.returncode != 0:
        with place.directory.log_file.open("a") as log:
            log.write(answer.stdout)
        raise failure(place, "initdb", answer.stdout)


def _become_initdb(place: Place) -> None:
    place.account.enter()
    die_with_parent(signal.SIGKILL)


def _locale_options(major: int) -> list[str]:
    """Sort by code point and know the letters of Unicode, alike on every machine."""
    if major >= 17:  # noqa: PLR2004 - the first version with a provider of its own.
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C.UTF-8"]
