import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import psycopg
import pytest
from owners import PROGRAMS, is_alive, kill, notes, owner_of, processes_of, wait_until
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from lockstitch.database.embedded import (
    EmbeddedPostgres,
    running_dsn,
    running_server,
    stop_detached,
)
from lockstitch.errors import DatabaseUnavailable, DataDirectoryRefused

WARM_START_SECONDS = 1.0


def setting(server: EmbeddedPostgres, name: str) -> str:
    with psycopg.connect(server.dsn()) as connection:
        row = connection.execute("select current_setting(%s)", [name]).fetchone()
    assert row is not None
    return str(row[0])


def test_new_directory_is_for_its_owner_alone(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    with EmbeddedPostgres(directory) as server:
        for path in (directory, directory / "cluster", directory / "run"):
            assert stat.S_IMODE(path.stat().st_mode) == 0o700
        assert stat.S_IMODE((directory / "passwords").stat().st_mode) == 0o600
        assert notes_table_lives(server)


def notes_table_lives(server: EmbeddedPostgres) -> bool:
    with psycopg.connect(server.dsn("postgres")) as connection:
        connection.execute("create table if not exists public.notes (text text)")
        connection.execute("insert into public.notes values ('kept')")
    return "kept" in notes(server.dsn("postgres"))


def test_warm_start_takes_at_most_a_second_and_keeps_the_rows(directory: Path) -> None:
    with EmbeddedPostgres(directory) as server:
        assert notes_table_lives(server)
    times = []
    for _ in range(3):
        begin = time.perf_counter()
        with EmbeddedPostgres(directory) as server:
            times.append(time.perf_counter() - begin)
            assert notes(server.dsn("postgres")) == ["kept"]
    assert min(times) < WARM_START_SECONDS


def test_nothing_listens_on_the_network(postgres: EmbeddedPostgres) -> None:
    with psycopg.connect(postgres.dsn()) as connection:
        backend = psutil.Process(connection.info.backend_pid)
        postmaster = backend.parent()
        assert postmaster is not None
        assert postmaster.net_connections(kind="inet") == []


def test_wrong_password_is_refused(postgres: EmbeddedPostgres) -> None:
    for role in ("authenticator", "postgres", "supabase_admin"):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(make_conninfo(postgres.dsn(role), password="wrong"))


def test_connection_string_holds_no_secret(postgres: EmbeddedPostgres) -> None:
    parameters = conninfo_to_dict(postgres.dsn())
    password = Path(str(parameters["passfile"])).read_text().strip().rpartition(":")[2]
    assert len(password) >= 40
    assert password not in postgres.dsn()
    assert parameters["password"] == ""


def test_real_data_is_synced_to_disk(directory: Path) -> None:
    with EmbeddedPostgres(directory) as server:
        assert setting(server, "fsync") == "on"
        assert setting(server, "full_page_writes") == "on"
        assert setting(server, "synchronous_commit") == "on"
        assert setting(server, "data_checksums") == "on"
        assert setting(server, "jit") == "off"


def test_second_start_attaches_and_stops_nothing(directory: Path) -> None:
    with EmbeddedPostgres(directory, durable=False) as first:
        with EmbeddedPostgres(directory) as second:
            assert second.dsn() == first.dsn()
            assert (first.started_here, second.started_here) == (True, False)
        assert notes_table_lives(first)
    assert running_server(directory) is None


def test_server_of_another_process_is_refused_and_not_disturbed(directory: Path) -> None:
    with owner_of(directory) as owner:
        server = EmbeddedPostgres(directory)
        with pytest.raises(DataDirectoryRefused, match=f"in use by pid {owner.process.pid}. Stop"):
            server.start()
        with pytest.raises(DatabaseUnavailable, match="is not running"):
            server.dsn()
        with EmbeddedPostgres(directory, share=True) as guest:
            assert not guest.started_here
            assert notes(guest.dsn("postgres")) == ["committed"]
        owner.kill()
    with EmbeddedPostgres(directory) as server:
        assert server.started_here


def test_detached_server_is_used(directory: Path) -> None:
    EmbeddedPostgres(directory, durable=False).start_detached()
    try:
        with owner_of(directory) as owner:
            assert notes(owner.dsn) == ["committed"]
            owner.process.communicate("end\n")
        assert running_server(directory) is not None
    finally:
        assert stop_detached(directory)


def test_workers_of_one_parent_share_a_server(tmp_path: Path) -> None:
    program = PROGRAMS / "share_among_workers.py"
    answer = subprocess.run(
        [sys.executable, program, tmp_path / "data"], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    assert sorted(answer.stdout.splitlines()) == [
        "works, server.started_here=False",
        "works, server.started_here=False",
        "works, server.started_here=True",
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows a process's environment")
def test_secrets_of_the_application_stay_with_it(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCKSTITCH_SECRET_KEY", "canary")
    monkeypatch.setenv("lockstitch_demo_password", "canary")
    monkeypatch.setenv("PGPASSWORD", "canary")
    with EmbeddedPostgres(directory, durable=False):
        for pid in processes_of(directory):
            environment = Path(f"/proc/{pid}/environ").read_bytes()
            assert b"PATH=" in environment
            assert b"canary" not in environment


def test_many_who_make_a_directory_at_once_share_one_server(tmp_path: Path) -> None:
    servers = [EmbeddedPostgres(tmp_path / "data", durable=False) for _ in range(4)]
    threads = [threading.Thread(target=server.start) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(server.started_here for server in servers) == 1
    assert len({server.dsn() for server in servers}) == 1
    for server in servers:
        server.stop()


def test_start_waits_for_a_stop_under_way(directory: Path) -> None:
    first = EmbeddedPostgres(directory, durable=False).start()
    stopper = threading.Thread(target=first.stop)
    stopper.start()
    with EmbeddedPostgres(directory, durable=False) as second:
        stopper.join()
        if second.started_here:
            assert notes_table_lives(second)


def test_stopped_server_has_no_connection_string(directory: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="is not running"):
        EmbeddedPostgres(directory).dsn()


def test_long_path_gets_a_short_socket_directory(directory: Path, tmp_path: Path) -> None:
    directory = directory.rename(tmp_path / ("long-" * 20))
    with EmbeddedPostgres(directory, durable=False) as server:
        sockets = Path(str(conninfo_to_dict(server.dsn())["host"]))
        assert not sockets.is_relative_to(directory)
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert notes_table_lives(server)
    assert not sockets.exists()


@pytest.mark.parametrize(
    "name", ["a,b", "a b", "it's", 'say "x"', "50%", "#1", "zürich 東京", "a\\b", "a\u2028b"]
)
def test_any_name_will_do(directory: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    directory = directory.rename(tmp_path / name / "data")
    with EmbeddedPostgres(directory, durable=False) as server:
        assert notes_table_lives(server)


def test_new_cluster_is_made_under_any_name(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "a, 'b' \"c\" 50% #1 ü\\", durable=False) as server:
        assert notes_table_lives(server)


def test_killed_owner_takes_postgres_with_it(directory: Path) -> None:
    with owner_of(directory) as owner:
        keeper, postmaster = processes_of(directory)
        owner.kill()
        wait_until(lambda: not is_alive(keeper) and not is_alive(postmaster))
    with EmbeddedPostgres(directory) as server:
        assert notes(server.dsn("postgres")) == ["committed"]


def test_committed_rows_survive_the_death_of_everything_at_once(directory: Path) -> None:
    with owner_of(directory) as owner:
        kill(owner.process.pid, *processes_of(directory))
    with EmbeddedPostgres(directory) as server:
        assert notes(server.dsn("postgres")) == ["committed"]


def test_killed_keeper_leaves_no_postgres(directory: Path) -> None:
    with owner_of(directory) as owner:
        keeper, postmaster = processes_of(directory)
        kill(keeper)
        wait_until(lambda: not is_alive(postmaster))
        with EmbeddedPostgres(directory) as server:
            assert server.started_here
            assert notes(server.dsn("postgres")) == ["committed"]
        owner.kill()


def test_killed_postgres_is_started_again(directory: Path) -> None:
    with owner_of(directory) as owner:
        _, postmaster = processes_of(directory)
        kill(postmaster)
        wait_until(lambda: runs_anew(directory, postmaster))
        assert notes(owner.dsn) == ["committed"]
        owner.kill()
        wait_until(lambda: running_server(directory) is None)


def runs_anew(directory: Path, killed: int) -> bool:
    running = running_server(directory)
    return running is not None and running.postgres_pid != killed


def test_stale_pid_of_a_living_process_does_not_stop_the_start(directory: Path) -> None:
    with EmbeddedPostgres(directory, durable=False):
        pid_file = directory / "cluster" / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    with EmbeddedPostgres(directory, durable=False) as server:
        assert notes_table_lives(server)


def test_interrupt_of_the_terminal_leaves_postgres_to_its_owner(directory: Path) -> None:
    with owner_of(directory) as owner:
        _, postmaster = processes_of(directory)
        assert os.getpgid(postmaster) != os.getpgid(owner.process.pid)
        os.killpg(owner.process.pid, signal.SIGINT)
        assert notes(owner.dsn) == ["committed"]
        owner.process.communicate("end\n")
        assert owner.process.returncode == 0
        assert not is_alive(postmaster)


def test_stop_takes_less_than_five_seconds_with_sessions_open(directory: Path) -> None:
    server = EmbeddedPostgres(directory).start()
    connection = psycopg.connect(server.dsn("postgres"))
    connection.execute("create table public.notes as select generate_series(1, 100000)")
    begin = time.perf_counter()
    server.stop()
    assert time.perf_counter() - begin < 5
    with pytest.raises(psycopg.errors.AdminShutdown):
        connection.commit()


def test_detached_server_runs_until_it_is_stopped(directory: Path) -> None:
    EmbeddedPostgres(directory, durable=False).start_detached()
    running = running_server(directory)
    assert running is not None
    assert running.owner_pid is None
    with psycopg.connect(running_dsn(directory, "postgres")) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    assert stop_detached(directory)
    assert not is_alive(running.postgres_pid)
    assert not stop_detached(directory)
    with pytest.raises(DatabaseUnavailable, match="lockstitch db start"):
        running_dsn(directory, "postgres")


def test_owned_server_is_stopped_by_its_owner_only(directory: Path) -> None:
    with EmbeddedPostgres(directory, durable=False) as server:
        with pytest.raises(DatabaseUnavailable, match=f"belongs to process {os.getpid()}"):
            stop_detached(directory)
        assert notes_table_lives(server)


def test_orderly_end_leaves_no_trace(directory: Path) -> None:
    with owner_of(directory) as owner:
        owner.process.communicate("end\n")
    assert sorted(path.name for path in directory.iterdir()) == [
        "cluster",
        "lock",
        "passwords",
        "postgres.log",
    ]
    log = (directory / "postgres.log").read_text()
    assert "Traceback" not in log
    assert log.rstrip().endswith("database system is shut down")
