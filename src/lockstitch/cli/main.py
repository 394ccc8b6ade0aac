"""The entry point: `lockstitch VERB`."""

import signal
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Final

import typer

from lockstitch.errors import LockstitchError

COULD_NOT_RUN = 2
# Each is a module of this package with a function, or a group of commands, of the same name.
VERBS: Final = (
    "up",
    "export",
    "generate",
    "mock",
    "check",
    "diff",
    "audit",
    "verify",
    "isolation",
    "serve",
    "web",
    "db",
)
# What other verbs start, and no person.
HIDDEN: Final = frozenset({"serve", "web"})


def command_line(verbs: Iterable[str] = VERBS) -> typer.Typer:
    """Return the command line with these verbs; no module of another verb is imported."""
    app = typer.Typer(
        name="lockstitch",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    # With a callback a single verb is still one of a group.
    app.callback()(lockstitch)
    for verb in verbs:
        found = getattr(import_module(f"lockstitch.cli.{verb}"), verb)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=verb)
        else:
            app.command(name=verb, hidden=verb in HIDDEN)(found)
    return app


def lockstitch() -> None:
    """One contract between Postgres, FastAPI and Next.js."""


def run() -> None:
    """Run the command line; an error of ours is one sentence and exit code 2."""
    # A shell starts its background jobs with SIGINT ignored; ours end on it all the same.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    asked = [verb for verb in sys.argv[1:2] if verb in VERBS]
    try:
        command_line(asked or VERBS)()
    except LockstitchError as error:
        print(error.sentence, file=sys.stderr)
        sys.exit(COULD_NOT_RUN)


if __name__ == "__main__":
    run()
