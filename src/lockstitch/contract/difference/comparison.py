"""Comparing two contracts."""

from collections.abc import Mapping
from typing import Any

from lockstitch.contract.difference.changes import Difference
from lockstitch.contract.difference.channels import compare_channels, is_asyncapi
from lockstitch.contract.difference.events import with_open_events
from lockstitch.contract.difference.operations import compare_operations
from lockstitch.contract.difference.policy import DEFAULT_POLICY, Policy
from lockstitch.contract.difference.reading import LeftOut, read_what_can_be
from lockstitch.contract.difference.security import compare_document_security
from lockstitch.contract.difference.version import recommended_version
from lockstitch.contract.difference.walk import Site, Walk
from lockstitch.contract.document import Document
from lockstitch.contract.pointers import child
from lockstitch.errors import ConfigurationError

Raw = Mapping[str, Any]


def compare(
    base: Document,
    revision: Document,
    policy: Policy = DEFAULT_POLICY,
) -> Difference:
    """Return what differs between two contracts, judged by which way the values travel.

    Args:
        base: What clients rely on.
        revision: What is to replace it.
        policy: Levels that differ from the defaults.
    """
    return _compared(base, revision, (), policy)


def compare_raw(base: Raw, revision: Raw, policy: Policy = DEFAULT_POLICY) -> Difference:
    """Return what differs between two parsed documents, both of OpenAPI or both of AsyncAPI.

    A part that cannot be read is told by a warning and left out.

    Raises:
        ConfigurationError: One is of OpenAPI, the other of AsyncAPI.
        UnreadableDocument: One of them cannot be read at all.
    """
    if is_asyncapi(base) != is_asyncapi(revision):
        other = "base" if is_asyncapi(base) else "revision"
        raise ConfigurationError(
            f"The {other} is an AsyncAPI document, the other is not. Give two of one kind."
        )
    if is_asyncapi(base):
        return compare_channels(base, revision, policy)
    old, lost = read_what_can_be(base, "base")
    new, missed = read_what_can_be(revision, "revision")
    return _compared(old, new, (*lost, *missed), policy)


def _compared(
    base: Document, revision: Document, left_out: tuple[LeftOut, ...], policy: Policy
) -> Difference:
    walk = Walk(with_open_events(base), with_open_events(revision), policy)
    walk.written = (base.raw, revision.raw)
    compare_operations(walk)
    compare_document_security(walk)
    _compare_components(walk)
    _compare_webhooks(walk)
    for part in left_out:
        words = f"cannot be read, and is not compared: {part.message.removesuffix('.')}"
        site = Site(spoken=f"{part.pointer} of the {part.side}")
        pointers = {part.side: part.pointer}
        walk.tell(
            "part-unreadable",
            site,
            words,
            base=pointers.get("base"),
            revision=pointers.get("revision"),
        )
    same = base.raw == revision.raw
    return Difference.of(walk.changes, recommended_version(walk.changes, same=same))


def _compare_components(walk: Walk) -> None:
    names = [key for key in walk.base.schemas if not key.startswith("/") and " & " not in key]
    for name in names:
        if name not in walk.revision.schemas:
            site = Site(part=name, spoken=f"the schema {name}")
            pointer = child("/components/schemas", name)
            walk.tell("component-schema-removed", site, "is gone", base=pointer)


def _compare_webhooks(walk: Walk) -> None:
    old = walk.base.raw.get("webhooks") or {}
    new = walk.revision.raw.get("webhooks") or {}
    for name in old:
        if name not in new:
            site = Site(part=name, path=name, spoken=f"the webhook {name}")
            walk.tell("webhook-removed", site, "is gone", base=child("/webhooks", name))
    for name in new:
        if name not in old:
            site = Site(part=name, path=name, spoken=f"the webhook {name}")
            walk.tell("webhook-added", site, "is new", revision=child("/webhooks", name))
