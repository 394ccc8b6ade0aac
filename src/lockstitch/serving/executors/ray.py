"""A model on Ray Serve, behind our own HTTP tier: replicas, GPUs, several machines.

Needs the extra `lockstitch[ray]`. `RAY_ADDRESS` names a cluster; without it Ray starts on this
machine, on loopback and without its dashboard.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter

from lockstitch.errors import ConfigurationError, ModelError, ModelLoading
from lockstitch.serving.artefact import Artefact
from lockstitch.serving.declaration import declared_types
from lockstitch.serving.executors.process import importable
from lockstitch.serving.executors.wire import Start, error_of_message
from lockstitch.serving.model import Model
from lockstitch.serving.pipeline import Stage, StageTime

# How often the controller looks whether a replica lives, and how long it waits for the answer.
_HEALTH_SECONDS: Final = 2.0


class RayExecutor:
    """Runs a model in replicas that Ray Serve starts, watches and replaces.

    Args:
        model: The model: `replicas` says how many there are at the most, `gpus` how much of a
            GPU each gets. Its class must be importable on every machine of the cluster, and its
            artefacts must lie on a disk that all of them reach.

    Raises:
        ConfigurationError: Ray is not installed, or the class cannot be imported by its name.
    """

    def __init__(self, model: Model[Any, Any]) -> None:
        try:
            import ray  # noqa: F401
        except ModuleNotFoundError:
            raise ConfigurationError(
                "The executor 'ray' needs Ray. Install it: pip install 'lockstitch[ray]'."
            ) from None
        self._model = model
        self._module, self._qualified_name = importable(type(model))
        self._application = f"lockstitch-{model.name}-{os.getpid()}"
        self._output: TypeAdapter[BaseModel] = TypeAdapter(declared_types(type(model))[1])
        self._handle: Any = None
        self._alive = False
        self._times: dict[Stage, StageTime] = {}

    @property
    def ready(self) -> bool:
        """Whether a replica answered the last batch, or none has been asked yet."""
        return self._alive

    async def start(self, artefact: Artefact) -> None:
        """Deploy the model and return when a replica has loaded it.

        Raises:
            ModelError: `load` raised an error, or Ray could not start a replica.
        """
        start = Start(
            module=self._module,
            qualified_name=self._qualified_name,
            search_path=tuple(path or os.getcwd() for path in sys.path),  # noqa: PTH109
            artefact=str(artefact.directory),
        )
        # Ray's own processes end with the thread that starts them, so it must be one that stays.
        # This blocks for some seconds, once.
        _begin(start)
        self._handle = await asyncio.to_thread(self._deploy, start)
        outcome = await self._handle.loaded.remote()
        if outcome is not None:
            raise error_of_message(outcome[1], outcome[2])
        self._alive = True

    async def run(self, batch: list[BaseModel]) -> Sequence[BaseModel | Exception]:
        """Compute a batch in a replica.

        Raises:
            ModelLoading: The replica died; Ray is starting another.
        """
        from ray.exceptions import RayError
        from ray.serve.exceptions import RayServeException

        items = [item.__pydantic_serializer__.to_json(item) for item in batch]
        try:
            answer = await self._handle.answer.remote(items)
        except (RayError, RayServeException):
            raise ModelLoading(
                f"The model {self._model.name} is being started anew. Try again in a moment."
            ) from None
        self._times = {name: StageTime(**time) for name, time in answer["times"].items()}
        return [self._outcome(outcome) for outcome in answer["outcomes"]]

    def times(self) -> Mapping[Stage, StageTime]:
        """Return how long each stage has taken in the replica that answered last."""
        return self._times

    async def stop(self) -> None:
        """Take the model out of Ray Serve."""
        from ray import serve

        self._alive = False
        if self._handle is not None:
            await asyncio.to_thread(serve.delete, self._application)

    def _deploy(self, start: Start) -> Any:
        from ray import serve

        # Nobody reaches the replicas over HTTP: our tier stays in front of them.
        serve.start(proxy_location="Disabled", logging_config={"log_level": "WARNING"})
        deployment = serve.deployment(
            _Replica,
            name=self._model.name,
            # Batches wait in our queue, so one that waits for Ray means that a replica is missing.
            autoscaling_config={
                "min_replicas": 1,
                "max_replicas": self._model.replicas,
                "target_ongoing_requests": 1,
                "upscale_delay_s": 2,
            },
            ray_actor_options={"num_cpus": 0.1, "num_gpus": self._model.gpus},
            max_ongoing_requests=1,
            health_check_period_s=_HEALTH_SECONDS,
            health_check_timeout_s=2 * _HEALTH_SECONDS,
            logging_config={"enable_access_log": False, "log_level": "WARNING"},
        )
        try:
            return serve.run(
                deployment.bind(start.model_dump()), name=self._application, route_prefix=None
            )
        except RuntimeError as error:
            raise ModelError(
                f"Ray could not start the model {self._model.name}: {error}"
            ) from error

    def _outcome(self, outcome: Any) -> BaseModel | Exception:
        if isinstance(outcome, bytes):
            return self._output.validate_json(outcome)
        _, name, sentence = outcome
        return error_of_message(name, sentence)


class _Replica:
    """What runs in a replica. A model that cannot be loaded says so instead of being retried."""

    async def __init__(self, start: dict[str, Any]) -> None:  # type: ignore[misc]
        from lockstitch.errors import LockstitchError
        from lockstitch.serving.executors.model_process import serve_model
        from lockstitch.serving.executors.wire import error_as_message
        from lockstitch.serving.thread import ModelThread

        # The model has one thread here too, and Ray's health checks are answered meanwhile.
        self._thread = ModelThread("replica")
        self._failure: Any = None
        try:
            self._served = await self._thread.run(lambda: serve_model(Start.model_validate(start)))
        except LockstitchError as error:
            self._failure = error_as_message(error)

    async def loaded(self) -> Any:
        """Return None, or why the model could not be loaded."""
        return self._failure

    async def answer(self, items: list[bytes]) -> dict[str, Any]:
        """Return the outcomes of a batch."""
        return await self._thread.run(lambda: self._served.answer(items))


def _begin(start: Start) -> None:
    import ray

    if ray.is_initialized():
        return
    environment = {"env_vars": {"PYTHONPATH": os.pathsep.join(start.search_path)}}
    if os.environ.get("RAY_ADDRESS"):
        ray.init(runtime_env=environment, logging_level=logging.WARNING)
        return
    ray.init(
        runtime_env=environment,
        include_dashboard=False,
        logging_level=logging.WARNING,
        _node_ip_address="127.0.0.1",
    )
