"""A real product in a folder of its own: `lockstitch up` as a process."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any
from uuid import uuid4

import httpx2
import psutil

from lockstitch.api.listener import free_port

START_SECONDS = 120.0
PASSWORD = "correct horse battery"


@dataclass
class Product:
    """`lockstitch up` in a project's folder."""

    folder: Path
    options: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[str] | None = None
    running: dict[str, Any] = field(default_factory=dict)
    clients: list[httpx2.Client] = field(default_factory=list)
    # Appended to, since its place is shared with the process that writes.
    _log: IO[str] = field(default_factory=lambda: TemporaryFile("a+"))  # noqa: SIM115

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def spawn(self) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "lockstitch.cli.main", "up", "--json"]
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port), *self.options],
            cwd=self.folder,
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            # A file, since a pipe that nobody reads would fill up and stop the product.
            stderr=self._log,
            text=True,
        )
        return self.process

    def said(self) -> str:
        """Return everything on standard error since the first start."""
        self._log.seek(0)
        return self._log.read()

    def start(self) -> "Product":
        """Start and return when it says that it is ready."""
        process = self.spawn()
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            process.communicate(timeout=START_SECONDS)
            raise AssertionError(f"The product did not start: {self.said()}")
        self.running = json.loads(line)
        return self

    def refusal(self) -> tuple[int, str]:
        """Start what must not start; return the exit code and what it says on standard error."""
        process = self.spawn()
        process.communicate(timeout=START_SECONDS)
        return process.returncode, self.said()

    def processes(self) -> list[psutil.Process]:
        """Return every process of the product, the supervisor first."""
        assert self.process is not None
        supervisor = psutil.Process(self.process.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def web_process(self) -> psutil.Process:
        """Return the process that answers requests."""
        return next(process for process in self.processes() if "web" in process.cmdline())

    def stop(self, number: int = signal.SIGINT) -> tuple[float, str]:
        """Send a signal; return how long the end took, in seconds, and standard error."""
        assert self.process is not None
        started = time.monotonic()
        self.process.send_signal(number)
        self.process.communicate(timeout=60)
        return time.monotonic() - started, self.said()

    def close(self) -> None:
        """Leave nothing behind, whatever the test did."""
        for client in self.clients:
            client.close()
        if self.process is not None and self.process.poll() is None:
            processes = self.processes()
            self.stop()
            for process in processes:
                if process.is_running():
                    process.kill()
        self._log.close()

    def client(self) -> httpx2.Client:
        """Return a client that has just signed up."""
        client = httpx2.Client(base_url=self.url, timeout=30)
        self.clients.append(client)
        account = {"email": f"{uuid4().hex}@example.com", "password": PASSWORD}
        answer = client.post("/v1/accounts", json=account)
        assert answer.status_code == 201, answer.text
        return client


def all_gone(processes: list[psutil.Process], within_seconds: float = 10.0) -> bool:
    """Return whether the processes end within a time."""
    _, alive = psutil.wait_procs(processes, timeout=within_seconds)
    return not alive
