"""Comparing two contracts."""

from lockstitch.contract.difference.changes import Difference
from lockstitch.contract.difference.operations import compare_operations
from lockstitch.contract.difference.policy import DEFAULT_POLICY, Policy
from lockstitch.contract.difference.security import compare_document_security
from lockstitch.contract.difference.version import recommended_version
from lockstitch.contract.difference.walk import Site, Walk
from lockstitch.contract.document import Document
from lockstitch.contract.pointers import child


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
    walk = Walk(base, revision, policy)
    compare_operations(walk)
    compare_document_security(walk)
    _compare_components(walk)
    _compare_webhooks(walk)
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
