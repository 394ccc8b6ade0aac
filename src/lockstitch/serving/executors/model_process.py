"""The process of a model: `python -m lockstitch.serving.executors.model_process DESCRIPTOR`.

It reads one batch after the other from a socket and answers each. It ends when the socket is
hung up, so it never outlives the process that started it.
"""

import importlib
import os
import select
import signal
import socket
import sys
import threading
from dataclasses import asdict
from operator import attrgetter
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from lockstitch.errors import LockstitchError, PredictionFailed
from lockstitch.serving.artefact import MANIFEST, Artefact, beside, read_manifest
from lockstitch.serving.declaration import declared_types, source_digest, source_file
from lockstitch.serving.encoding import encode_output
from lockstitch.serving.executors.loading import load_model
from lockstitch.serving.executors.wire import LENGTH, Start, error_as_message, pack, unpack
from lockstitch.serving.model import Model
from lockstitch.serving.pipeline import Pipeline


class LoadedModel:
    """A loaded model and how its batches are read and answered."""

    def __init__(self, model: Model[Any, Any]) -> None:
        self._name = model.name
        self._pipeline = Pipeline(model)
        input_type, self._output_type = declared_types(type(model))
        self._input: TypeAdapter[BaseModel] = TypeAdapter(input_type)

    def answer(self, items: list[bytes]) -> dict[str, Any]:
        """Return an outcome for each item, and how long the stages have taken so far."""
        inputs = [self._read(item) for item in items]
        sound = [item for item in inputs if isinstance(item, BaseModel)]
        made = iter(self._pipeline.run(sound))
        outcomes = [next(made) if isinstance(item, BaseModel) else item for item in inputs]
        return {
            "outcomes": [self._encode(outcome) for outcome in outcomes],
            "times": {name: asdict(time) for name, time in self._pipeline.times.items()},
        }

    def _read(self, item: bytes) -> BaseModel | Exception:
        try:
            return self._input.validate_json(item)
        except ValidationError:
            # Its message quotes the input.
            return PredictionFailed(
                f"An input of the model {self._name} is another one when it is read from its own "
                "JSON, so it cannot be sent to a process. Run the model inline."
            )

    def _encode(self, outcome: BaseModel | Exception) -> Any:
        if isinstance(outcome, Exception):
            return error_as_message(outcome)
        try:
            return encode_output(outcome, self._output_type, self._name)
        except LockstitchError as error:
            return error_as_message(error)


def main(descriptor: int) -> None:
    """Serve until the other side closes the socket."""
    # Ctrl-C and SIGTERM are for the process that owns this one: it drains, then closes.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # What a library prints must not be read as a frame; it goes where logs go.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    threading.Thread(target=_end_with_the_other_side, args=[descriptor], daemon=True).start()
    with socket.socket(fileno=descriptor) as connection:
        start = Start.model_validate(_receive(connection))
        try:
            served = serve_model(start)
        except LockstitchError as error:
            connection.sendall(pack(error_as_message(error)))
            return
        connection.sendall(pack(["ready"]))
        while (items := _receive(connection)) is not None:
            connection.sendall(pack(served.answer(items)))


def _end_with_the_other_side(descriptor: int) -> None:
    """End at once when the socket is hung up, even while a batch is computed for nobody."""
    watched = select.poll()
    # No event is asked for: a hang-up is reported all the same.
    watched.register(descriptor, 0)
    watched.poll()
    os._exit(0)


def serve_model(start: Start) -> LoadedModel:
    """Import a model's class, load it, and return what answers its batches.

    Raises:
        ModelError: See `load_model`.
    """
    sys.path[:] = start.search_path
    kind: type[Model[Any, Any]] = attrgetter(start.qualified_name)(
        importlib.import_module(start.module)
    )
    model = kind()
    load_model(model, _artefact(Path(start.artefact), kind))
    return LoadedModel(model)


def _artefact(directory: Path, kind: type[Model[Any, Any]]) -> Artefact:
    if (directory / MANIFEST).is_file():
        return read_manifest(directory)
    return beside(source_file(kind), kind.name, source_digest(kind))


def _receive(connection: socket.socket) -> Any:
    head = _read(connection, LENGTH.size)
    if head is None:
        return None
    content = _read(connection, LENGTH.unpack(head)[0])
    return None if content is None else unpack(content)


def _read(connection: socket.socket, size_bytes: int) -> bytes | None:
    """Return so many bytes, None when the other side has closed."""
    content = bytearray()
    while len(content) < size_bytes:
        part = connection.recv(min(size_bytes - len(content), 1 << 20))
        if not part:
            return None
        content += part
    return bytes(content)


if __name__ == "__main__":
    main(int(sys.argv[1]))
