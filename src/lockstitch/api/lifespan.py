"""What happens between the start of an application and its end."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import structlog
from anyio import to_thread
from fastapi import FastAPI

from lockstitch.api.account_keeping import keeping_accounts
from lockstitch.api.database import direct_dsn, project_database
from lockstitch.api.dataset_files import sweep
from lockstitch.api.in_flight import InFlight
from lockstitch.api.metrics.listener import metrics_listener
from lockstitch.api.metrics.registry import Metrics, Sampled
from lockstitch.api.progress import progress_bar
from lockstitch.api.retention import regular_retention
from lockstitch.api.services import ServedModel, Services
from lockstitch.api.traces import Traces
from lockstitch.database.session import Database
from lockstitch.datasets.storage import DatasetStorage
from lockstitch.identity.audience import Identity
from lockstitch.identity.changes import listening
from lockstitch.identity.idempotency import IdempotencyKeys
from lockstitch.identity.keys import Keys
from lockstitch.identity.limits import SignInLimits
from lockstitch.identity.mail.carrier import make_carrier
from lockstitch.identity.mail.folder import MailFolder
from lockstitch.identity.mail.outbox import Outbox
from lockstitch.identity.mail.smtp import SmtpServer
from lockstitch.identity.providers.linked import LinkedIdentities
from lockstitch.identity.request_limits import RequestLimits
from lockstitch.identity.tokens import Tokens
from lockstitch.serving.model import Model
from lockstitch.serving.recorder import Recorder
from lockstitch.serving.registry import register_version
from lockstitch.serving.runtime import ModelRuntime
from lockstitch.settings import Settings

_log = structlog.get_logger("lockstitch.api")


def wrap_lifespan(
    app: FastAPI,
    models: Mapping[str, type[Model[Any, Any]]],
    configure: Callable[[Settings], None],
    ready: Callable[[Settings], None],
    settings: Settings | None,
    traces: Traces,
) -> None:
    """Start and stop the services around the application's own lifespan.

    Args:
        app: The application.
        models: The model classes by name.
        configure: Called first; raises when the application cannot be served as it stands.
        ready: Called last, when the application's own start-up is over.
        settings: Read from the environment when None.
        traces: Records spans until the end.
    """
    own = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(application: FastAPI) -> AsyncIterator[Mapping[str, Any] | None]:
        found = settings or Settings.load()
        configure(found)
        async with traces.collecting(), running_services(found, models) as services:
            application.state.lockstitch = services
            application.state.lockstitch_settings = services.settings
            application.state.lockstitch_identity = Identity(
                services.settings,
                services.sessions,
                services.keys,
                services.tokens,
                services.request_limits,
            )
            async with own(application) as state:
                ready(services.settings)
                yield state

    app.router.lifespan_context = lifespan  # type: ignore[assignment]


@asynccontextmanager
async def running_services(
    settings: Settings, models: Mapping[str, type[Model[Any, Any]]]
) -> AsyncIterator[Services]:
    """Open the database, load the models, and close both in the end."""
    settings.refuse_weak_secrets()
    carrier = make_carrier(settings)
    async with AsyncExitStack() as stack:
        dsn = stack.enter_context(project_database(settings))
        database = Database(dsn, max_connections=settings.database_connections)
        await database.open()
        stack.push_async_callback(database.close)
        await stack.enter_async_context(regular_retention(database))
        recorder = Recorder(database)
        stack.push_async_callback(recorder.stop)
        storage = DatasetStorage(settings.data / "storage")
        await sweep(storage, database)
        outbox = await stack.enter_async_context(sending_mail(settings, database, carrier))
        kept = await stack.enter_async_context(keeping_accounts(settings, database, outbox))
        request_limits = RequestLimits(database, settings)
        await stack.enter_async_context(request_limits.reconciling())
        keys, tokens = Keys(database), Tokens(database, settings)
        stack.push_async_callback(tokens.close)
        linked = LinkedIdentities(database, kept.sessions, settings)
        stack.push_async_callback(linked.close)
        await stack.enter_async_context(
            listening(direct_dsn(settings, dsn), (kept.sessions, keys, tokens))
        )
        served = {
            name: await _serve(kind(), settings, database, stack) for name, kind in models.items()
        }
        in_flight = InFlight(settings.max_in_flight)
        metrics = await stack.enter_async_context(
            _measuring(settings, Sampled(database, recorder, in_flight, _by_version(served)))
        )
        yield Services(
            settings=settings,
            database=database,
            sessions=kept.sessions,
            outbox=outbox,
            accounts=kept.accounts,
            credentials=kept.credentials,
            request_limits=request_limits,
            sign_in_limits=SignInLimits(database, settings),
            keys=keys,
            tokens=tokens,
            linked=linked,
            idempotency_keys=IdempotencyKeys(database, settings),
            recorder=recorder,
            storage=storage,
            models=served,
            in_flight=in_flight,
            metrics=metrics,
        )


@asynccontextmanager
async def sending_mail(
    settings: Settings, database: Database, carrier: SmtpServer | MailFolder
) -> AsyncIterator[Outbox]:
    """Send what is in the outbox, and say so where nothing is sent though others may wait."""
    if isinstance(carrier, MailFolder) and not settings.is_private:
        _log.warning("no mail server: letters stay here", folder=str(carrier.folder))
    outbox = Outbox(database, settings, carrier)
    async with outbox.sending():
        yield outbox


@asynccontextmanager
async def _measuring(settings: Settings, sampled: Sampled) -> AsyncIterator[Metrics]:
    metrics = Metrics()
    # A supervisor answers for all its processes, and has told them no port.
    with metrics_listener(settings, metrics.registry):
        async with metrics.sampling(sampled):
            yield metrics


def _by_version(served: Mapping[str, ServedModel]) -> dict[tuple[str, str], ModelRuntime]:
    return {(name, str(one.version.version)): one.runtime for name, one in served.items()}


async def _serve(
    model: Model[Any, Any], settings: Settings, database: Database, stack: AsyncExitStack
) -> ServedModel:
    runtime = ModelRuntime(model, settings.data / "artefacts")
    with progress_bar(model.title) as progress:
        await to_thread.run_sync(runtime.prepare, progress)
    await runtime.start()
    stack.push_async_callback(runtime.stop)
    return ServedModel(runtime, await register_version(database, runtime))
