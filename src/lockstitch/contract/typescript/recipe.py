"""How a client is made, kept in its lock so that others can make it again and compare."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from lockstitch.contract.sources import is_application_name, is_url
from lockstitch.contract.typescript.client import PARTS, Client, Imports, Part, make_client
from lockstitch.contract.typescript.options import TypeScriptOptions
from lockstitch.contract.versions import select_version


class ClientRecipe(BaseModel):
    """The arguments of `lockstitch generate`.

    Attributes:
        source: The contract: a file, a URL or `module:app`.
        channels: The AsyncAPI document, if there is one.
        version: The version of the API that the client is of; None is all of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    channels: str | None = None
    version: str | None = None
    only: tuple[Part, ...] = PARTS
    names: Literal["camel", "wire"] = "camel"
    naive_dates: Literal["utc", "reject"] = "utc"
    branded_uuids: bool = False
    plain: tuple[str, ...] = ()
    imports: Imports = "bare"

    def make(self, openapi: Mapping[str, Any], asyncapi: Mapping[str, Any] | None) -> Client:
        """Return the client.

        Raises:
            ContractError: The documents cannot be turned into one.
            ConfigurationError: The contract does not have the version.
        """
        if self.version is not None:
            openapi = select_version(openapi, self.version)
        options = TypeScriptOptions(
            names=self.names,
            naive_dates=self.naive_dates,
            branded_uuids=self.branded_uuids,
            plain=frozenset(self.plain),
        )
        return make_client(
            openapi, options, asyncapi=asyncapi, parts=self.only, imports=self.imports
        )

    def seen_from(self, folder: Path) -> "ClientRecipe":
        """Return the recipe with its files named relative to a folder, as a lock keeps it."""
        here = Path.cwd()
        return self._moved(
            lambda path: Path(os.path.relpath(here / path, here / folder)).as_posix()
        )

    def found_from(self, folder: Path) -> "ClientRecipe":
        """Return a recipe that a lock keeps with its files named from here."""
        return self._moved(lambda path: os.path.normpath(folder / path))

    def _moved(self, move: Any) -> "ClientRecipe":
        given = {"source": self.source, "channels": self.channels}
        return self.model_copy(
            update={
                name: move(path) if path is not None and _is_file(path) else path
                for name, path in given.items()
            }
        )


def _is_file(source: str) -> bool:
    return not is_url(source) and not is_application_name(source)
