"""The servers that are compared: how each is installed, started, watched and ended."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from secrets import token_urlsafe

import httpx2
import psutil

from lockstitch.api.listener import free_port

WORK = Path(__file__).parents[2] / ".bench" / "serving"
APPLICATIONS = Path(__file__).parent / "applications"
PATIENCE_SECONDS = 60.0
MACHINE = "machine"

# Raw ASGI stands on the very server that ours stands on.
_RAW = (
    "msgspec==0.21.*",
    *(f"{name}=={version(name)}" for name in ("uvicorn", "uvloop", "httptools")),
)
# What is installed, and the command that serves, which the port completes.
_PEERS = {
    "LitServe": (("litserve==0.2.19",), ("litserve_echo.py",)),
    "BentoML": (
        ("bentoml==1.4.40",),
        ("-m", "bentoml", "serve", "bentoml_echo:Echo", "--host", "127.0.0.1", "--port"),
    ),
}


class DidNotStart(Exception):
    """A server could not be installed or started; the message says why."""


@dataclass(slots=True)
class Server:
    """A server in processes of its own."""

    name: str
    port: int
    process: "subprocess.Popen[str]"
    log: Path

    def answering(self) -> list[psutil.Process]:
        """Return the processes that answer: all of it, of ours the web processes."""
        root = psutil.Process(self.process.pid)
        everything = [root, *root.children(recursive=True)]
        web = [
            one for one in everything if "web" in one.cmdline() and "--listen-fd" in one.cmdline()
        ]
        return web or everything

    def stop(self) -> None:
        """End it and everything that it started."""
        started = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for child in started:
            if child.is_running():
                child.kill()


@dataclass(frozen=True, slots=True)
class Target:
    """A route of a server, as a certain caller asks for it."""

    server: Server
    path: str
    headers: dict[str, str] = field(default_factory=dict)

    def cpu_seconds(self) -> float:
        """Return the CPU time that the answering processes have used since they were started."""
        times = [process.cpu_times() for process in self.server.answering()]
        return sum(one.user + one.system for one in times)

    def resident_bytes(self) -> int:
        """Return the memory that the answering processes hold."""
        return sum(process.memory_info().rss for process in self.server.answering())


@dataclass(frozen=True, slots=True)
class Servers:
    """Every target by name, and why others are missing."""

    targets: dict[str, Target]
    missing: dict[str, str]


@contextmanager
def started() -> Iterator[Servers]:
    """Install and start everything; end it again."""
    targets: dict[str, Target] = {}
    missing: dict[str, str] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        python = installed("raw", _RAW)
        raw = _uvicorn(stack, folder, "raw ASGI + msgspec", "raw", python)
        targets["raw ASGI + msgspec"] = Target(raw, "/")
        plain = _uvicorn(stack, folder, "FastAPI", "plain_fastapi", Path(sys.executable))
        targets["FastAPI"] = Target(plain, "/echo")
        targets |= _ours(stack, folder)
        for name in _PEERS:
            try:
                targets[name] = _peer(stack, folder, name)
            except DidNotStart as error:
                missing[name] = str(error)
        yield Servers(targets, missing)


def installed(name: str, packages: tuple[str, ...]) -> Path:
    """Return the Python of an environment below .bench that has these packages."""
    home = WORK / name
    python = home / "bin" / "python"
    done = home / "installed.json"
    if done.is_file() and json.loads(done.read_text()) == list(packages):
        return python
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
    command = [str(python), "-m", "pip", "install", "--quiet", *packages]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise DidNotStart(f"pip: {answer.stderr.strip().splitlines()[-1]}")
    done.write_text(json.dumps(packages))
    return python


def _uvicorn(stack: ExitStack, folder: Path, name: str, module: str, python: Path) -> Server:
    port = free_port()
    options = ["--port", str(port), "--no-access-log", "--log-level", "warning"]
    command = [str(python), "-m", "uvicorn", f"{module}:app", *options]
    server = _start(stack, folder, name, port, command, {"PYTHONPATH": str(APPLICATIONS)})
    _wait(server)
    return server


def _peer(stack: ExitStack, folder: Path, name: str) -> Target:
    port = free_port()
    packages, program = _PEERS[name]
    python = installed(name.lower(), packages)
    command = [str(python), *program, str(port)]
    server = _start(
        stack, folder, name, port, command, {"BENTOML_DO_NOT_TRACK": "true"}, APPLICATIONS
    )
    _wait(server)
    return Target(server, "/predict")


def _ours(stack: ExitStack, folder: Path) -> dict[str, Target]:
    """Start the product as it ships, without the observer, which watches development only."""
    port = free_port()
    project = folder / "project"
    project.mkdir()
    (project / "app.py").write_text((APPLICATIONS / "lockstitch_echo.py").read_text())
    command = [sys.executable, "-m", "lockstitch.cli.main", "up", "--json", "--port", str(port)]
    server = _start(
        stack, folder, "Lockstitch", port, command, {"LOCKSTITCH_OBSERVE": "false"}, project
    )
    _wait(server)
    key = _key(port)
    path = "/v1/models/{}/predictions"
    keyed = {"authorization": f"Bearer {key}"}
    return {
        "public": Target(server, path.format("public-echo")),
        MACHINE: Target(server, path.format("quick-echo"), keyed),
        "in a thread": Target(server, path.format("threaded-echo"), keyed),
        "stored": Target(server, path.format("stored-echo"), keyed),
    }


def _key(port: int) -> str:
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        account = {"email": "somebody@example.com", "password": token_urlsafe()}
        client.post("/v1/accounts", json=account).raise_for_status()
        made = client.post("/v1/api-keys", json={"name": "robot", "scopes": ["predict"]})
        return str(made.raise_for_status().json()["key"])


def _start(
    stack: ExitStack,
    folder: Path,
    name: str,
    port: int,
    command: list[str],
    environment: dict[str, str],
    where: Path | None = None,
) -> Server:
    log = folder / f"{name}.log"
    with log.open("w") as file:
        process = subprocess.Popen(
            command,
            cwd=where or folder,
            env={**os.environ, **environment},
            stdout=file,
            stderr=file,
            text=True,
        )
    server = Server(name, port, process, log)
    stack.callback(server.stop)
    return server


def _wait(server: Server) -> None:
    """Wait until it answers anything at all, and its log once more when it does not."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        try:
            httpx2.get(f"http://127.0.0.1:{server.port}/readyz", timeout=5)
        except httpx2.HTTPError:
            if server.process.poll() is not None:
                break
            time.sleep(0.2)
        else:
            return
    lines = server.log.read_text().strip().splitlines()
    raise DidNotStart(lines[-1] if lines else "it did not answer in time")
