"""Every error that Lockstitch raises, each one RFC 9457 problem type.

LockstitchError
├── ConfigurationError
│   ├── ApplicationFailed
│   ├── CertificateRefused
│   ├── HttpsRequired
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
│   ├── HostRefused
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

from lockstitch.errors.configuration import (
    ApplicationFailed,
    CertificateRefused,
    ConfigurationError,
    HttpsRequired,
    PlaceholderSecret,
    PortInUse,
    RouteNotReady,
)
from lockstitch.errors.contract import (
    ContractError,
    ForeignFile,
    NameCollision,
    PatchRefused,
    UndecodableSchema,
    UnreadableDocument,
)
from lockstitch.errors.database import (
    DatabaseError,
    DatabaseUnavailable,
    DataDirectoryRefused,
    DiskFull,
    DumpFailed,
    MigrationFailed,
    RestoreFailed,
)
from lockstitch.errors.identity import (
    AccountsUnavailable,
    AlreadyInvited,
    EmailNotConfirmed,
    EmailTaken,
    ForeignOrigin,
    IdentityError,
    InvitationInvalid,
    IssuerUnavailable,
    LastOwner,
    LastWayIn,
    LinkInvalid,
    NoOrganisation,
    NotAMember,
    ProviderUnavailable,
    RoleTooLow,
    ScopeMissing,
    SignInRequired,
    TokenRefused,
    WrongCredentials,
)
from lockstitch.errors.model import (
    BrokenArtefact,
    CallerGone,
    DeadlineExceeded,
    ModelError,
    ModelLoading,
    ModelOverloaded,
    ParityBroken,
    PredictionFailed,
)
from lockstitch.errors.problem import (
    LockstitchError,
)
from lockstitch.errors.request import (
    BodyTooDeep,
    BodyTooLarge,
    BodyTooSlow,
    HostRefused,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    InvalidRequest,
    MalformedBody,
    MalformedForm,
    MethodNotAllowed,
    NotFound,
    RequestError,
    RequestRefused,
    ServiceBusy,
    TooManyRequests,
    UnsupportedMediaType,
    Violation,
)

__all__ = [
    "AccountsUnavailable",
    "AlreadyInvited",
    "ApplicationFailed",
    "BodyTooDeep",
    "BodyTooLarge",
    "BodyTooSlow",
    "BrokenArtefact",
    "CallerGone",
    "CertificateRefused",
    "ConfigurationError",
    "ContractError",
    "DataDirectoryRefused",
    "DatabaseError",
    "DatabaseUnavailable",
    "DeadlineExceeded",
    "DiskFull",
    "DumpFailed",
    "EmailNotConfirmed",
    "EmailTaken",
    "ForeignFile",
    "ForeignOrigin",
    "HostRefused",
    "HttpsRequired",
    "IdempotencyKeyInUse",
    "IdempotencyKeyReused",
    "IdentityError",
    "InvalidRequest",
    "InvitationInvalid",
    "IssuerUnavailable",
    "LastOwner",
    "LastWayIn",
    "LinkInvalid",
    "LockstitchError",
    "MalformedBody",
    "MalformedForm",
    "MethodNotAllowed",
    "MigrationFailed",
    "ModelError",
    "ModelLoading",
    "ModelOverloaded",
    "NameCollision",
    "NoOrganisation",
    "NotAMember",
    "NotFound",
    "ParityBroken",
    "PatchRefused",
    "PlaceholderSecret",
    "PortInUse",
    "PredictionFailed",
    "ProviderUnavailable",
    "RequestError",
    "RequestRefused",
    "RestoreFailed",
    "RoleTooLow",
    "RouteNotReady",
    "ScopeMissing",
    "ServiceBusy",
    "SignInRequired",
    "TokenRefused",
    "TooManyRequests",
    "UndecodableSchema",
    "UnreadableDocument",
    "UnsupportedMediaType",
    "Violation",
    "WrongCredentials",
]
