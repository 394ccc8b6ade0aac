"""Addresses, origins and lists of them, as settings spell them."""

import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, IPvAnyNetwork
from pydantic_settings import NoDecode

from lockstitch.settings.names import ANY_ORIGIN, LOOPBACK

_NAME = r"(?:[a-z0-9_-]+\.)*[a-z0-9_-]+|\[[0-9a-f:.]+\]"
_ORIGIN = re.compile(rf"(?P<scheme>[a-z][a-z0-9+.-]*)://(?:{_NAME})(?::(?P<port>[0-9]{{1,5}}))?")
_HOST = re.compile(rf"(?:{_NAME})(?::[0-9]{{1,5}})?")
_USUAL_PORTS = {"http": ":80", "https": ":443"}


def _split(given: Any) -> Any:
    """Return the parts of a list that a variable spells with commas."""
    if not isinstance(given, str):
        return given
    return [part.strip() for part in given.split(",") if part.strip()]


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
    if urlsplit(given).path.strip("/"):
        raise ValueError("must have no path: the console is at the root")
    origin = _as_origin(given.removesuffix("/"))
    if not origin.startswith(("http://", "https://")):
        raise ValueError("an address of the web begins with https:// or http://")
    return origin


def _as_host(given: str) -> str:
    host = given.lower()
    if _HOST.fullmatch(host) is None:
        raise ValueError("this is no host name. Write it as in app.example.com")
    return host


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

PublicUrl = Annotated[str, AfterValidator(_as_public_url)]
Paths = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_split)]
Networks = Annotated[tuple[IPvAnyNetwork, ...], NoDecode, BeforeValidator(_split)]
CorsOrigins = Annotated[
    tuple[Annotated[str, AfterValidator(_as_cors_origin)], ...], NoDecode, BeforeValidator(_split)
]
Hosts = Annotated[
    tuple[Annotated[str, AfterValidator(_as_host)], ...], NoDecode, BeforeValidator(_split)
]
