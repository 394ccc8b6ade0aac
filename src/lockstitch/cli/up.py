"""`lockstitch up`: run the whole product until Ctrl-C."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import structlog
import typer
from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector
from pydantic import BaseModel
from rich.console import Console

from lockstitch.api.certificate import Certificate
from lockstitch.api.database import project_database
from lockstitch.api.demo_account import DemoAccount, ensure_demo_account
from lockstitch.api.listener import bind
from lockstitch.api.logs import configure_logs
from lockstitch.api.metrics.folder import metrics_folder
from lockstitch.api.metrics.listener import metrics_listener
from lockstitch.api.supervisor import Supervisor
from lockstitch.identity.mail.carrier import mail_folder
from lockstitch.settings import Settings

_log = structlog.get_logger("lockstitch.up")


class Running(BaseModel):
    """Where the product answers, and how to sign in."""

    url: str
    data: Path
    outbox: Path | None
    demo: DemoAccount | None


def up(
    port: Annotated[int | None, typer.Option(help="The port to listen on.")] = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    data: Annotated[Path | None, typer.Option(help="Where the data lives.")] = None,
    dsn: Annotated[str | None, typer.Option(help="A Postgres to use instead.")] = None,
    web_processes: Annotated[int | None, typer.Option(help="Processes that answer.")] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Answer https with this, in PEM.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="The certificate's key, in PEM.")] = None,
    insecure_http: Annotated[
        bool, typer.Option("--insecure-http", help="Let others come by plain http.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the address as JSON.")] = False,
) -> None:
    """Start Postgres, the API and the console, and keep them running."""
    settings = Settings.load(
        port=port,
        host=host,
        data=data,
        database_dsn=dsn,
        web_processes=web_processes,
        tls_cert=tls_cert,
        tls_key=tls_key,
        insecure_http=insecure_http or None,
    )
    configure_logs(settings)
    settings.refuse_weak_secrets()
    settings.refuse_plain_http()
    Certificate.of(settings)
    _warn_of_plain_http(settings)
    with (
        bind(settings) as listener,
        project_database(settings) as database_dsn,
        _metrics(settings) as metrics,
    ):
        demo = asyncio.run(ensure_demo_account(settings, database_dsn))
        running = Running(
            url=settings.origin,
            data=settings.data.resolve(),
            outbox=None if settings.sends_mail else mail_folder(settings).folder.resolve(),
            demo=demo,
        )
        supervisor = Supervisor(
            settings, database_dsn, listener, lambda: _announce(running, json), metrics
        )
        asyncio.run(supervisor.run())


def _warn_of_plain_http(settings: Settings) -> None:
    if settings.insecure_http and not settings.loopback and not settings.secure:
        _log.warning(
            "OTHERS REACH THIS SERVICE BY PLAIN HTTP: whoever is between reads passwords, "
            "sessions and data, and can change them",
            address=settings.origin,
        )


@contextmanager
def _metrics(settings: Settings) -> Iterator[Path]:
    """Answer for the metrics of all web processes, which are in the files of the yielded folder."""
    with metrics_folder(settings.data) as folder:
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]
        with metrics_listener(settings, registry):
            yield folder


def _announce(running: Running, as_json: bool) -> None:
    if as_json:
        print(running.model_dump_json(), flush=True)
        return
    console = Console(file=sys.stdout, highlight=False)
    console.print(f"\n  Lockstitch is ready at [bold]{running.url}[/bold]")
    if running.demo:
        console.print(f"  Sign in as {running.demo.email} with {running.demo.password}")
    if running.outbox:
        console.print(f"  Mail is not sent; it is kept in {running.outbox}", soft_wrap=True)
    console.print(f"  Data in {running.data}. Ctrl-C stops everything.\n", soft_wrap=True)
    sys.stdout.flush()
