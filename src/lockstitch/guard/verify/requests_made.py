"""The requests: schemathesis makes them from the contract, phase by phase."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lockstitch.errors import ConfigurationError
from lockstitch.guard.conformance import Answer
from lockstitch.guard.verify.credentials import Credentials
from lockstitch.guard.verify.exchange import Request
from lockstitch.guard.verify.inspection import Inspector

if TYPE_CHECKING:
    from schemathesis import Case, CheckContext, Response
    from schemathesis.engine.events import EngineEvent, NonFatalError

SAFE_METHODS: Final = ("GET", "HEAD", "OPTIONS")
_CHECK: Final = "lockstitch_inspection"
# Enough of an endless stream to see what its events are.
_MAX_EVENTS: Final = 8
_STEPS: Final = 6
_SHOWN_HISTORY: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How hard to look.

    Attributes:
        seed: The same seed makes the same requests, as long as the service answers alike.
        examples: Random requests for each operation, and random walks through the operations.
        max_seconds: After so long no further request is made; None is no limit.
        request_seconds: How long one request may take.
        writes: Whether requests that may change something are made.
    """

    seed: int = 1
    examples: int = 30
    max_seconds: float | None = None
    request_seconds: float = 5.0
    writes: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether the time was enough, and what could not be tested, in sentences."""

    complete: bool
    skipped: tuple[str, ...] = ()


def make_requests(
    contract: Mapping[str, Any],
    base_url: str,
    inspector: Inspector,
    credentials: Credentials,
    effort: Effort,
) -> Outcome:
    """Send what schemathesis generates, and give each exchange to the inspector.

    Our one check never fails, so nothing is shrunk or repeated: a fault costs no time.

    Raises:
        ConfigurationError: schemathesis is not installed.
    """
    schemathesis = require_schemathesis()
    limit = _Limit(effort.max_seconds)
    _register_check(inspector, limit)
    config = schemathesis.Config.from_dict(_configuration(effort))
    schema = schemathesis.openapi.from_dict(dict(contract), config=config)
    schema.config.update(base_url=base_url)
    if not effort.writes:
        schema = schema.include(method=list(SAFE_METHODS))
    _register_credentials(schema, credentials)
    return _drain(schema, inspector, limit)


def require_schemathesis() -> Any:
    """Return the module.

    Raises:
        ConfigurationError: It is not installed.
    """
    try:
        import schemathesis
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"`lockstitch verify` needs the package {error.name!r}. "
            "Install it with the extra: pip install 'lockstitch[verify]'."
        ) from None
    return schemathesis


def _configuration(effort: Effort) -> dict[str, Any]:
    from schemathesis import checks

    checks.load_all_checks()
    generation = {
        "max-examples": effort.examples,
        "no-shrink": True,
        "database": "none",
        # Credentials are ours to give, to leave out and to break.
        "with-security-parameters": False,
    }
    return {
        "seed": effort.seed,
        "request-timeout": effort.request_seconds,
        "max-redirects": 0,
        "max-stream-events": _MAX_EVENTS,
        "generation": generation,
        "checks": {
            name: {"enabled": False} for name in checks.CHECKS.get_all_names() if name != _CHECK
        },
        "phases": {
            # A method that the contract does not have is not the contract's business.
            "coverage": {"unexpected-methods": []},
            "stateful": {"max-steps": _STEPS, "generation": generation},
        },
    }


def _register_check(inspector: Inspector, limit: "_Limit") -> None:
    import schemathesis

    def lockstitch_inspection(
        context: "CheckContext", response: "Response", case: "Case[Any]"
    ) -> None:
        inspector.inspect(_request(response.request), _answer(response), _history(context, case))
        # The service's own cookies must not sign in a request that is sent as nobody.
        session = (context.internals.transport_kwargs or {}).get("session")
        if session is not None:
            session.cookies.clear()
        limit.stop_when_over()

    schemathesis.check(lockstitch_inspection)


def _register_credentials(schema: Any, credentials: Credentials) -> None:
    from requests import PreparedRequest
    from requests.auth import AuthBase

    class Carried(AuthBase):
        """Sets the credentials when a request is sent, as they may have been renewed by then."""

        def __call__(self, prepared: PreparedRequest) -> PreparedRequest:
            for name, value in credentials.headers.items():
                own = _text(prepared.headers.get(name, "")) if name == "cookie" else ""
                prepared.headers[name] = f"{own}; {value}" if own else value
            return prepared

    schema.auth.set_from_requests(Carried())


def _drain(schema: Any, inspector: Inspector, limit: "_Limit") -> Outcome:
    from schemathesis.engine import from_schema

    skipped = dict[str, None]()
    for event in from_schema(schema).execute():
        skipped |= dict.fromkeys(_troubles(event, inspector))
    return Outcome(not limit.reached, tuple(skipped))


class _Limit:
    """The time that there is for requests."""

    def __init__(self, seconds: float | None) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds
        self.reached = False

    def stop_when_over(self) -> None:
        """End the run as Ctrl-C does, which the engine knows how to end on in every phase.

        Its own limit of time would make other requests within it, and more of them.
        """
        if self._end is not None and time.monotonic() > self._end:
            self.reached = True
            raise KeyboardInterrupt


def _troubles(event: "EngineEvent", inspector: Inspector) -> Iterator[str]:
    """Yield what could not be tested; a request without an answer is a finding instead."""
    from schemathesis.engine.events import NonFatalError

    if not isinstance(event, NonFatalError):
        return
    sent = _unanswered(event)
    if sent is not None:
        inspector.no_answer(sent, _reason(event.value))
    else:
        yield f"{event.label}: {event.info.title}: {' '.join(event.info.message.split())}"


def _unanswered(event: "NonFatalError") -> Request | None:
    import requests

    error = event.value
    if not isinstance(error, requests.RequestException):
        return None
    prepared = error.request
    if isinstance(prepared, requests.Request):
        prepared = prepared.prepare()
    return None if prepared is None else _request(prepared)


def _reason(error: BaseException) -> str:
    import requests

    if isinstance(error, requests.Timeout):
        return "it takes too long"
    return "the connection is closed"


def _request(prepared: Any) -> Request:
    body = prepared.body or b""
    headers = {name.lower(): _text(value) for name, value in prepared.headers.items()}
    return Request(
        method=prepared.method,
        url=prepared.url,
        headers=headers,
        body=body.encode() if isinstance(body, str) else bytes(body),
    )


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def _answer(response: "Response") -> Answer:
    headers = {name: ", ".join(values) for name, values in response.headers.items()}
    return Answer(response.status_code, headers, response.content)


def _history(context: "CheckContext", case: "Case[Any]") -> list[Request]:
    """Return the requests of a walk before this one; other phases have none."""
    recorder = context.internals.recorder
    if recorder is None or str(context.phase) != "stateful":
        return []
    earlier = [one for one in recorder.cases if one != case.id and one in recorder.interactions]
    made = []
    for one in earlier[-_SHOWN_HISTORY:]:
        response = recorder.interactions[one].response
        if response is not None:
            made.append(_request(response.request))
    return made
