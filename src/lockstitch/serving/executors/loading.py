"""Loading a model so that it may be served, wherever its code runs."""

from typing import Any

from lockstitch.errors import LockstitchError, ModelError
from lockstitch.serving.artefact import Artefact
from lockstitch.serving.model import Model
from lockstitch.serving.parity import refuse_differences


def load_model(model: Model[Any, Any], artefact: Artefact) -> None:
    """Call the model's `load`, and hold it against what its training recorded.

    Raises:
        ModelError: `load` raised an error, which is the cause, or `ParityBroken`.
    """
    try:
        model.load(artefact)
    except LockstitchError:
        raise
    except BaseException as error:
        raise ModelError(
            f"The model {model.name} could not be loaded from {artefact.directory}: "
            f"{type(error).__name__}: {error}"
        ) from error
    refuse_differences(model, artefact.directory)
