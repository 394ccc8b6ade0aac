"""One settings object, read once: argument, environment, `.env`, `[tool.lockstitch]`, default."""

import math
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
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from lockstitch.errors import ConfigurationError, PlaceholderSecret

PREFIX = "LOCKSTITCH_"
PLACEHOLDER = "lockstitch_dev_your_key_here"
# As an address, since an empty variable would count as not given.
KEEP_MAIL = "outbox://"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

# 32 hexadecimal digits, the shortest spelling of 128 bits, are just above it.
_LEAST_SECRET_BITS = 100.0


# Tables below `[tool.lockstitch]` that are no settings: whoever uses one reads it.
_TABLES = frozenset({"policy"})

# Relative to the project, where the project's own files name them.
_PATHS = ("migrations", "contract", "data")
_LISTS_OF_PATHS = ("clients", "sources")


def _split(given: Any) -> Any:
    """Return the parts of a list that a variable spells with commas."""
    return [part for part in given.split(",") if part] if isinstance(given, str) else given


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
        default=900, ge=1, le=86_400, description="How long all of these are counted, in seconds."
    )
    trusted_proxies: Networks = Field(
        default=(),
        description="The networks of proxies whose X-Forwarded-For is believed, with commas.",
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
            "obtain": "the connection string of your server; on Supabase: Connect, Session pooler"
        },
    )
    smtp_url: SecretStr | None = Field(
        default=None,
        description="The mail server. Without it mail is kept in the data directory.",
        json_schema_extra={
            "obtain": "your mail provider's SMTP settings: smtps://USER:PASSWORD@HOST:465"
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

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the service."""
        return self.host in LOOPBACK

    @property
    def is_private(self) -> bool:
        """Whether only programs of this machine call, with no proxy between."""
        return self.loopback and not self.https

    @property
    def origin(self) -> str:
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
    name = str(first["loc"][0])
    return f"LOCKSTITCH_{name.upper().removeprefix('LOCKSTITCH_')}: {first['msg']}."
