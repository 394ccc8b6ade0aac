"""Who vouches for people: issuers of tokens, and providers to sign in with."""

from base64 import urlsafe_b64decode
from contextlib import suppress
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from lockstitch.settings.addresses import ServiceUrl


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


def _refuse_one_issuer_twice(issuers: tuple[TokenIssuer, ...]) -> tuple[TokenIssuer, ...]:
    names = [one.issuer for one in issuers]
    if len(names) != len(set(names)):
        raise ValueError("two of them are the same issuer")
    return issuers


TokenIssuers = Annotated[tuple[TokenIssuer, ...], AfterValidator(_refuse_one_issuer_twice)]


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
