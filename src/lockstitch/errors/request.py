"""What is wrong with a request, or with its moment."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from lockstitch.errors.problem import LockstitchError


@dataclass(frozen=True, slots=True)
class Violation:
    """One reason why a request was refused. It never holds the refused value."""

    place: Literal["body", "query", "path", "header", "cookie"]
    pointer: str
    rule: str
    message: str

    def as_json(self) -> dict[str, str]:
        """Return the entry as the problem document spells it."""
        entry = asdict(self)
        return {"in": entry.pop("place"), **entry}


class RequestError(LockstitchError):
    """The request cannot be answered as it was sent."""

    problem = "bad-request"
    title = "The request cannot be read"
    status = 400


class MalformedBody(RequestError):
    """The body is not JSON, or not the JSON that RFC 8259 defines."""

    problem = "malformed-body"
    title = "The body is not valid JSON"


class MalformedForm(RequestError):
    """The body is not a multipart form, or it ends too early."""

    problem = "malformed-form"
    title = "The body is not a whole multipart form"


class InvalidRequest(RequestError):
    """The request is readable and breaks the contract; `violations` says where."""

    problem = "invalid-request"
    title = "Some of the values are not allowed"
    status = 422

    def __init__(self, violations: list[Violation]) -> None:
        self.violations = violations
        places = ", ".join(f"{v.place} {v.pointer or '/'}: {v.message}" for v in violations[:3])
        super().__init__(places)

    def extensions(self) -> dict[str, Any]:
        """Return the violations under `errors`."""
        return {"errors": [violation.as_json() for violation in self.violations]}


class BodyTooDeep(RequestError):
    """The arrays and objects of the body are nested more deeply than the service reads."""

    problem = "body-too-deep"
    title = "The body is nested too deeply"


class BodyTooLarge(RequestError):
    """The body is longer than the route takes."""

    problem = "body-too-large"
    title = "The body is too large"
    status = 413


class BodyTooSlow(RequestError):
    """The body did not arrive in the time that the service gives it."""

    problem = "body-too-slow"
    title = "The body took too long to arrive"
    status = 408


class HostRefused(RequestError):
    """The Host header names a host that the service does not answer to."""

    problem = "host-refused"
    title = "This is not the host that was asked for"
    status = 421


class IdempotencyKeyInUse(RequestError):
    """A request with the same Idempotency-Key is being answered."""

    problem = "idempotency-key-in-use"
    title = "The same request is being answered"
    status = 409
    retry_after_seconds = 1.0


class IdempotencyKeyReused(RequestError):
    """The Idempotency-Key was sent with another request."""

    problem = "idempotency-key-reused"
    title = "The Idempotency-Key belongs to another request"
    status = 422


class UnsupportedMediaType(RequestError):
    """The body is not of a media type that the route takes."""

    problem = "unsupported-media-type"
    title = "The body has the wrong media type"
    status = 415


class NotFound(RequestError):
    """There is nothing here that the caller may see."""

    problem = "not-found"
    title = "Not found"
    status = 404


class MethodNotAllowed(RequestError):
    """The path exists, the method does not."""

    problem = "method-not-allowed"
    title = "The method is not allowed here"
    status = 405


class RequestRefused(RequestError):
    """The application's own code refused the request with a status of its choice."""

    problem = "request-refused"
    title = "The request was refused"

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class ServiceBusy(RequestError):
    """The process works on as many predictions as it may."""

    problem = "service-busy"
    title = "The service has too much to do"
    status = 503
    retry_after_seconds = 1.0


class TooManyRequests(RequestError):
    """The caller did this more often than a limit allows."""

    problem = "too-many-requests"
    title = "This was tried too often"
    status = 429

    def __init__(self, message: str, *, retry_after_seconds: float) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds
