"""What goes between this process and a model's own: msgpack, items and outputs as their JSON."""

import struct
from typing import Any, Final, Literal

import ormsgpack
from pydantic import BaseModel, ConfigDict

from lockstitch import errors
from lockstitch.errors import LockstitchError, PredictionFailed

LENGTH: Final = struct.Struct("!Q")

# A frame longer than this is no frame of ours.
LONGEST_BYTES: Final = 1 << 32


class Start(BaseModel):
    """The first frame to a model's process: what to import, and from where to load."""

    model_config = ConfigDict(frozen=True)

    module: str
    qualified_name: str
    search_path: tuple[str, ...]
    artefact: str


def pack(message: Any) -> bytes:
    """Return a message as a frame: its length in eight bytes, then msgpack."""
    content = ormsgpack.packb(message)
    return LENGTH.pack(len(content)) + content


def unpack(content: bytes) -> Any:
    """Return the message of a frame's content."""
    return ormsgpack.unpackb(content)


def error_as_message(error: Exception) -> tuple[Literal["error"], str, str]:
    """Return what the other process makes the same error of."""
    known = error if isinstance(error, LockstitchError) else PredictionFailed(type(error).__name__)
    return ("error", type(known).__name__, known.sentence)


def error_of_message(name: str, sentence: str) -> LockstitchError:
    """Return the error that the model's process met."""
    kind = getattr(errors, name, None)
    if not (isinstance(kind, type) and issubclass(kind, LockstitchError)):
        kind = PredictionFailed
    try:
        return kind(sentence)
    except TypeError:
        # It has fields of its own, which no model fills in.
        return PredictionFailed(sentence)
