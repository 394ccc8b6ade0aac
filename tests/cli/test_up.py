"""`lockstitch up`: how a product starts, ends, and survives."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx2
import psutil
import pytest
from product import Product, all_gone

MakeProduct = Callable[..., Product]
PATH = "/v1/models/counter/predictions"


def test_ctrl_c_ends_everything_within_five_seconds(project: Path, product_in: MakeProduct) -> None:
    product = product_in(project).start()
    assert product.client().post(PATH, json={"text": "four"}).json()["output"]["characters"] == 4
    processes = product.processes()
    assert len(processes) > 3, "a supervisor, a web process, a keeper and Postgres"

    seconds, _ = product.stop(signal.SIGINT)

    assert seconds < 5
    assert product.process is not None
    assert product.process.returncode == 0
    assert all_gone(processes, within_seconds=0.5)


def test_sigterm_lets_a_request_finish_and_takes_no_new_one(
    project: Path, product_in: MakeProduct
) -> None:
    product = product_in(project).start()
    client = product.client()
    processes = product.processes()
    answers: list[httpx2.Response] = []
    asking = threading.Thread(
        target=lambda: answers.append(client.post(PATH, json={"text": "slow"}))
    )
    asking.start()
    wait_until((project / "predicting").exists)

    seconds, _ = product.stop(signal.SIGTERM)

    asking.join(timeout=10)
    assert [answer.status_code for answer in answers] == [200]
    assert seconds < 30
    assert all_gone(processes, within_seconds=0.5)
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{product.url}/livez")


def test_a_second_signal_ends_at_once(project: Path, product_in: MakeProduct) -> None:
    product = product_in(project).start()
    client = product.client()
    failed = threading.Event()

    def ask() -> None:
        try:
            client.post(PATH, json={"text": "slow"})
        except httpx2.HTTPError:
            failed.set()

    threading.Thread(target=ask).start()
    wait_until((project / "predicting").exists)
    assert product.process is not None
    web = product.web_process()
    product.process.send_signal(signal.SIGTERM)
    wait_until(lambda: not accepts(product.port))

    seconds, _ = product.stop(signal.SIGTERM)

    assert seconds < 1.5
    assert failed.wait(timeout=5)
    assert not web.is_running()


def test_after_kill_9_of_everything_what_was_committed_is_there(
    project: Path, product_in: MakeProduct
) -> None:
    product = product_in(project).start()
    client = product.client()
    made = [client.post(PATH, json={"text": "x" * n}).json()["id"] for n in range(1, 6)]
    processes = product.processes()

    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    assert all_gone(processes)
    assert product.process is not None
    product.process.communicate(timeout=10)
    product.start()

    history = client.get("/v1/predictions").json()["items"]
    assert [item["id"] for item in history] == made[::-1]


def test_when_the_supervisor_is_killed_its_processes_end(
    project: Path, product_in: MakeProduct
) -> None:
    product = product_in(project).start()
    processes = product.processes()

    processes[0].send_signal(signal.SIGKILL)

    assert product.process is not None
    product.process.communicate(timeout=10)
    assert all_gone(processes)


def test_a_web_process_that_dies_is_replaced(project: Path, product_in: MakeProduct) -> None:
    product = product_in(project).start()
    client = product.client()
    first = product.web_process()

    first.send_signal(signal.SIGKILL)

    assert all_gone([first])
    answer = client.post(PATH, json={"text": "again"})
    assert answer.status_code == 200
    assert product.web_process().pid != first.pid


def test_several_web_processes_share_the_port_and_the_artefact(
    project: Path, product_in: MakeProduct
) -> None:
    product = product_in(project, "--web-processes", "2").start()

    webs = [process for process in product.processes() if "web" in process.cmdline()]

    assert len(webs) == 2
    assert len(list((project / ".lockstitch" / "artefacts" / "counter").glob("2*"))) == 1
    assert product.client().get("/v1/models/counter").json()["version"] == 1


def test_a_port_in_use_is_named_with_its_process_and_left_alone(
    project: Path, product_in: MakeProduct
) -> None:
    first = product_in(project).start()
    second = product_in(project)
    second.port = first.port

    code, said = second.refusal()

    assert code == 2
    assert f"Port {first.port} is in use by pid" in said
    assert "--port" in said
    assert len(said.strip().splitlines()) == 1
    assert first.client().post(PATH, json={"text": "a"}).status_code == 200


def test_a_data_directory_in_use_is_named_and_left_alone(
    project: Path, product_in: MakeProduct
) -> None:
    first = product_in(project).start()

    code, said = product_in(project).refusal()

    assert code == 2
    assert f"in use by pid {first.processes()[0].pid}" in said
    assert "--data" in said
    assert first.client().post(PATH, json={"text": "a"}).status_code == 200


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_somebody_elses_folder_is_refused_and_stays_empty(
    project: Path, product_in: MakeProduct
) -> None:
    foreign = project / "foreign"
    foreign.mkdir()
    os.chown(foreign, 12345, 12345)

    code, said = product_in(project, "--data", str(foreign)).refusal()

    assert code == 2
    assert str(foreign) in said
    assert not list(foreign.iterdir())


def test_a_broken_artefact_is_named_and_nothing_stays(
    project: Path, product_in: MakeProduct
) -> None:
    product = product_in(project).start()
    product.stop()
    (weights,) = project.glob(".lockstitch/artefacts/counter/*/weights.txt")
    weights.write_text("2")

    code, said = product.refusal()

    assert code == 2
    assert "weights.txt was changed" in said
    assert "delete the folder" in said
    assert "Traceback" not in said
    assert not accepts(product.port)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("app = 1", "is not a FastAPI application"),
        ("from fastapi import FastAPI\napp = FastAPI()", "does not use Lockstitch"),
        ("import package_that_is_not_there", "package_that_is_not_there"),
        ("raise RuntimeError('no weights')", "RuntimeError: no weights"),
    ],
)
def test_an_application_that_cannot_start_says_why(
    project: Path, product_in: MakeProduct, source: str, says: str
) -> None:
    (project / "app.py").write_text(source)

    code, said = product_in(project).refusal()

    assert code == 2
    assert says in said.splitlines()[-1]


def test_a_missing_module_is_named_with_the_setting(project: Path, product_in: MakeProduct) -> None:
    code, said = product_in(project, LOCKSTITCH_APPLICATION="nowhere:app").refusal()

    assert code == 2
    assert "There is no module 'nowhere'" in said
    assert "LOCKSTITCH_APPLICATION" in said


def test_a_placeholder_secret_is_refused_off_loopback(
    project: Path, product_in: MakeProduct
) -> None:
    code, said = product_in(project, "--host", "0.0.0.0").refusal()

    assert code == 2
    assert "LOCKSTITCH_SECRET_KEY is a placeholder" in said


@pytest.mark.parametrize("name", [":app", "../app.py:app", "app:", "a b:app"])
def test_a_name_that_is_none_is_refused_once(
    project: Path, product_in: MakeProduct, name: str
) -> None:
    code, said = product_in(project, LOCKSTITCH_APPLICATION=name).refusal()

    assert code == 2
    assert "names no application" in said
    assert len(said.strip().splitlines()) == 1


def test_an_application_that_exits_when_imported_is_named(
    project: Path, product_in: MakeProduct
) -> None:
    (project / "app.py").write_text("import sys\nsys.exit(4)\n")

    code, said = product_in(project).refusal()

    assert code == 2
    assert "SystemExit" in said


def test_a_killed_first_start_leaves_the_port_free(project: Path, product_in: MakeProduct) -> None:
    source = (project / "app.py").read_text()
    slow = source.replace(
        "from lockstitch.serving.artefact",
        "Path('preparing').touch(); time.sleep(30); from lockstitch.serving.artefact",
    )
    (project / "app.py").write_text(slow)
    product = product_in(project)
    process = product.spawn()
    wait_until((project / "preparing").exists)
    children = product.processes()

    process.kill()
    process.communicate(timeout=10)

    assert all_gone(children, within_seconds=5)
    (project / "app.py").write_text(source)
    assert product.start().running["demo"]


def test_a_child_gets_no_secret_that_it_does_not_need(
    project: Path, product_in: MakeProduct
) -> None:
    key = "9f86d081884c7d659a2feaa0c55ad015"
    secrets = {"LOCKSTITCH_SECRET_KEY": key, "LOCKSTITCH_DEMO_PASSWORD": "canary-password"}
    product = product_in(project, **secrets).start()

    _, *children = product.processes()

    for child in children:
        environment = child.environ()
        assert "canary-password" not in environment.values(), child.name()
        needs_the_key = child == product.web_process()
        assert (key in environment.values()) == needs_the_key, child.name()


def test_off_loopback_there_is_no_demo_account(project: Path, product_in: MakeProduct) -> None:
    key = "9f86d081884c7d659a2feaa0c55ad015"
    options = ("--host", "0.0.0.0", "--insecure-http")
    product = product_in(project, *options, LOCKSTITCH_SECRET_KEY=key).start()

    assert product.running["demo"] is None


def test_the_printed_demo_account_signs_in_and_stays_the_same(
    project: Path, product_in: MakeProduct
) -> None:
    product = product_in(project).start()
    demo = product.running["demo"]

    answer = httpx2.post(f"{product.url}/v1/sessions", json=demo)
    product.stop()
    product.start()

    assert answer.status_code == 201
    assert product.running["demo"] == demo
    password_file = project / ".lockstitch" / "demo-password"
    assert password_file.stat().st_mode & 0o077 == 0


def test_no_password_or_token_is_in_the_log(project: Path, product_in: MakeProduct) -> None:
    product = product_in(project, LOCKSTITCH_ACCESS_LOG="all").start()
    client = product.client()
    (token,) = client.cookies.values()
    client.post("/v1/sessions", json={"email": "a@b.example", "password": "canary-password"})
    client.post(PATH, json={"text": "canary-input"})

    _, said = product.stop()

    assert '"path": "/v1/sessions"' in said
    assert "canary" not in said
    assert token not in said


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition: Callable[[], bool], within_seconds: float = 10.0) -> None:
    """Look until a condition holds, and fail when it does not in time."""
    deadline = time.monotonic() + within_seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        os.sched_yield()
