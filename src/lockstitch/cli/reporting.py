"""The options that every checker has, and how its result is printed."""

import json as json_format
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn, Protocol, Self

import typer

from lockstitch.errors import ConfigurationError
from lockstitch.findings import Baseline, Report, Rule, Severity
from lockstitch.findings.baseline import NAME
from lockstitch.findings.baseline import RULES as BASELINE_RULES
from lockstitch.settings import find_project

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
AsSarif = Annotated[bool, typer.Option("--sarif", help="Print the findings as SARIF 2.1.0.")]
AsMarkdown = Annotated[
    bool, typer.Option("--markdown", help="Print the findings as Markdown for a pull request.")
]
FailOn = Annotated[
    Severity, typer.Option("--fail-on", help="The least severity that makes the exit code 1.")
]
BaselinePath = Annotated[
    Path | None,
    typer.Option("--baseline", help=f"The accepted findings; {NAME} of the project if not given."),
]
AcceptReason = Annotated[
    str | None,
    typer.Option("--accept", metavar="REASON", help="Write what is found into the baseline."),
]
AcceptUntil = Annotated[
    str | None,
    typer.Option("--until", metavar="YYYY-MM-DD", help="The day on which --accept expires."),
]


class Result(Protocol):
    """What a checker returns: a Pydantic model with a report in it."""

    @property
    def report(self) -> Report:
        """What was found."""
        ...

    def model_copy(self, *, update: dict[str, Any]) -> Self:
        """Return the result with other values."""
        ...

    def model_dump_json(self, *, indent: int) -> str:
        """Return the result as JSON."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporting:
    """How a checker's result is to be printed and judged; made before the checker runs.

    Raises:
        ConfigurationError: Options exclude each other, or the baseline cannot be used.
    """

    json: bool = False
    sarif: bool = False
    markdown: bool = False
    fail_on: Severity = "error"
    baseline: Path | None = None
    accept: str | None = None
    until: str | None = None

    def __post_init__(self) -> None:
        if self.json + self.sarif + self.markdown > 1:
            raise ConfigurationError("--json, --sarif and --markdown exclude each other.")
        if (self.accept is None) != (self.until is None):
            raise ConfigurationError("--accept REASON and --until YYYY-MM-DD belong together.")
        if self.until is not None and _day(self.until) <= _today():
            raise ConfigurationError(f"--until {self.until} is not after today.")
        # A baseline that cannot be read is told before the work, not after it.
        self.read_baseline()

    def read_baseline(self) -> Baseline:
        """Return the accepted findings of the project."""
        return Baseline.read(self.baseline or find_project(Path.cwd()) / NAME)

    def deliver(
        self,
        verb: str,
        result: Result,
        rules: Sequence[Rule],
        text: str | None = None,
        advice: str | None = None,
    ) -> NoReturn:
        """Apply the baseline, print the result, and end with the exit code.

        Args:
            verb: The verb's name.
            result: What the checker found.
            rules: All that it looked for.
            text: What to print before the findings on a terminal.
            advice: What a pull request is told beside the number of findings.
        """
        if self.accept is not None and self.until is not None:
            accepted = self.read_baseline()
            count = accepted.accept(result.report.findings, self.accept, _day(self.until))
            print(f"{accepted.path}: {count} accepted until {self.until}.")
            raise typer.Exit(0)
        report = self.read_baseline().apply(result.report, rules, _today())
        result = result.model_copy(update={"report": report})
        if self.json:
            print(result.model_dump_json(indent=2))
        elif self.sarif:
            print(json_format.dumps(report.as_sarif(verb, [*rules, *BASELINE_RULES]), indent=2))
        elif self.markdown:
            print(report.as_markdown(f"lockstitch {verb}", advice), end="")
        else:
            print("\n".join(filter(None, [text, report.as_text()])))
        raise typer.Exit(report.exit_code(self.fail_on))


def _today() -> date:
    return datetime.now(UTC).date()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"--until {text} is no day. Write it as 2027-01-31.") from None
