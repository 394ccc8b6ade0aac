"""What a model could not do."""

from lockstitch.errors.problem import LockstitchError


class ModelError(LockstitchError):
    """A model could not answer."""

    problem = "model-error"
    title = "The model failed"


class BrokenArtefact(ModelError):
    """A model's files are missing, damaged or not the ones that were recorded."""

    problem = "broken-artefact"
    title = "The model's files are damaged"


class CallerGone(ModelError):
    """The caller closed the connection before its turn came, so nothing was computed."""

    problem = "caller-gone"
    title = "The caller has gone"
    # As nginx logs it. Nobody is left to read it.
    status = 499


class DeadlineExceeded(ModelError):
    """The answer was not there when the caller's time was over."""

    problem = "deadline-exceeded"
    title = "The answer came too late"
    status = 504


class ModelLoading(ModelError):
    """The model is not ready yet."""

    problem = "model-loading"
    title = "The model is still loading"
    status = 503
    retry_after_seconds = 1.0


class ModelOverloaded(ModelError):
    """More predictions wait than the model may queue."""

    problem = "model-overloaded"
    title = "The model has too much to do"
    status = 503
    retry_after_seconds = 1.0


class ParityBroken(ModelError):
    """A model answers otherwise in serving than it did in training."""

    problem = "parity-broken"
    title = "Training and serving differ"


class PredictionFailed(ModelError):
    """The model raised an error or answered something that its type does not allow."""

    problem = "prediction-failed"
    title = "The prediction failed"
