"""A model in a process of its own: its crash or its leak is not the service's."""

import asyncio
import os
import socket
import sys
from asyncio import StreamReader, StreamWriter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import psutil
import structlog
from pydantic import BaseModel, TypeAdapter

from lockstitch.errors import ConfigurationError, LockstitchError, ModelError, ModelLoading
from lockstitch.serving.artefact import Artefact
from lockstitch.serving.declaration import declared_types
from lockstitch.serving.executors.wire import (
    LENGTH,
    LONGEST_BYTES,
    Start,
    error_of_message,
    pack,
    unpack,
)
from lockstitch.serving.model import Model
from lockstitch.serving.pipeline import Stage, StageTime

_log = structlog.get_logger("lockstitch.serving")

# Between one failed start and the next: doubled each time, up to the second figure.
_FIRST_PAUSE_SECONDS: Final = 0.5
_LONGEST_PAUSE_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 5.0
# The memory is looked at once in so many batches: to ask the system costs about 50 µs.
_LOOK_EVERY: Final = 50


@dataclass(frozen=True, slots=True)
class _Child:
    start: Start
    process: asyncio.subprocess.Process
    reader: StreamReader
    writer: StreamWriter

    async def ask(self, message: Any) -> Any:
        """Send a message and return the answer.

        Raises:
            EOFError, OSError: The process is gone.
        """
        self.writer.write(pack(message))
        await self.writer.drain()
        return await self.read()

    async def read(self) -> Any:
        (length,) = LENGTH.unpack(await self.reader.readexactly(LENGTH.size))
        if length > LONGEST_BYTES:
            raise EOFError
        return unpack(await self.reader.readexactly(length))

    async def end(self) -> None:
        """Close the socket, upon which it ends; kill it when it does not."""
        self.writer.close()
        try:
            await asyncio.wait_for(self.process.wait(), _STOP_SECONDS)
        except TimeoutError:
            self.kill()
            await self.process.wait()

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            self.process.kill()


class ProcessExecutor:
    """Runs a model in a process of its own, which is replaced when it dies or grows too large.

    Args:
        model: The model. Its class must be importable, since the process imports it.
        max_memory_bytes: The process is replaced, between two batches, when it holds more.

    Raises:
        ConfigurationError: The class cannot be imported by its name.
    """

    def __init__(self, model: Model[Any, Any], *, max_memory_bytes: int | None = None) -> None:
        self._model = model
        self._module, self._qualified_name = importable(type(model))
        self._max_memory_bytes = max_memory_bytes
        output_type = declared_types(type(model))[1]
        self._output: TypeAdapter[BaseModel] = TypeAdapter(output_type)
        self._child: _Child | None = None
        self._watch: asyncio.Task[None] | None = None
        self._restart: asyncio.Task[None] | None = None
        self._times: dict[Stage, StageTime] = {}
        self._batches = 0
        self.busy = False

    @property
    def ready(self) -> bool:
        """Whether there is a process that has loaded the model."""
        return self._child is not None

    @property
    def pid(self) -> int | None:
        """The process that runs the model now, None while there is none."""
        return self._child.process.pid if self._child is not None else None

    async def start(self, artefact: Artefact) -> None:
        """Start the process and load the model in it.

        Raises:
            ModelError: `load` raised an error, or the process ended.
        """
        start = Start(
            module=self._module,
            qualified_name=self._qualified_name,
            search_path=tuple(path or os.getcwd() for path in sys.path),  # noqa: PTH109
            artefact=str(artefact.directory),
        )
        self._adopt(await self._new_child(start))

    async def run(self, batch: list[BaseModel]) -> Sequence[BaseModel | Exception]:
        """Compute a batch in the process.

        Raises:
            ModelLoading: The process died, before the batch or in it; another is starting.
        """
        child = self._child
        if child is None:
            raise self._loading()
        items = [item.__pydantic_serializer__.to_json(item) for item in batch]
        self.busy = True
        try:
            answer = await child.ask(items)
        except (EOFError, OSError):
            if self._child is child:
                self._replace(child, "the process ended")
            raise self._loading() from None
        except asyncio.CancelledError:
            # Its answer would be taken for that of the next batch.
            self._replace(child, "a batch was interrupted")
            raise
        finally:
            self.busy = False
        self._times = {name: StageTime(**time) for name, time in answer["times"].items()}
        self._look(child)
        return [self._outcome(outcome) for outcome in answer["outcomes"]]

    def times(self) -> Mapping[Stage, StageTime]:
        """Return how long each stage has taken since the process started."""
        return self._times

    async def stop(self) -> None:
        """End the process."""
        if self._restart is not None:
            self._restart.cancel()
            with suppress(asyncio.CancelledError):
                await self._restart
        child, self._child = self._child, None
        if child is not None:
            await child.end()
        if self._watch is not None:
            await self._watch

    def _outcome(self, outcome: Any) -> BaseModel | Exception:
        if isinstance(outcome, bytes):
            return self._output.validate_json(outcome)
        _, name, sentence = outcome
        return error_of_message(name, sentence)

    def _look(self, child: _Child) -> None:
        self._batches += 1
        if self._max_memory_bytes is None or self._batches % _LOOK_EVERY:
            return
        with suppress(psutil.Error):
            if psutil.Process(child.process.pid).memory_info().rss > self._max_memory_bytes:
                self._replace(child, "it holds more memory than it may")

    def _adopt(self, child: _Child) -> None:
        self._child = child
        self._watch = asyncio.create_task(self._replace_when_it_ends(child))

    async def _replace_when_it_ends(self, child: _Child) -> None:
        code = await child.process.wait()
        if self._child is child:
            self._replace(child, f"it ended with exit code {code}")

    def _replace(self, child: _Child, reason: str) -> None:
        _log.warning("model process is replaced", model=self._model.name, reason=reason)
        self._child = None
        child.kill()
        child.writer.close()
        self._restart = asyncio.create_task(self._start_again(child.start))

    async def _start_again(self, start: Start) -> None:
        pause_seconds = _FIRST_PAUSE_SECONDS
        while True:
            try:
                self._adopt(await self._new_child(start))
            except (LockstitchError, OSError) as error:
                _log.error("model process did not start", model=self._model.name, reason=str(error))
                await asyncio.sleep(pause_seconds)
                pause_seconds = min(2 * pause_seconds, _LONGEST_PAUSE_SECONDS)
            else:
                return

    async def _new_child(self, start: Start) -> _Child:
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "lockstitch.serving.executors.model_process"),
                str(theirs.fileno()),
                stdin=asyncio.subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env=os.environ | {"PYTHONPATH": os.pathsep.join(start.search_path)},
                # A signal to the group of this process, such as Ctrl-C, is not for the model.
                start_new_session=True,
            )
        reader, writer = await asyncio.open_connection(sock=ours)
        child = _Child(start, process, reader, writer)
        try:
            answer = await child.ask(start.model_dump())
        except (EOFError, OSError):
            code = await process.wait()
            raise ModelError(
                f"The process of the model {self._model.name} ended while it was starting "
                f"(exit code {code}). What it said stands above."
            ) from None
        except BaseException:
            child.kill()
            raise
        if answer[0] == "error":
            await child.end()
            raise error_of_message(answer[1], answer[2])
        return child

    def _loading(self) -> ModelLoading:
        return ModelLoading(
            f"The model {self._model.name} is being started anew. Try again in a moment."
        )


def importable(kind: type[Model[Any, Any]]) -> tuple[str, str]:
    """Return the module and the qualified name by which another process imports a class.

    Raises:
        ConfigurationError: It stands in a function or in the program's main module.
    """
    name = kind.__qualname__
    if kind.__module__ == "__main__" or "<locals>" in name:
        raise ConfigurationError(
            f"{name} cannot be imported by another process. Write the class at the top of a "
            "module, and name that module's application."
        )
    return kind.__module__, name
