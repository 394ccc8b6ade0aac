"""Every error that Lockstitch raises, each one RFC 9457 problem type.

LockstitchError
├── ConfigurationError
│   ├── ApplicationFailed
│   ├── PlaceholderSecret
│   ├── PortInUse
│   └── RouteNotReady
├── ContractError
│   ├── ForeignFile
│   ├── NameCollision
│   ├── PatchRefused
│   ├── UndecodableSchema
│   └── UnreadableDocument
├── DatabaseError
│   ├── DataDirectoryRefused
│   ├── DatabaseUnavailable
│   ├── DiskFull
│   ├── DumpFailed
│   ├── MigrationFailed
│   └── RestoreFailed
├── ModelError
│   ├── BrokenArtefact
│   ├── CallerGone
│   ├── DeadlineExceeded
│   ├── ModelLoading
│   ├── ModelOverloaded
│   ├── ParityBroken
│   └── PredictionFailed
├── RequestError
│   ├── BodyTooDeep
│   ├── BodyTooLarge
│   ├── BodyTooSlow
│   ├── IdempotencyKeyInUse
│   ├── IdempotencyKeyReused
│   ├── InvalidRequest
│   ├── MalformedBody
│   ├── MalformedForm
│   ├── MethodNotAllowed
│   ├── NotFound
│   ├── RequestRefused
│   ├── ServiceBusy
│   ├── TooManyRequests
│   └── UnsupportedMediaType
└── IdentityError
    ├── AccountsUnavailable
    ├── AlreadyInvited
    ├── EmailNotConfirmed
    ├── EmailTaken
    ├── ForeignOrigin
    ├── InvitationInvalid
    ├── IssuerUnavailable
    ├── LastOwner
    ├── LastWayIn
    ├── LinkInvalid
    ├── NoOrganisation
    ├── NotAMember
    ├── ProviderUnavailable
    ├── RoleTooLow
    ├── ScopeMissing
    ├── SignInRequired
    ├── TokenRefused
    └── WrongCredentials
"""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal


class LockstitchError(Exception):
    """Something went wrong; the message says what, where, and the next step.

    Over HTTP it becomes a problem document, on the command line a sentence and exit code 2.
    """

    problem: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something went wrong on our side"
    status: int = 500
    retry_after_seconds: float | None = None

    @property
    def sentence(self) -> str:
        """What a person reads."""
        return str(self) or self.title

    @property
    def urn(self) -> str:
        """The problem's `type`."""
        return f"urn:lockstitch:problem:{self.problem}"

    def extensions(self) -> dict[str, Any]:
        """Members of the problem document beyond those of RFC 9457."""
        return {}


class ConfigurationError(LockstitchError):
    """A setting, a flag or the application itself is not usable as it stands."""

    problem = "configuration-error"
    title = "The configuration cannot be used"


class ApplicationFailed(ConfigurationError):
    """The application ended before it could answer."""

    problem = "application-failed"
    title = "The application could not start"


class PlaceholderSecret(ConfigurationError):
    """A secret is a placeholder or too weak for an address that others can reach."""

    problem = "placeholder-secret"
    title = "A secret is a placeholder or too weak"
    status = 503


class PortInUse(ConfigurationError):
    """Another process listens on the port."""

    problem = "port-in-use"
    title = "The port is in use"


class RouteNotReady(ConfigurationError):
    """A route lacks what the contract must say of it, such as its audience."""

    problem = "route-not-ready"
    title = "A route does not say who may call it"


class ContractError(LockstitchError):
    """A contract document cannot be used; `pointer` is the JSON pointer of the place."""

    problem = "contract-error"
    title = "The contract cannot be used"

    def __init__(self, message: str, *, pointer: str = "") -> None:
        self.pointer = pointer
        super().__init__(f"{pointer}: {message}" if pointer else message)


class ForeignFile(ContractError):
    """A file stands where generated code should, or was changed since it was generated."""

    problem = "foreign-file"
    title = "A file is not the generator's to change"


class NameCollision(ContractError):
    """Two members or schemas of the contract would have the same name in TypeScript."""

    problem = "name-collision"
    title = "Two names of the contract collide"


class PatchRefused(ContractError):
    """A fix does not fit the files that it is for; none of them was changed."""

    problem = "patch-refused"
    title = "A fix does not fit the files"


class UndecodableSchema(ContractError):
    """A schema has no values, or none that could be decoded truthfully."""

    problem = "undecodable-schema"
    title = "A schema cannot be decoded truthfully"


class UnreadableDocument(ContractError):
    """The source is not there, or is not an OpenAPI document."""

    problem = "unreadable-document"
    title = "The contract document cannot be read"


class DatabaseError(LockstitchError):
    """Postgres refused, failed or is not there."""

    problem = "database-error"
    title = "The database failed"


class DatabaseUnavailable(DatabaseError):
    """No connection could be had in time."""

    problem = "database-unavailable"
    title = "The database cannot be reached"
    status = 503
    retry_after_seconds = 1.0


class DataDirectoryRefused(DatabaseError):
    """The data directory belongs to someone else, is in use, or is of another version."""

    problem = "data-directory-refused"
    title = "The data directory cannot be used"


class DiskFull(DatabaseError):
    """No space is left where the data lives."""

    problem = "disk-full"
    title = "The disk is full"
    status = 503


class DumpFailed(DatabaseError):
    """The database could not be dumped; no file was made."""

    problem = "dump-failed"
    title = "The database could not be dumped"


class MigrationFailed(DatabaseError):
    """A migration could not be applied; nothing of it remains."""

    problem = "migration-failed"
    title = "A migration failed"


class RestoreFailed(DatabaseError):
    """A dump could not be restored; the database is as it was."""

    problem = "restore-failed"
    title = "The dump could not be restored"


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


class IdentityError(LockstitchError):
    """Who is calling is unknown, or may not do this."""

    problem = "forbidden"
    title = "Not allowed"
    status = 403


class SignInRequired(IdentityError):
    """Nobody is signed in, or the session has ended."""

    problem = "sign-in-required"
    title = "Sign in first"
    status = 401
    headers: ClassVar[dict[str, str]] = {"www-authenticate": "Bearer"}


class TokenRefused(IdentityError):
    """The bearer token is expired, for another service, not from its issuer, or no token."""

    problem = "token-refused"
    title = "The token is not taken"
    status = 401
    # As RFC 6750 spells it; the detail says more.
    headers: ClassVar[dict[str, str]] = {"www-authenticate": 'Bearer error="invalid_token"'}


class IssuerUnavailable(IdentityError):
    """The keys of a token's issuer cannot be read, so nothing can be said of the token."""

    problem = "issuer-unavailable"
    title = "The issuer of the token cannot be reached"
    status = 503

    def __init__(self, message: str, *, retry_after_seconds: float) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class WrongCredentials(IdentityError):
    """No account has this e-mail address with this password."""

    problem = "wrong-credentials"
    title = "The e-mail address or the password is wrong"
    status = 401


class AccountsUnavailable(IdentityError):
    """Supabase Auth, which keeps the accounts, did not answer or answered nonsense."""

    problem = "accounts-unavailable"
    title = "Accounts cannot be reached"
    status = 503
    retry_after_seconds = 5.0


class RoleTooLow(IdentityError):
    """The caller's role in the organisation does not allow this."""

    problem = "role-too-low"
    title = "Your role does not allow this"


class ScopeMissing(IdentityError):
    """The API key does not have the scope that this needs."""

    problem = "scope-missing"
    title = "The API key may not do this"


class NotAMember(IdentityError):
    """The caller is not in the organisation that the request is for, or in none."""

    problem = "not-a-member"
    title = "You are not in this organisation"


class LastOwner(IdentityError):
    """An organisation would be left without an owner."""

    problem = "last-owner"
    title = "An organisation needs an owner"
    status = 409


class NoOrganisation(IdentityError):
    """The session acts for no organisation, and this needs one."""

    problem = "no-organisation"
    title = "Choose an organisation first"


class EmailNotConfirmed(IdentityError):
    """The person has not yet confirmed that their e-mail address is theirs."""

    problem = "email-not-confirmed"
    title = "Confirm your e-mail address first"


class LinkInvalid(IdentityError):
    """A link from a mail is unknown, used or expired."""

    problem = "link-invalid"
    title = "The link cannot be used"
    status = 409


class AlreadyInvited(IdentityError):
    """Somebody with this address is invited already, or is a member."""

    problem = "already-invited"
    title = "This person is invited or a member already"
    status = 409


class InvitationInvalid(IdentityError):
    """The invitation is unknown, used, expired, or for another address."""

    problem = "invitation-invalid"
    title = "The invitation cannot be accepted"
    status = 409


class LastWayIn(IdentityError):
    """The account has no password, and this is the only provider it is linked with."""

    problem = "last-way-in"
    title = "This is the only way in to the account"
    status = 409


class ProviderUnavailable(IdentityError):
    """The sign-in provider does not answer, or not as such a provider does."""

    problem = "provider-unavailable"
    title = "The sign-in provider cannot be reached"
    status = 503
    retry_after_seconds = 10.0


class ForeignOrigin(IdentityError):
    """A browser sent a write from a page of another origin."""

    problem = "foreign-origin"
    title = "The request comes from another site"


class EmailTaken(IdentityError):
    """An account with this e-mail address exists already."""

    problem = "email-taken"
    title = "An account with this e-mail address exists"
    status = 409
