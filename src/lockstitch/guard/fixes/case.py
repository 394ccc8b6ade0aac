"""What fixes are made of: two contracts, and the Python source behind them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from lockstitch.contract.algebra import Array, Object, Reference, Schema, Union
from lockstitch.contract.difference import DEFAULT_POLICY, Change, Policy
from lockstitch.contract.document import Document, Operation
from lockstitch.guard.fixes.source_file import SourceFile
from lockstitch.guard.sources import ApplicationSources, ModelSource, RouteSource
from lockstitch.guard.sources.trails import operation_of


@dataclass(frozen=True)
class Case:
    """Two contracts and the Python source behind them.

    `texts` are the files of the revision, `base_texts` those of the base as far as they are known.
    `migrations` is the folder of SQL migrations, if there is one, and `migration_names` what is in
    it.
    """

    base: Document
    revision: Document
    sources: ApplicationSources
    texts: Mapping[str, str]
    base_texts: Mapping[str, str] = field(default_factory=dict)
    policy: Policy = DEFAULT_POLICY
    migrations: str | None = None
    migration_names: tuple[str, ...] = ()
    _files: dict[str, SourceFile] = field(default_factory=dict, compare=False, repr=False)

    def now(self, file: str) -> SourceFile:
        """Return a file of the revision; an unknown one is empty."""
        return self._parsed(file, self.texts.get(file, ""))

    def before(self, file: str) -> SourceFile:
        """Return a file of the base; an unknown one, or one that is no Python, is empty."""
        try:
            return self._parsed(f"{file} before", self.base_texts.get(file, ""))
        except SyntaxError:
            return SourceFile("")

    def _parsed(self, key: str, text: str) -> SourceFile:
        if key not in self._files:
            self._files[key] = SourceFile(text)
        return self._files[key]

    def route(self, change: Change) -> RouteSource | None:
        """Return the function behind the operation that a change is about."""
        return self.sources.route((change.method or "").lower(), change.path)

    def operations(self, change: Change) -> tuple[Operation | None, Operation | None]:
        """Return the operation of a change, in the base and in the revision."""
        return operation_of(self.base, change), operation_of(self.revision, change)

    def is_shared(self, model: ModelSource) -> bool:
        """Whether callers both send and receive values of that model."""
        return not self._sent.isdisjoint(model.keys) and not self._received.isdisjoint(model.keys)

    @cached_property
    def _sent(self) -> frozenset[str]:
        return self._reached(of_request=True)

    @cached_property
    def _received(self) -> frozenset[str]:
        return self._reached(of_request=False)

    def _reached(self, *, of_request: bool) -> frozenset[str]:
        found: set[str] = set()
        for _, response, content in self.revision.contents():
            if (response is None) == of_request:
                for schema in (content.schema, content.item):
                    _collect(self.revision, schema, found)
        return frozenset(found)


def _collect(document: Document, schema: Schema | None, found: set[str]) -> None:
    match schema:
        case Reference() if schema.key not in found:
            found.add(schema.key)
            _collect(document, document.schemas[schema.key], found)
        case Union():
            for member in schema.members:
                _collect(document, member, found)
        case Array():
            for item in (*schema.prefix, schema.items):
                _collect(document, item, found)
        case Object():
            for inner in (*(p.schema for p in schema.properties), schema.additional):
                _collect(document, inner, found)
