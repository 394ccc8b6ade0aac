"""The processes of a running product: Postgres, the web processes, and how they end."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from prometheus_client.multiprocess import mark_process_dead

from lockstitch.api.metrics.folder import VARIABLE
from lockstitch.errors import ApplicationFailed
from lockstitch.settings import PREFIX, Settings

_log = structlog.get_logger("lockstitch.supervisor")

DRAIN_SECONDS = 30.0
_INTERRUPT_SECONDS = 3.0
READY = "ready"


@dataclass
class Supervisor:
    """Runs web processes on one listening socket until a signal ends it.

    A process that dies after it was ready is replaced; one that dies before says why, and
    everything ends. SIGTERM lets requests finish for up to 30 s, SIGINT for 3 s, a second signal
    ends everything at once. The metrics of all are in the files of the folder `metrics`.
    """

    settings: Settings
    dsn: str
    listener: socket.socket
    on_ready: Callable[[], None]
    metrics: Path

    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _grace_seconds: float = DRAIN_SECONDS
    _processes: set[asyncio.subprocess.Process] = field(default_factory=set)

    async def run(self) -> None:
        """Start the processes and return when they have ended.

        Raises:
            ApplicationFailed: The application could not start; the message is its sentence.
        """
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._stop, DRAIN_SECONDS)
        loop.add_signal_handler(signal.SIGINT, self._stop, _INTERRUPT_SECONDS)
        ready = [loop.create_future() for _ in range(self.settings.web_processes)]
        keepers = [asyncio.create_task(self._keep(first)) for first in ready]
        announcer = asyncio.create_task(self._announce(ready))
        try:
            done, _ = await asyncio.wait(keepers, return_when=asyncio.FIRST_EXCEPTION)
            for keeper in done:
                keeper.result()
        finally:
            announcer.cancel()
            self._stop(self._grace_seconds)
            await asyncio.gather(announcer, *keepers, return_exceptions=True)

    def _stop(self, grace_seconds: float) -> None:
        """Ask the processes to end; when asked before, make them."""
        number = signal.SIGKILL if self._stopping.is_set() else signal.SIGTERM
        self._grace_seconds = grace_seconds
        self._stopping.set()
        # Else the kernel would go on taking connections that nobody will answer.
        self.listener.close()
        for process in self._processes:
            if process.returncode is None:
                process.send_signal(number)

    async def _announce(self, ready: list[asyncio.Future[None]]) -> None:
        await asyncio.gather(*ready)
        self.on_ready()

    async def _keep(self, ready: asyncio.Future[None]) -> None:
        while not self._stopping.is_set():
            process, says = await self._spawn()
            self._processes.add(process)
            word = await says
            if word == READY and not ready.done():
                ready.set_result(None)
            code = await self._ended(process)
            mark_process_dead(process.pid, path=str(self.metrics))  # type: ignore[no-untyped-call]
            self._processes.discard(process)
            if self._stopping.is_set():
                return
            if word != READY:
                raise ApplicationFailed(word or f"A web process ended with code {code}.")
            _log.warning("a web process ended, another takes its place", code=code)

    async def _ended(self, process: asyncio.subprocess.Process) -> int:
        """Wait for the end of a process; once the stop is asked for, only for the grace period."""
        waiting = asyncio.create_task(process.wait())
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({waiting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        try:
            return await asyncio.wait_for(waiting, self._grace_seconds)
        except TimeoutError:
            process.kill()
            return await process.wait()

    async def _spawn(self) -> tuple[asyncio.subprocess.Process, asyncio.Task[str]]:
        """Start a web process; the task is done when it says that it is ready, or why not."""
        read_end, write_end = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "lockstitch.cli.main", "web"),
                *("--listen-fd", str(self.listener.fileno()), "--ready-fd", str(write_end)),
                env=_environment(self.settings, self.dsn, self.metrics),
                # The process ends when this pipe closes, even if we are killed.
                stdin=asyncio.subprocess.PIPE,
                pass_fds=(self.listener.fileno(), write_end),
                # A Ctrl-C of the terminal is for the supervisor alone.
                start_new_session=True,
            )
        finally:
            os.close(write_end)
        return process, asyncio.create_task(_read_all(read_end))


async def _read_all(descriptor: int) -> str:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb")
    )
    try:
        return (await reader.read()).decode().strip()
    finally:
        transport.close()


def _environment(settings: Settings, dsn: str, metrics: Path) -> Mapping[str, str]:
    """Return a child's environment: the settings, with the secrets that it needs and no other."""
    foreign = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    ours = settings.variables(
        database_dsn=dsn, demo_password=None, metrics_token=None, metrics_port=0
    )
    return foreign | ours | {VARIABLE: str(metrics)}
