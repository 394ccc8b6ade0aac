"""What is known to belong to somebody: every value that the service has told them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from lockstitch.contract.document import Operation
from lockstitch.guard.conformance import Answer
from lockstitch.guard.verify.exchange import answered_json

Value = str | int

ID_NAME: Final = re.compile(r"(?:^|[_-]|(?<=[a-z]))(?:ids?|Ids?|uuid|Uuid)$")
_PEOPLE: Final = frozenset(
    {
        *("user", "owner", "person", "member", "author", "creator", "assignee", "customer"),
        *("profile", "me", "whoami", "self"),
    }
)
_TENANTS: Final = frozenset(
    {"organisation", "organization", "org", "tenant", "team", "workspace", "company", "group"}
)
_ACCOUNT: Final = "account"
_LEAST_TOKEN: Final = 16
# Members that only hold the items of a page.
_HOLD_ITEMS: Final = frozenset({"items", "data", "results", "rows"})


@dataclass(frozen=True, slots=True)
class Known:
    """One value of an answer.

    Attributes:
        value: The value.
        name: The member that holds it.
        parent: The member around that one, if there is one; a list passes through.
        collection: The path of the operation that told it, as `collection_of` returns it.
        depth: How many members deep it stands.
        made: Whether it was told by a write, so that it names something new.
    """

    value: Value
    name: str
    parent: str
    collection: str
    depth: int
    made: bool


@dataclass(slots=True)
class Belongings:
    """Values of answers to one caller, the newest last."""

    known: dict[Known, None] = field(default_factory=dict)

    def learn(self, operation: Operation, answer: Answer) -> None:
        """Keep the values of an answer."""
        made = operation.method not in {"get", "query"}
        for one in _leaves(answered_json(answer), collection_of(operation.path), made=made):
            # Taken out first, so that what is told again counts as new.
            self.known.pop(one, None)
            self.known[one] = None

    def ids(self) -> set[str]:
        """Return every value that names something and cannot be guessed."""
        return {str(one.value) for one in self.known if names_something(one)}

    def newest_ids(self) -> list[Value]:
        """Return the ids, the newest first."""
        return [one.value for one in reversed(self.known) if names_something(one)]

    def made(self) -> set[str]:
        """Return what names something that was made by a write."""
        return {str(one.value) for one in self.known if one.made and names_something(one)}

    def of(self, collection: str, names: tuple[str, ...]) -> list[Value]:
        """Return the values of some names in the answers of a collection, the best first."""
        found = [
            one
            for one in reversed(self.known)
            if one.collection == collection and one.name in names
        ]
        found.sort(key=lambda one: (names.index(one.name), one.depth))
        return [one.value for one in found]

    def called(self, name: str) -> list[Value]:
        """Return what a name such as `folder_id` may mean, wherever it was told."""
        stem = stem_of(name)
        return [
            one.value
            for one in reversed(self.known)
            if one.name == name
            or (ID_NAME.search(one.name) and same_thing(stem_of(one.name) or _kind(one), stem))
        ]


def collection_of(path: str) -> str:
    """Return a path without the names of its parameters and without a verb such as `:accept`."""
    return re.sub(r"\{[^{}]*\}", "{}", path).partition(":")[0].rstrip("/")


def _kind(known: Known) -> str:
    """Return what an `id` is of: the member around it, else the collection."""
    return singular(known.parent or known.collection.rpartition("/")[2])


def stem_of(name: str) -> str:
    """Return what an id is of by its name: `folder` of `folder_id` and of `folderIds`."""
    return singular(ID_NAME.sub("", name).strip("_-").lower().removeprefix("x-"))


def same_thing(one: str, other: str) -> bool:
    """Whether two names may mean the same kind of thing."""
    if one == other:
        return bool(one)
    groups = (_PEOPLE | {_ACCOUNT}, _TENANTS | {_ACCOUNT})
    return any(one in group and other in group for group in groups)


def singular(word: str) -> str:
    """Return an English word without its plural."""
    word = word.lower()
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def is_uuid(value: object) -> bool:
    """Whether a value is the text of a UUID."""
    try:
        return isinstance(value, str) and str(UUID(value)) == value.lower()
    except ValueError:
        return False


def is_token(value: object) -> bool:
    """Whether a value is a text that nobody can guess, such as an id, a token or a cursor."""
    if not isinstance(value, str) or len(value) < _LEAST_TOKEN or not value.isascii():
        return False
    return is_uuid(value) or re.fullmatch(r"[A-Za-z0-9_.=+/-]+", value) is not None


def names_something(known: Known) -> bool:
    """Whether a value is an id that belongs to one tenant alone by its randomness."""
    return is_uuid(known.value)


def _leaves(value: Any, collection: str, *, made: bool) -> Iterator[Known]:
    for path, leaf in _paths(value, ()):
        names = [name for name in path if name not in _HOLD_ITEMS or name == path[-1]]
        parent = names[-2] if len(names) > 1 else ""
        yield Known(leaf, path[-1] if path else "", parent, collection, len(path), made)


def _paths(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Value]]:
    match value:
        case dict():
            for name, inner in value.items():
                yield from _paths(inner, (*path, name))
        case list():
            # The first of a list is the newest, mostly; it is told last.
            for inner in reversed(value):
                yield from _paths(inner, path)
        case bool() | None | float():
            return
        case str() | int():
            yield path, value
