"""One settings object, read once: argument, environment, `.env`, `[tool.lockstitch]`, default."""

import json
import tomllib
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import (
    AliasChoices,
    BaseModel,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from lockstitch.errors import ConfigurationError, HttpsRequired, PlaceholderSecret
from lockstitch.settings.addresses import CorsOrigins, Hosts, Networks, Paths, PublicUrl, ServiceUrl
from lockstitch.settings.names import (
    ANY_ORIGIN,
    KEEP_MAIL,
    LOOPBACK,
    MAX_JSON_DEPTH,
    PLACEHOLDER,
    PREFIX,
)
from lockstitch.settings.quota import TIMES_ON_LOOPBACK, USUAL_REQUESTS, Quota, Requests
from lockstitch.settings.secrecy import LEAST_SECRET_BITS, entropy_bits
from lockstitch.settings.sign_in import PublishableKey, SignInProviders, TokenIssuers

# Tables below `[tool.lockstitch]` that are no settings: whoever uses one reads it.
_TABLES = frozenset({"policy"})

# Relative to the project, where the project's own files name them.
_PATHS = ("migrations", "contract", "data", "tls_cert", "tls_key")
_LISTS_OF_PATHS = ("clients", "sources")


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
    max_in_flight: int = Field(
        default=2048,
        ge=1,
        le=1_000_000,
        description="The most predictions that one process works on at once; 503 beyond it.",
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
        description="The networks of proxies whose X-Forwarded-* is believed, with commas.",
    )
    proxy_headers: Literal["x-forwarded", "forwarded"] = Field(
        default="x-forwarded",
        description="Which headers the proxies write: x-forwarded, or forwarded (RFC 7239).",
    )
    allowed_hosts: Hosts = Field(
        default=(),
        description="More host names that the service answers to, with commas.",
    )
    cors_origins: CorsOrigins = Field(
        default=(),
        description="The origins whose pages may call the service, such as https://app.example.com.",
    )
    cors_credentials: bool = Field(
        default=True,
        description="Whether pages of these origins may call with the session cookie.",
    )
    tls_cert: Path | None = Field(
        default=None, description="The certificate to answer https with, and its chain, in PEM."
    )
    tls_key: Path | None = Field(default=None, description="The certificate's key, in PEM.")
    hsts_seconds: int = Field(
        default=31_536_000,
        ge=0,
        description="How long browsers insist on https once they have seen it, in seconds.",
    )
    insecure_http: bool = Field(
        default=False,
        description="Whether others may reach the service by plain http, where all can read it.",
    )
    token_issuers: TokenIssuers = Field(
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
    access_log: Literal["notable", "all"] = Field(
        default="notable",
        description="Which requests are logged: those that fail on our side or are slow, or all.",
    )
    slow_seconds: float = Field(
        default=1.0, gt=0, le=3600, description="From when on a request is slow, in seconds."
    )
    log_exception_messages: bool = Field(
        default=False,
        description="Whether the log repeats what exceptions say, which may quote model inputs.",
    )
    metrics_port: int = Field(
        default=0, ge=0, le=65535, description="Where Prometheus reads GET /metrics; 0: nowhere."
    )
    metrics_host: str = Field(
        default="127.0.0.1",
        description="The address of GET /metrics; another than loopback needs a token.",
    )
    observe: bool = Field(
        default=True,
        description="Whether answers are held against the contract, where only this machine calls.",
    )
    https: bool = Field(
        default=False,
        description="Whether people come by https, though the proxy in front does not say so.",
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
    supabase_publishable_key: PublishableKey | None = Field(
        default=None,
        description="With SUPABASE_URL: sign-up and sign-in go to the project's Supabase Auth.",
        validation_alias=AliasChoices("SUPABASE_PUBLISHABLE_KEY", "SUPABASE_ANON_KEY"),
        json_schema_extra={"obtain": "Supabase: Project settings, API keys, Publishable key"},
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
    metrics_token: SecretStr | None = Field(
        default=None,
        description="What Prometheus sends as a bearer token; without it nobody is asked for one.",
        json_schema_extra={"obtain": "python -c 'import secrets; print(secrets.token_hex(32))'"},
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

    @model_validator(mode="after")
    def _refuse_contradictions(self) -> "Settings":
        if ANY_ORIGIN in self.cors_origins:
            if self.cors_credentials:
                raise ValueError(
                    "LOCKSTITCH_CORS_ORIGINS is * and credentials are allowed: any page could act "
                    "as whoever looks at it. Name the origins, or set "
                    "LOCKSTITCH_CORS_CREDENTIALS=false"
                )
            if len(self.cors_origins) > 1:
                raise ValueError("LOCKSTITCH_CORS_ORIGINS is either * or a list of origins")
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("LOCKSTITCH_TLS_CERT and LOCKSTITCH_TLS_KEY go together")
        return self

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the socket."""
        return self.host in LOOPBACK

    def request_quota(self, counted: Literal["key", "person", "address"]) -> Quota:
        """Return how often one of these may call."""
        given: Quota | None = getattr(self, f"requests_per_{counted}")
        if given is not None:
            return given
        usual = USUAL_REQUESTS[counted]
        return usual.times(TIMES_ON_LOOPBACK) if self.is_private else usual

    @property
    def is_private(self) -> bool:
        """Whether only programs of this machine call, with no proxy between."""
        public = urlsplit(self.public_url).hostname if self.public_url else None
        return self.loopback and not self.https and (public is None or public in LOOPBACK)

    @property
    def secure(self) -> bool:
        """Whether people reach the service by https."""
        public = self.public_url is not None and self.public_url.startswith("https://")
        return self.https or self.tls_cert is not None or public

    @property
    def origin(self) -> str:
        """Where people open the service, without a slash at the end: what links begin with."""
        if self.public_url is not None:
            return self.public_url
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.secure else 'http'}://{host}:{self.port}"

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

    def refuse_plain_http(self) -> None:
        """Stop a service that others can reach from answering by plain http, unless it was told to.

        Raises:
            HttpsRequired: Others can reach the address, and neither https nor a proxy is set.
        """
        if self.loopback or self.secure or self.trusted_proxies or self.insecure_http:
            return
        raise HttpsRequired(
            f"Others can reach {self.host}, and by plain http everybody between could read "
            "passwords and sessions. Give --tls-cert and --tls-key, name the proxy that ends TLS "
            "with LOCKSTITCH_TRUSTED_PROXIES, or accept it with --insecure-http."
        )

    def refuse_weak_secrets(self) -> None:
        """Stop a service that others can reach from running on a guessable secret.

        Raises:
            PlaceholderSecret: The address is not loopback and the secret key is weak.
        """
        if self.is_private:
            return
        secret = self.secret_key.get_secret_value()
        if secret == PLACEHOLDER:
            raise PlaceholderSecret(
                "LOCKSTITCH_SECRET_KEY is a placeholder and others can reach "
                f"{self.host}. Make one: {_obtain('secret_key')}"
            )
        if entropy_bits(secret) < LEAST_SECRET_BITS:
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
    message = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return f"{message}."
    name, *within = (str(part) for part in first["loc"])
    field = name.lower().removeprefix(PREFIX.lower())
    variable = variable_name(field if field in Settings.model_fields else name)
    return f"{': '.join([variable, *within])}: {message}."
