"""Lockstitch: one contract between Postgres, FastAPI and Next.js."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lockstitch.api.application import Lockstitch
    from lockstitch.database.stored import stored_in
    from lockstitch.errors import LockstitchError
    from lockstitch.identity.audience import person, public
    from lockstitch.identity.principal import Principal
    from lockstitch.serving.model import Model
    from lockstitch.serving.streaming import StreamingModel
    from lockstitch.settings import Settings

__version__ = "0.1.0"

__all__ = [
    "Lockstitch",
    "LockstitchError",
    "Model",
    "Principal",
    "Settings",
    "StreamingModel",
    "person",
    "public",
    "stored_in",
]

_HOMES = {
    "Lockstitch": "lockstitch.api.application",
    "LockstitchError": "lockstitch.errors",
    "Model": "lockstitch.serving.model",
    "Principal": "lockstitch.identity.principal",
    "Settings": "lockstitch.settings",
    "StreamingModel": "lockstitch.serving.streaming",
    "person": "lockstitch.identity.audience",
    "public": "lockstitch.identity.audience",
    "stored_in": "lockstitch.database.stored",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import lockstitch` stays light."""
    if name not in _HOMES:
        raise AttributeError(f"module 'lockstitch' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
