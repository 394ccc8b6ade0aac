"""Comparing the operations of two documents."""

import re
from collections.abc import Mapping
from typing import Any, Final

from lockstitch.contract.difference.bodies import compare_bodies, compare_responses
from lockstitch.contract.difference.lifecycle import (
    compare_deprecation,
    compare_stability,
    is_unstable,
    removal_rule,
)
from lockstitch.contract.difference.parameters import compare_parameters
from lockstitch.contract.difference.security import compare_security
from lockstitch.contract.difference.walk import Site, Walk
from lockstitch.contract.document import Document, Operation
from lockstitch.contract.pointers import child, resolve
from lockstitch.errors import UnreadableDocument

_NAME_IN_PATH: Final = re.compile(r"\{([^{}]+)\}")


def compare_operations(walk: Walk) -> None:
    """Add the changes of all operations."""
    old = {_key(one): one for one in walk.base.operations}
    new = {_key(one): one for one in walk.revision.operations}
    for key, operation in old.items():
        twin = new.get(key)
        if twin is None:
            _removed(walk, operation)
        elif _is_judged(walk, operation, twin):
            _compare(walk, operation, twin)
    for key, operation in new.items():
        if key not in old:
            site = site_of(operation)
            walk.tell("operation-added", site, "is new", revision=operation.pointer)


def site_of(operation: Operation) -> Site:
    """Return the site of an operation."""
    return Site(operation=operation.id, method=operation.method.upper(), path=operation.path)


def raw_of(document: Document, pointer: str) -> Mapping[str, Any]:
    """Return what stands at a pointer of the parsed document."""
    try:
        found = resolve(document.raw, pointer, pointer)
    except UnreadableDocument:
        return {}
    return found if isinstance(found, Mapping) else {}


def _key(operation: Operation) -> tuple[str, str]:
    # What the parameters of a path are called is nothing that travels.
    return operation.method, _NAME_IN_PATH.sub("{}", operation.path)


def _removed(walk: Walk, operation: Operation) -> None:
    raw = raw_of(walk.base, operation.pointer)
    if is_unstable(walk.policy, raw):
        return
    rule, words = removal_rule(walk.policy, "operation", raw, deprecated=operation.deprecated)
    walk.tell(rule, site_of(operation), words, base=operation.pointer)


def _is_judged(walk: Walk, operation: Operation, twin: Operation) -> bool:
    """Tell a step of stability; what was not stable before has promised nothing."""
    old, new = raw_of(walk.base, operation.pointer), raw_of(walk.revision, twin.pointer)
    compare_stability(walk, site_of(operation), (old, new), (operation.pointer, twin.pointer))
    return not is_unstable(walk.policy, old)


def _compare(walk: Walk, operation: Operation, twin: Operation) -> None:
    site = site_of(operation)
    old, new = raw_of(walk.base, operation.pointer), raw_of(walk.revision, twin.pointer)
    pointers = (operation.pointer, twin.pointer)
    _compare_ids(walk, site, (old, new), pointers)
    _compare_tags(walk, site, operation, twin)
    compare_deprecation(walk, "operation", site, (old, new), pointers)
    compare_security(walk, site, operation.security, twin.security, pointers)
    compare_parameters(walk, site, operation, twin)
    compare_bodies(walk, site, operation, twin)
    compare_responses(walk, site, operation, twin)


def _compare_ids(
    walk: Walk,
    site: Site,
    raws: tuple[Mapping[str, Any], Mapping[str, Any]],
    pointers: tuple[str, str],
) -> None:
    old, new = (raw.get("operationId") for raw in raws)
    if old != new:
        words = f"has the id {new}, which was {old}" if old and new else f"has the id {new or old}"
        if new is None:
            words = f"has the id {old} no more"
        walk.tell("operation-id-changed", site, words, base=pointers[0], revision=pointers[1])


def _compare_tags(walk: Walk, site: Site, operation: Operation, twin: Operation) -> None:
    old, new = child(operation.pointer, "tags"), child(twin.pointer, "tags")
    for tag in operation.tags:
        if tag not in twin.tags:
            walk.tell("tag-removed", site, f"has the tag {tag} no more", base=old, subject=tag)
    for tag in twin.tags:
        if tag not in operation.tags:
            walk.tell("tag-added", site, f"has the tag {tag} now", revision=new, subject=tag)
