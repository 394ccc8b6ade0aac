"""One settings object, read once: argument, environment, `.env`, `[tool.lockstitch]`, default."""

import json
import math
import tomllib
from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    PlainSerializer,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from lockstitch.errors import ConfigurationError, PlaceholderSecret

PREFIX = "LOCKSTITCH_"
PLACEHOLDER = "lockstitch_dev_your_key_here"
# As an address, since an empty variable would count as not given.
KEEP_MAIL = "outbox://"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

# No honest request comes near it, and every reader of JSON can follow so far.
MAX_JSON_DEPTH = 64

# 32 hexadecimal digits, the shortest spelling of 128 bits, are just above it.
_LEAST_SECRET_BITS = 100.0

_MOST_REQUESTS = 1_000_000_000
_LONGEST_WINDOW_SECONDS = 86_400


# Tables below `[tool.lockstitch]` that are no settings: whoever uses one reads it.
_TABLES = frozenset({"policy"})

# Relative to the project, where the project's own files name them.
_PATHS = ("migrations", "contract", "data")
_LISTS_OF_PATHS = ("clients", "sources")


def _split(given: Any) -> Any:
    """Return the parts of a list that a variable spells with commas."""
    return [part for part in given.split(",") if part] if isinstance(given, str) else given


_UNITS = {1: "second", 60: "minute", 3600: "hour", 86_400: "day"}


@dataclass(frozen=True, slots=True)
class Quota:
    """So many requests in so many seconds; as text `600/minute`."""

    requests: int
    seconds: int

    def __str__(self) -> str:
        """Return the text that is read as this quota again."""
        unit = _UNITS.get(self.seconds, f"{self.seconds} second")
        return f"{self.requests}/{unit}"

    def times(self, factor: int) -> "Quota":
        """Return so many times as many requests in the same time."""
        return Quota(self.requests * factor, self.seconds)


def _read_quota(given: Any) -> Any:
    if not isinstance(given, str):
        return given
    # Only who sets a limit waits for the library that reads it.
    from limits import parse_many

    try:
        (item,) = parse_many(given)
    except ValueError:
        raise ValueError("write one limit, such as 600/minute") from None
    if not 1 <= item.amount <= _MOST_REQUESTS or item.get_expiry() > _LONGEST_WINDOW_SECONDS:
        raise ValueError("allow at least one request, in a window of at most a day")
    return Quota(item.amount, item.get_expiry())


# What people and programs do not reach unless something is wrong.
_REQUESTS = {"key": Quota(3000, 60), "person": Quota(1200, 60), "address": Quota(6000, 60)}
# Where only this machine calls, much is a benchmark and nothing an attack.
_ON_LOOPBACK = 1000

Requests = Annotated[
    Quota | None,
    NoDecode,
    BeforeValidator(_read_quota),
    PlainSerializer(str, when_used="unless-none"),
]


def _refuse_plain_http(url: str) -> str:
    """Return the address if it is https, or http to this machine, with nothing but a path."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        raise ValueError("is no address") from None
    plain = parts.scheme == "http" and host in LOOPBACK
    if not host or not (plain or parts.scheme == "https"):
        raise ValueError("must begin with https:// (http:// is for 127.0.0.1 alone)")
    if parts.query or parts.fragment or parts.username is not None:
        raise ValueError("must have neither a query nor a fragment nor a name before the host")
    return url


ServiceUrl = Annotated[str, Field(max_length=500), AfterValidator(_refuse_plain_http)]


def _refuse_secret_key(key: SecretStr) -> SecretStr:
    """Return a key that anybody may know; the other kind is above every policy."""
    value = key.get_secret_value()
    # An older key is a JWT, whose role is readable.
    payload = value.split(".")[1] if value.count(".") == 2 else ""  # noqa: PLR2004
    is_service_role = False
    with suppress(ValueError):
        is_service_role = b'"service_role"' in urlsafe_b64decode(payload + "==")
    if value.startswith("sb_secret_") or is_service_role:
        raise ValueError("is a secret key, which may do everything. Give the publishable key")
    return key


PublishableKey = Annotated[SecretStr, AfterValidator(_refuse_secret_key)]

# Each is made with a private key and checked with a public one, so that no key of an issuer can be
# taken for a shared secret.
SigningAlgorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]


class TokenIssuer(BaseModel):
    """Who signs bearer tokens that the service takes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: ServiceUrl = Field(description="The `iss` of its tokens, to the letter.")
    audience: str = Field(
        min_length=1, max_length=500, description="The `aud` that a token must be for."
    )
    algorithms: tuple[SigningAlgorithm, ...] = Field(
        default=("RS256", "ES256"), min_length=1, description="How it may sign."
    )
    key_set: ServiceUrl | None = Field(
        default=None,
        description="Where its keys are; asked of its discovery document if not given.",
    )


class SignInProvider(BaseModel):
    """Where people may sign in instead of with a password."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(
        pattern=r"^[a-z][a-z0-9-]{0,39}$", description="What it is called in addresses."
    )
    kind: Literal["openid", "google", "github"] = Field(
        default="openid", description="`openid` for any provider of OpenID Connect."
    )
    title: str = Field(default="", max_length=40, description="What its button says.")
    client_id: str = Field(min_length=1, max_length=500, description="What it calls this service.")
    issuer: ServiceUrl = Field(
        default="", description="Its `iss`; of `github` the address of a server of one's own."
    )
    scopes: tuple[str, ...] = Field(default=(), description="What is asked for beyond the least.")
    algorithms: tuple[SigningAlgorithm, ...] = Field(
        default=("RS256", "ES256"), min_length=1, description="How it may sign."
    )
    trust_email: bool = Field(
        default=False,
        description="Whether its addresses are true though it does not say that it verified them.",
    )

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, given: Any) -> Any:
        """Say what a preset leaves out."""
        if not isinstance(given, dict):
            return given
        kind, name = given.get("kind", "openid"), given.get("name", "")
        if kind == "openid" and not given.get("issuer"):
            raise ValueError("a provider of the kind openid needs its issuer")
        preset = {"issuer": _PRESET_ISSUERS.get(kind), "title": _PRESET_TITLES.get(kind, name)}
        return {**preset, **{key: value for key, value in given.items() if value != ""}}


_PRESET_ISSUERS = {"google": "https://accounts.google.com", "github": "https://github.com"}
_PRESET_TITLES = {"google": "Google", "github": "GitHub"}


def _refuse_doubles(providers: tuple[SignInProvider, ...]) -> tuple[SignInProvider, ...]:
    names = [provider.name for provider in providers]
    if len(names) != len(set(names)):
        raise ValueError("two providers have the same name")
    return providers


SignInProviders = Annotated[tuple[SignInProvider, ...], AfterValidator(_refuse_doubles)]


def _bare_origin(url: str) -> str:
    """Return an address without its last slash; it may have no path."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise ValueError("must be an address, such as https://app.example.com")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("must have no path: the console is at the root")
    return f"{parts.scheme}://{parts.netloc}"


PublicUrl = Annotated[str, AfterValidator(_bare_origin)]
Paths = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_split)]
Networks = Annotated[tuple[IPvAnyNetwork, ...], NoDecode, BeforeValidator(_split)]


class Settings(BaseSettings):
    """Everything that can be configured, with its default.

    Each field is the variable `LOCKSTITCH_<FIELD>`, unless other tools have a name for it
    (`SUPABASE_URL`), and a key of `[tool.lockstitch]` in `pyproject.toml` unless it is a secret.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        # What other tools name too keeps its name there; see `variable_name`.
        populate_by_name=True,
    )

    application: str = Field(
        default="app:app", description="The FastAPI application, as module:attribute."
    )
    migrations: Path = Field(
        default=Path("supabase/migrations"), description="The folder of SQL migrations."
    )
    contract: Path = Field(
        default=Path("openapi.json"), description="Where the exported contract is committed."
    )
    clients: Paths = Field(
        default=(),
        description="The folders of generated clients; every folder with a lock if none is named.",
    )
    sources: Paths = Field(
        default=(),
        description="The folders of code that are checked; the whole project if none is named.",
    )
    base: str | None = Field(
        default=None,
        description="What the contract is compared with, such as git:origin/main:openapi.json.",
    )
    host: str = Field(default="127.0.0.1", description="The address to listen on.")
    port: int = Field(default=8000, ge=1, le=65535, description="The port to listen on.")
    data: Path = Field(
        default=Path(".lockstitch"),
        description="Where the embedded database and the models' files live.",
    )
    web_processes: int = Field(
        default=1, ge=1, le=64, description="How many processes answer requests."
    )
    database_connections: int = Field(
        default=10, ge=1, le=1000, description="The most connections that one process opens."
    )
    max_body_bytes: int = Field(
        default=1_048_576, ge=1024, description="The longest request body, in bytes."
    )
    body_seconds: float = Field(
        default=30.0, gt=0, le=3600, description="How long a request body may take to arrive."
    )
    answer_seconds: float = Field(
        default=30.0,
        gt=0,
        le=3600,
        description="How long a prediction may take, waiting included, in seconds.",
    )
    stream_seconds: float = Field(
        default=300.0,
        gt=0,
        le=3600,
        description="How long a streamed prediction may take, waiting included, in seconds.",
    )
    max_json_depth: int = Field(
        default=MAX_JSON_DEPTH,
        ge=1,
        le=150,
        description="How deep the arrays and objects of a request body may stand in one another.",
    )
    max_dataset_bytes: int = Field(
        default=104_857_600, ge=1024, description="The longest file of a dataset, in bytes."
    )
    session_days: float = Field(
        default=30.0, gt=0, le=365, description="How long a sign-in lasts, in days."
    )
    session_idle_days: float = Field(
        default=7.0, gt=0, le=365, description="When a session ends that nobody uses, in days."
    )
    sign_in_failures_per_email: int = Field(
        default=10, ge=1, description="How often a sign-in to one e-mail address may fail."
    )
    sign_in_failures_per_address: int = Field(
        default=50, ge=1, description="How often sign-ins from one network address may fail."
    )
    sign_ups_per_address: int = Field(
        default=50, ge=1, description="How often one network address may ask for an account."
    )
    sign_in_window_seconds: int = Field(
        default=900, ge=1, le=86_400, description="How long all of these are counted, in seconds."
    )
    rate_limit: bool = Field(
        default=True,
        description="Whether requests are counted and limited; sign-ins are in any case.",
    )
    requests_per_key: Requests = Field(
        default=None,
        description="How often one API key may call; by itself 3000/minute, on loopback much more.",
    )
    requests_per_person: Requests = Field(
        default=None,
        description="How often one person may call; by itself 1200/minute, on loopback much more.",
    )
    requests_per_address: Requests = Field(
        default=None,
        description="How often one network address may call; by itself 6000/minute.",
    )
    trusted_proxies: Networks = Field(
        default=(),
        description="The networks of proxies whose X-Forwarded-For is believed, with commas.",
    )
    token_issuers: tuple[TokenIssuer, ...] = Field(
        default=(),
        description="Who signs the bearer tokens that are taken, as JSON: issuer, audience.",
    )
    token_leeway_seconds: float = Field(
        default=30.0, ge=0, le=300, description="How far the clocks of token issuers may be off."
    )
    sign_in_providers: SignInProviders = Field(
        default=(),
        description="Where people may sign in, as JSON: name, kind, client_id, issuer.",
    )
    supabase_url: ServiceUrl | None = Field(
        default=None,
        description="A Supabase project, such as https://abc.supabase.co: its tokens are taken.",
        validation_alias="SUPABASE_URL",
    )
    public_url: PublicUrl | None = Field(
        default=None,
        description="Where people open the console, such as https://app.example.com.",
    )
    mail_from: str = Field(
        default="Lockstitch <no-reply@localhost>", description="The sender of every mail."
    )
    mails_per_email: int = Field(
        default=5, ge=1, description="How many mails may be asked for to one e-mail address."
    )
    require_verified_email: bool | None = Field(
        default=None,
        description="Whether people must confirm their address before they can work; if not given, "
        "where mail is sent and others can reach the service.",
    )
    session_rotation_hours: float = Field(
        default=24.0, gt=0, le=8760, description="When a session's token is replaced, in hours."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least severe log line that is written."
    )
    log_exception_messages: bool = Field(
        default=False,
        description="Whether the log repeats what exceptions say, which may quote model inputs.",
    )
    observe: bool = Field(
        default=True,
        description="Whether answers are held against the contract, where only this machine calls.",
    )
    https: bool = Field(
        default=False,
        description="Whether people reach the service by https, through a proxy that ends TLS.",
    )
    secret_key: SecretStr = Field(
        default=SecretStr(PLACEHOLDER),
        description="Keys the hashes of session tokens. Changing it signs everybody out.",
        json_schema_extra={"obtain": "python -c 'import secrets; print(secrets.token_hex(32))'"},
    )
    database_dsn: SecretStr | None = Field(
        default=None,
        description="A Postgres to use instead of the embedded one, as the role authenticator.",
        json_schema_extra={
            "obtain": "the connection string of your server; on Supabase: see docs/supabase.md"
        },
    )
    supabase_publishable_key: Annotated[SecretStr, AfterValidator(_refuse_secret_key)] | None = (
        Field(
            default=None,
            description="With SUPABASE_URL: sign-up and sign-in go to the project's Supabase Auth.",
            validation_alias=AliasChoices("SUPABASE_PUBLISHABLE_KEY", "SUPABASE_ANON_KEY"),
            json_schema_extra={"obtain": "Supabase: Project settings, API keys, Publishable key"},
        )
    )
    supabase_jwt_secret: SecretStr | None = Field(
        default=None,
        description="Checks tokens of a Supabase project that still signs with a shared secret.",
        validation_alias="SUPABASE_JWT_SECRET",
        json_schema_extra={"obtain": "Supabase: Project settings, JWT keys, Legacy JWT secret"},
    )
    sign_in_secrets: dict[str, SecretStr] = Field(
        default={},
        description="The client secrets of the sign-in providers by their names, as JSON.",
        json_schema_extra={"obtain": "the provider shows it where you register the service"},
    )
    smtp_url: SecretStr | None = Field(
        default=None,
        description="The mail server. Without it mail is kept in the data directory.",
        json_schema_extra={
            "obtain": "your mail provider's SMTP settings: smtps://USER:PASSWORD@HOST:465"
        },
    )
    database_direct_dsn: SecretStr | None = Field(
        default=None,
        description=(
            "The same Postgres without the transaction pooler that LOCKSTITCH_DATABASE_DSN leads "
            "through, for what needs a session: notifications and workers."
        ),
        json_schema_extra={
            "obtain": "as above, for your server itself; on Supabase: Connect, Direct connection"
        },
    )
    demo_password: SecretStr | None = Field(
        default=None,
        description="The demo account's password. Without it one is made and printed.",
        json_schema_extra={"obtain": "choose one of at least 10 characters"},
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put `[tool.lockstitch]` behind the environment and before the defaults."""
        del file_secret_settings
        return init_settings, env_settings, dotenv_settings, ProjectTable(settings_cls)

    @classmethod
    def load(cls, **arguments: Any) -> "Settings":
        """Read the settings; an argument that is None counts as not given.

        Raises:
            ConfigurationError: A value is not allowed; the message names the variable.
        """
        given = {name: value for name, value in arguments.items() if value is not None}
        env_file = find_project(Path.cwd()) / ".env"
        _refuse_unknown_variables(env_file)
        try:
            return cls(_env_file=env_file, **given)
        except ValidationError as error:
            raise ConfigurationError(_first_reason(error)) from None
        except SettingsError as error:
            name = str(error).partition('"')[2].partition('"')[0]
            raise ConfigurationError(
                f"{variable_name(name)} is not valid JSON. .env.example says what it holds."
            ) from None

    def variables(self, **changes: Any) -> dict[str, str]:
        """Return the environment in which another process reads these settings, secrets included.

        Args:
            changes: What the other process gets instead; what is None is left out.
        """
        values = {name: getattr(self, name) for name in type(self).model_fields} | changes
        return {
            variable_name(name): spelt(value) for name, value in values.items() if value is not None
        }

    @property
    def keeps_accounts_on_supabase(self) -> bool:
        """Whether people sign in at the Supabase Auth of a project."""
        return self.supabase_url is not None and self.supabase_publishable_key is not None

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the service."""
        return self.host in LOOPBACK

    def request_quota(self, counted: Literal["key", "person", "address"]) -> Quota:
        """Return how often one of these may call."""
        given: Quota | None = getattr(self, f"requests_per_{counted}")
        if given is not None:
            return given
        usual = _REQUESTS[counted]
        return usual.times(_ON_LOOPBACK) if self.loopback and not self.https else usual

    @property
    def is_private(self) -> bool:
        """Whether only programs of this machine call, with no proxy between."""
        return self.loopback and not self.https

    @property
    def address(self) -> str:
        """The address at which people open the console, without a slash at the end."""
        if self.public_url is not None:
            return self.public_url
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.https else 'http'}://{host}:{self.port}"

    @property
    def sends_mail(self) -> bool:
        """Whether mail goes to a server; else it is kept in a folder."""
        return self.smtp_url is not None and self.smtp_url.get_secret_value() != KEEP_MAIL

    @property
    def needs_verified_email(self) -> bool:
        """Whether people must confirm their address before they can work."""
        if self.require_verified_email is not None:
            return self.require_verified_email
        return self.sends_mail and not self.is_private

    def refuse_weak_secrets(self) -> None:
        """Stop a service that others can reach from running on a guessable secret.

        Raises:
            PlaceholderSecret: The address is not loopback and the secret key is weak.
        """
        if self.loopback and not self.https:
            return
        secret = self.secret_key.get_secret_value()
        if secret == PLACEHOLDER:
            raise PlaceholderSecret(
                "LOCKSTITCH_SECRET_KEY is a placeholder and others can reach "
                f"{self.host}. Make one: {_obtain('secret_key')}"
            )
        if entropy_bits(secret) < _LEAST_SECRET_BITS:
            raise PlaceholderSecret(
                "LOCKSTITCH_SECRET_KEY is too short or too regular to be safe on "
                f"{self.host}. Make one: {_obtain('secret_key')}"
            )


class ProjectTable(PydanticBaseSettingsSource):
    """The table `[tool.lockstitch]` of the project's `pyproject.toml`."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        """Return the table's value of one field."""
        del field
        return self().get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return the whole table; paths are relative to the project.

        Raises:
            ConfigurationError: The file cannot be read, or names an unknown key or a secret.
        """
        project = find_project(Path.cwd())
        table = read_project_table(project)
        defaults = {name: Settings.model_fields[name].default for name in _PATHS}
        given = {**defaults, **table}
        paths = {
            name: project / given[name] for name in _PATHS if isinstance(given[name], str | Path)
        }
        lists = {
            name: [project / path for path in table[name]]
            for name in _LISTS_OF_PATHS
            if isinstance(table.get(name), list)
        }
        return {**table, **paths, **lists}


def find_project(start: Path) -> Path:
    """Return the nearest folder upwards whose pyproject.toml has `[tool.lockstitch]`, or start."""
    for folder in (start, *start.parents):
        if read_project_table(folder):
            return folder
    return start


def read_project_table(folder: Path) -> dict[str, Any]:
    """Return `[tool.lockstitch]` of a folder's pyproject.toml, empty when there is none.

    Raises:
        ConfigurationError: The file is not TOML, or names an unknown key or a secret.
    """
    path = folder / "pyproject.toml"
    if not path.is_file():
        return {}
    try:
        tool = tomllib.loads(path.read_text()).get("tool", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not valid TOML: {error}.") from None
    table = tool.get("lockstitch", {}) if isinstance(tool, dict) else tool
    if not isinstance(table, dict):
        raise ConfigurationError(f"{path}: [tool.lockstitch] must be a table.")
    settings = {name: value for name, value in table.items() if name not in _TABLES}
    for name in settings:
        field = Settings.model_fields.get(name)
        if field is None:
            raise ConfigurationError(f"{path}: [tool.lockstitch] has no setting {name!r}.")
        if is_secret(name):
            raise ConfigurationError(
                f"{path}: {name!r} is a secret. Set {variable_name(name)} instead."
            )
    return settings


def variable_name(name: str) -> str:
    """Return the environment variable of a setting."""
    field = Settings.model_fields.get(name)
    alias = field.validation_alias if field is not None else None
    if isinstance(alias, AliasChoices):
        alias = alias.choices[0]
    return alias if isinstance(alias, str) else f"{PREFIX}{name.upper()}"


def is_secret(name: str) -> bool:
    """Return whether a setting must come from the environment alone."""
    return "SecretStr" in str(Settings.model_fields[name].annotation)


def entropy_bits(secret: str) -> float:
    """Return the Shannon entropy of a secret's characters or of their steps, in bits.

    The lesser of the two: `abcdef` has many characters and one step.
    """
    steps = [ord(after) - ord(before) for before, after in pairwise(secret)]
    return min(_shannon_bits(secret), _shannon_bits(steps))


def _shannon_bits(symbols: Sequence[str | int]) -> float:
    counts = Counter(symbols).values()
    return sum(count * math.log2(len(symbols) / count) for count in counts)


def env_example() -> str:
    """Return the text of `.env.example`: every variable, its default, how to obtain a secret."""
    lines = ["# Every setting of Lockstitch. Copy to .env and change what you need."]
    for name, field in Settings.model_fields.items():
        lines += ["", f"# {field.description}"]
        variable = variable_name(name)
        if is_secret(name):
            lines += [f"# Obtain it: {_obtain(name)}", f"# {variable}={PLACEHOLDER}"]
        else:
            lines.append(f"# {variable}={spelt(field.default)}")
    return "\n".join(lines) + "\n"


def spelt(value: Any) -> str:
    """Return a setting's value as its variable says it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, dict):
        return json.dumps({name: spelt(one) for name, one in value.items()}) if value else ""
    if isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
        return json.dumps([one.model_dump(mode="json", exclude_none=True) for one in value])
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return "" if value is None else str(value)


def _refuse_unknown_variables(env_file: Path) -> None:
    try:
        names = dotenv_values(env_file).keys()
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{env_file} is not text in UTF-8: {error}.") from None
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    for name in names:
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            raise ConfigurationError(
                f"{env_file}: there is no setting {name}. .env.example lists all of them."
            )


def _obtain(name: str) -> str:
    extra = Settings.model_fields[name].json_schema_extra
    return str(extra["obtain"]) if isinstance(extra, dict) else ""


def _first_reason(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    name, *within = (str(part) for part in first["loc"])
    field = name.lower().removeprefix(PREFIX.lower())
    variable = variable_name(field if field in Settings.model_fields else name)
    return f"{': '.join([variable, *within])}: {first['msg'].removeprefix('Value error, ')}."
