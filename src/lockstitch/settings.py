"""One settings object, read once: argument, environment, `.env`, `[tool.lockstitch]`, default."""

import math
import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    IPvAnyNetwork,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from lockstitch.errors import ConfigurationError, HttpsRequired, PlaceholderSecret

PREFIX = "LOCKSTITCH_"
PLACEHOLDER = "lockstitch_dev_your_key_here"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

# 32 hexadecimal digits, the shortest spelling of 128 bits, are just above it.
_LEAST_SECRET_BITS = 100.0


# Tables below `[tool.lockstitch]` that are no settings: whoever uses one reads it.
_TABLES = frozenset({"policy"})

# Relative to the project, where the project's own files name them.
_PATHS = ("migrations", "contract", "data", "tls_cert", "tls_key")
_LISTS_OF_PATHS = ("clients", "sources")


def _split(given: Any) -> Any:
    """Return the parts of a list that a variable spells with commas."""
    if not isinstance(given, str):
        return given
    return [part.strip() for part in given.split(",") if part.strip()]


_NAME = r"(?:[a-z0-9_-]+\.)*[a-z0-9_-]+|\[[0-9a-f:.]+\]"
_ORIGIN = re.compile(rf"(?P<scheme>[a-z][a-z0-9+.-]*)://(?:{_NAME})(?::(?P<port>[0-9]{{1,5}}))?")
_HOST = re.compile(rf"(?:{_NAME})(?::[0-9]{{1,5}})?")
_USUAL_PORTS = {"http": ":80", "https": ":443"}


def _as_origin(given: str) -> str:
    """Return an origin as browsers spell it."""
    origin = given.lower()
    found = _ORIGIN.fullmatch(origin)
    if found is None:
        raise ValueError(
            "this is no origin. Write scheme, host and port, such as https://app.example.com "
            "or http://localhost:3000, without a path and without wildcards"
        )
    return origin.removesuffix(_USUAL_PORTS.get(found["scheme"], "/"))


def _as_cors_origin(given: str) -> str:
    return given if given == ANY_ORIGIN else _as_origin(given)


def _as_public_url(given: str) -> str:
    origin = _as_origin(given.removesuffix("/"))
    if not origin.startswith(("http://", "https://")):
        raise ValueError("an address of the web begins with https:// or http://")
    return origin


def _as_host(given: str) -> str:
    host = given.lower()
    if _HOST.fullmatch(host) is None:
        raise ValueError("this is no host name. Write it as in app.example.com")
    return host


ANY_ORIGIN = "*"

Paths = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_split)]
Networks = Annotated[tuple[IPvAnyNetwork, ...], NoDecode, BeforeValidator(_split)]
CorsOrigins = Annotated[
    tuple[Annotated[str, AfterValidator(_as_cors_origin)], ...], NoDecode, BeforeValidator(_split)
]
Hosts = Annotated[
    tuple[Annotated[str, AfterValidator(_as_host)], ...], NoDecode, BeforeValidator(_split)
]


class Settings(BaseSettings):
    """Everything that can be configured, with its default.

    Each field is the variable `LOCKSTITCH_<FIELD>`, and a key of `[tool.lockstitch]` in
    `pyproject.toml` unless it is a secret.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True
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
        default=900, ge=1, le=86_400, description="How long these three are counted, in seconds."
    )
    trusted_proxies: Networks = Field(
        default=(),
        description="The networks of proxies whose X-Forwarded-* is believed, with commas.",
    )
    proxy_headers: Literal["x-forwarded", "forwarded"] = Field(
        default="x-forwarded",
        description="Which headers the proxies write: x-forwarded, or forwarded (RFC 7239).",
    )
    public_url: Annotated[str, AfterValidator(_as_public_url)] | None = Field(
        default=None,
        description="Where people open the service, such as https://app.example.com.",
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
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least severe log line that is written."
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
            "obtain": "the connection string of your server; on Supabase: Connect, Session pooler"
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

    @property
    def exposed(self) -> bool:
        """Whether others can reach the service, directly or through a proxy."""
        public = urlsplit(self.public_url).hostname if self.public_url else None
        return not self.loopback or self.https or (public is not None and public not in LOOPBACK)

    @property
    def secure(self) -> bool:
        """Whether people reach the service by https."""
        public = self.public_url is not None and self.public_url.startswith("https://")
        return self.https or self.tls_cert is not None or public

    @property
    def origin(self) -> str:
        """Where people open the service, as scheme, host and port: what links begin with."""
        if self.public_url is not None:
            return self.public_url
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.secure else 'http'}://{host}:{self.port}"

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
        if not self.exposed:
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
                f"{path}: {name!r} is a secret. Set LOCKSTITCH_{name.upper()} instead."
            )
    return settings


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
        variable = f"LOCKSTITCH_{name.upper()}"
        if is_secret(name):
            lines += [f"# Obtain it: {_obtain(name)}", f"# {variable}={PLACEHOLDER}"]
        else:
            lines.append(f"# {variable}={spelt(field.default)}")
    return "\n".join(lines) + "\n"


def spelt(value: Any) -> str:
    """Return a setting's value as its variable says it."""
    if isinstance(value, bool):
        return str(value).lower()
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
    if not first["loc"]:
        return f"{first['msg'].removeprefix('Value error, ')}."
    name = str(first["loc"][0])
    return f"LOCKSTITCH_{name.upper().removeprefix('LOCKSTITCH_')}: {first['msg']}."
