"""The service that a verb is told of: one that answers, or an application that it starts."""

import ipaddress
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from lockstitch.api.throw_away import ThrowAwayProduct
from lockstitch.contract.sources import is_url, read_source
from lockstitch.errors import ConfigurationError
from lockstitch.guard.verify.process import Imported, served

# Where the commands of the findings expect an application that a verb has started itself.
SHOWN_ORIGIN: Final = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class Target:
    """A service that answers, and its contract."""

    contract: Mapping[str, Any]
    base_url: str
    shown_origin: str | None = None
    log: Path | None = None


def read_headers(given: list[str], option: str = "--header") -> dict[str, str]:
    """Return headers that were given as 'Name: value', with their names in lower case.

    Raises:
        ConfigurationError: One has no colon, or no name.
    """
    found = {}
    for one in given:
        name, colon, value = one.partition(":")
        if not colon or not name.strip():
            raise ConfigurationError(f"{option} {one!r} is not 'Name: value'.")
        found[name.strip().lower()] = value.strip()
    return found


# A service that runs


def running(service: str, document: Mapping[str, Any] | None) -> Target:
    """Return a service that runs, with its own contract or the given one.

    Raises:
        ConfigurationError: It is no URL, or nothing can be read there.
    """
    if not is_url(service):
        raise ConfigurationError(f"{service!r} is neither a URL nor module:app.")
    bare = urlsplit(service).path in {"", "/"}
    url = urljoin(service, "/openapi.json") if bare else service
    contract = document or read_source(url)
    base = service.rstrip("/") if document else _base_url(url, contract)
    return Target(contract, base)


def _base_url(url: str, contract: Mapping[str, Any]) -> str:
    """Return where the paths of a fetched contract begin: at its first server on that host."""
    servers = contract.get("servers") or [{}]
    base = urljoin(url, str(servers[0].get("url", "/")))
    same = urlsplit(base).netloc == urlsplit(url).netloc
    return (base if same else urljoin(url, "/")).rstrip("/")


def is_this_machine(url: str) -> bool:
    """Return whether a URL is of this machine, where writing does no harm to others."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


# An application that is started for the occasion


@contextmanager
def started(application: str) -> Iterator[tuple[Target, Imported, ThrowAwayProduct]]:
    """Run an application; one that uses Lockstitch gets a database of its own and an account."""
    command = [sys.executable, "-m", "lockstitch.cli.main", "serve", application]
    with TemporaryDirectory(prefix="lockstitch-verify-", ignore_cleanup_errors=True) as folder:
        log = Path(folder) / "log"
        with ThrowAwayProduct(Path(folder)) as product, served(command, log, product.prepare) as it:
            yield Target(it.contract, it.url, SHOWN_ORIGIN, log), it, product
