import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from owners import notes, owner_of, processes_of

import lockstitch
from lockstitch.database.account import NOBODY, Account
from lockstitch.database.binaries import find_binaries
from lockstitch.database.embedded import EmbeddedPostgres

DAEMON = 1

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give up its rights")


def everybody_may_read(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o005 == 0o005 for folder in (path, *path.parents))


def ordinary_user() -> list[str]:
    """Return what makes a command run as an ordinary user, who can read this project."""
    if os.geteuid() != 0:
        return []
    places = (sys.executable, sys.prefix, sys.base_prefix, lockstitch.__file__, __file__)
    if all(everybody_may_read(Path(place).resolve().parent) for place in places):
        return ["setpriv", f"--reuid={DAEMON}", f"--regid={DAEMON}", "--clear-groups"]
    # The clone is private to root: an ordinary user inside a user namespace still reads it.
    return ["unshare", "--user", f"--map-user={DAEMON}", f"--map-group={DAEMON}"]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users can reach, which pytest's own is not."""
    folder = Path(tempfile.mkdtemp(prefix="lockstitch-test-", dir="/var/tmp"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


def test_ordinary_user_owns_a_server_and_restarts_it(open_folder: Path) -> None:
    prefix = ordinary_user()
    home = open_folder / "home"
    home.mkdir(mode=0o700)
    if prefix[:1] == ["setpriv"]:
        os.chown(home, DAEMON, DAEMON)
    for rows in (1, 2):
        with owner_of(home / "data", *prefix) as owner:
            assert owner.user_id != 0
            assert notes(owner.dsn) == ["committed"] * rows
            owner.process.communicate("end\n")


def test_user_without_a_name_owns_a_server(tmp_path: Path) -> None:
    nameless = ["unshare", "--user", "--map-user=54321", "--map-group=54321"]
    with owner_of(tmp_path / "data", *nameless) as owner:
        assert owner.user_id == 54321
        assert notes(owner.dsn) == ["committed"]
        owner.process.communicate("end\n")


@as_root
def test_root_runs_postgres_inside_its_private_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with owner_of(tmp_path / "data") as owner:
        _, postmaster = processes_of(tmp_path / "data")
        mapping = Path(f"/proc/{postmaster}/uid_map").read_text().split()
        assert mapping == [str(NOBODY), "0", "1"]
        assert (tmp_path / "data" / "cluster").stat().st_uid == 0
        assert notes(owner.dsn) == ["committed"]
        owner.process.communicate("end\n")


def where_namespaces_are_refused(directory: Path, public_root: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(directory, accounts=(Account.NOBODY,), public_root=public_root)


@as_root
def test_root_gives_up_its_rights_where_namespaces_are_refused(
    tmp_path: Path, open_folder: Path
) -> None:
    tmp_path.chmod(0o700)
    directory, public_root = tmp_path / "data", open_folder / "public"
    for rows in (1, 2):
        with where_namespaces_are_refused(directory, public_root) as server:
            with psycopg.connect(server.dsn("postgres")) as connection:
                connection.execute("create table if not exists public.notes (text text)")
                connection.execute("insert into public.notes values ('committed')")
            _, postmaster = processes_of(directory)
            assert psutil.Process(postmaster).uids().effective == NOBODY
            assert psutil.Process(postmaster).uids().real == NOBODY
            assert notes(server.dsn("postgres")) == ["committed"] * rows
    assert public_root.stat().st_mode & 0o777 == 0o711
    (home,) = public_root.glob("cluster-*")
    assert home.stat().st_uid == NOBODY
    assert home.stat().st_mode & 0o777 == 0o700


@as_root
def test_programs_are_copied_only_where_nobody_cannot_reach_them(
    tmp_path: Path, open_folder: Path
) -> None:
    open_folder.chmod(0o755)
    found = find_binaries().copy_to(open_folder / "installation")
    assert everybody_may_read(found.folder)
    tmp_path.chmod(0o700)
    private = found.copy_to(tmp_path / "wheel")
    for binaries, copied in ((found, False), (private, True)):
        public_root = open_folder / f"public-{copied}"
        server = EmbeddedPostgres(
            tmp_path / f"data-{copied}",
            binaries,
            durable=False,
            accounts=(Account.NOBODY,),
            public_root=public_root,
        )
        with server:
            assert server.started_here
        assert (public_root / f"postgres-{found.version}").exists() == copied


@as_root
def test_account_that_the_machine_refuses_is_not_taken(tmp_path: Path) -> None:
    program = "from lockstitch.database.account import Account; from pathlib import Path; print("
    program += f"Account.NAMESPACE.can_work_in(Path({str(tmp_path)!r}), Path('/bin/true')))"
    # A limit of none stands for the machines, most containers among them, that refuse them.
    limited = ["unshare", "--user", "--map-root-user", "sh", "-c"]
    script = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$0" -c "$1"'
    answer = subprocess.run(
        [*limited, script, sys.executable, program], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "False"
