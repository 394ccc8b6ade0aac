"""What the routes of a running application stand on."""

from dataclasses import dataclass

from starlette.requests import Request

from lockstitch.api.in_flight import InFlight
from lockstitch.api.metrics.registry import Metrics
from lockstitch.database.session import Database
from lockstitch.datasets.storage import DatasetStorage
from lockstitch.identity.accounts import Accounts
from lockstitch.identity.credentials import Credentials
from lockstitch.identity.idempotency import IdempotencyKeys
from lockstitch.identity.keys import Keys
from lockstitch.identity.limits import SignInLimits
from lockstitch.identity.mail.outbox import Outbox
from lockstitch.identity.providers.linked import LinkedIdentities
from lockstitch.identity.request_limits import RequestLimits
from lockstitch.identity.sessions import Sessions
from lockstitch.identity.supabase_accounts import SupabaseAccounts
from lockstitch.identity.supabase_credentials import SupabaseCredentials
from lockstitch.identity.tokens import Tokens
from lockstitch.serving.recorder import Recorder
from lockstitch.serving.registry import RegisteredVersion
from lockstitch.serving.runtime import ModelRuntime
from lockstitch.settings import Settings


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model of this process with the version that it is."""

    runtime: ModelRuntime
    version: RegisteredVersion


@dataclass(frozen=True, slots=True)
class Services:
    """Made at start-up, kept at `app.state.lockstitch`, closed at the end."""

    settings: Settings
    database: Database
    sessions: Sessions
    outbox: Outbox
    accounts: Accounts | SupabaseAccounts
    credentials: Credentials | SupabaseCredentials
    request_limits: RequestLimits
    sign_in_limits: SignInLimits
    keys: Keys
    tokens: Tokens
    linked: LinkedIdentities
    idempotency_keys: IdempotencyKeys
    recorder: Recorder
    storage: DatasetStorage
    models: dict[str, ServedModel]
    in_flight: InFlight
    metrics: Metrics


def services(request: Request) -> Services:
    """Return the services of the application that answers this request."""
    found: Services = request.app.state.lockstitch
    return found
