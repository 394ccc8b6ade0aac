"""The parts of a project that are checked, each read once and only when a stage asks for it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from fastapi import FastAPI

from lockstitch.contract.document import Document
from lockstitch.contract.generation import LOCK
from lockstitch.contract.reading import read_document
from lockstitch.contract.usage import FrontEnd, find_calls
from lockstitch.database.catalogue.data import Catalogue
from lockstitch.database.catalogue.kept import catalogue_of_migrations
from lockstitch.database.catalogue.reading import read_catalogue
from lockstitch.errors import ConfigurationError
from lockstitch.guard.callers import files_named, front_ends_in
from lockstitch.guard.picture import Picture, draw
from lockstitch.guard.tiers.routes import Route, read_routes
from lockstitch.settings import Settings

Part = TypeVar("Part")


class NotHere(Exception):
    """The project lacks what a stage looks at; the message says what."""


@dataclass
class Project:
    """One project, as the settings name its parts.

    Attributes:
        root: Its folder; findings name files relative to it.
        settings: Where its parts are.
        load_application: Imports what `module:attribute` names.
        read_contract: Reads what `--base` and a client's lock name.
        dsn: A database to read instead of the project's migrations.
    """

    root: Path
    settings: Settings
    load_application: Callable[[str], FastAPI]
    read_contract: Callable[[str], Mapping[str, Any]]
    dsn: str | None = None

    @cached_property
    def application(self) -> FastAPI:
        """The live application.

        Raises:
            NotHere: None is named and there is no `app.py`.
            ConfigurationError: It cannot be imported.
        """
        field = Settings.model_fields["application"]
        name = self.settings.application
        module = name.partition(":")[0].replace(".", "/")
        unnamed = name == field.default and not (self.root / f"{module}.py").is_file()
        if unnamed and not (self.root / module).is_dir():
            raise NotHere("no application: [tool.lockstitch] names none and there is no app.py")
        return self.load_application(name)

    @cached_property
    def contract(self) -> Mapping[str, Any]:
        """The contract of the live application, as it would be written."""
        document: Mapping[str, Any] = json.loads(json.dumps(self.application.openapi()))
        return document

    @cached_property
    def document(self) -> Document:
        """The contract that the front end is held against: the application's, or the committed."""
        try:
            return read_document(self.contract)
        except NotHere:
            if not self.settings.contract.is_file():
                raise
            return read_document(self.settings.contract)

    @cached_property
    def routes(self) -> tuple[Route, ...]:
        """The operations of the live application."""
        return read_routes(self.application)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The tables and policies: of the given database, or those that the migrations make.

        Raises:
            NotHere: There is neither.
            DatabaseError: The database cannot be reached, or a migration fails.
        """
        if self.dsn is not None:
            return read_catalogue(self.dsn)
        migrations = self.settings.migrations
        if not migrations.is_dir():
            raise NotHere(f"no migrations: there is no folder {self.relative(migrations)}")
        return catalogue_of_migrations(migrations, self.settings.data)

    @cached_property
    def sources(self) -> tuple[Path, ...]:
        """The folders of code to check."""
        return self.settings.sources or (self.root,)

    @cached_property
    def front_ends(self) -> tuple[FrontEnd, ...]:
        """The sources of TypeScript and JavaScript, by folder of code.

        Raises:
            NotHere: No package of npm is among them.
        """
        found = front_ends_in(self.sources, self.root)
        if not found:
            raise NotHere("no front end: there is no package.json")
        return found

    def known_front_ends(self) -> tuple[FrontEnd, ...]:
        """Return the front ends, or nothing where there is none."""
        return self._or_nothing(lambda: self.front_ends, ())

    def clients(self) -> tuple[Path, ...]:
        """Return the folders of generated clients.

        Raises:
            NotHere: None is named and no folder has a lock.
        """
        named = self.settings.clients
        found = named or tuple(
            path.parent for folder in self.sources for path in files_named(folder, LOCK)
        )
        if not found:
            raise NotHere("no generated client: [tool.lockstitch] names none and there is no lock")
        return found

    def picture(self) -> Picture:
        """Return the integration points of the project.

        Raises:
            ConfigurationError: There is no contract to begin with.
        """
        try:
            document = self.document
        except NotHere as absence:
            raise ConfigurationError(f"Nothing can be drawn: {absence}.") from None
        return draw(
            document,
            [find_calls(front_end, document) for front_end in self.known_front_ends()],
            self._or_nothing(lambda: self.routes, ()),
            self._or_nothing(lambda: self.catalogue, None),
            self.root.resolve(),
        )

    def _or_nothing(self, read: Callable[[], Part], nothing: Part) -> Part:
        try:
            return read()
        except NotHere:
            return nothing

    def relative(self, path: Path | str) -> str:
        """Return a path as findings name it."""
        whole = (Path.cwd() / path).resolve()
        root = self.root.resolve()
        return whole.relative_to(root).as_posix() if whole.is_relative_to(root) else str(path)
