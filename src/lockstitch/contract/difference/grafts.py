"""Putting a part in the place of a member, deep inside of a value."""

from collections.abc import Iterator
from typing import Any, Final

from lockstitch.contract.difference.deltas import ANY_MEMBER

# The name of a member that stands for any.
SOME_NAME: Final = "birch"


def grafted(value: Any, member: tuple[str, ...], part: Any) -> Iterator[Any]:
    """Yield the value with a part at a member; nothing where the way down leads nowhere.

    Args:
        value: JSON; it is left as it is.
        member: Names of members and places of items; `*` is any of either.
        part: What is put there.
    """
    if not member:
        yield part
    elif isinstance(value, dict):
        name = next(iter(value), SOME_NAME) if member[0] == ANY_MEMBER else member[0]
        if name in value or len(member) == 1:
            for one in grafted(value.get(name), member[1:], part):
                yield {**value, name: one}
    elif isinstance(value, list):
        place = int(member[0]) if member[0].isdecimal() else 0
        if place < len(value) or (place == len(value) and len(member) == 1):
            for one in grafted(value[place] if value[place:] else None, member[1:], part):
                yield [*value[:place], one, *value[place + 1 :]]


def pruned(value: Any, member: tuple[str, ...]) -> Iterator[Any]:
    """Yield the value without a member of an object; nothing where it is not there."""
    owner: Any = value
    for name in member[:-1]:
        if isinstance(owner, list) and owner:
            owner = owner[int(name) if name.isdecimal() and int(name) < len(owner) else 0]
        elif isinstance(owner, dict) and owner:
            owner = owner.get(next(iter(owner)) if name == ANY_MEMBER else name)
    if isinstance(owner, dict) and member[-1] in owner:
        left = {name: one for name, one in owner.items() if name != member[-1]}
        yield from grafted(value, member[:-1], left)
