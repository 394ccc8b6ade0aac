"""Comparing what is sent and answered: bodies, statuses, media types and headers."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final, Literal

from lockstitch.contract.algebra import Schema
from lockstitch.contract.difference.walk import Site, Walk
from lockstitch.contract.document import Body, Content, Header, Operation, Response

Side = Literal["request", "response"]
JSON: Final = "application/json"


def compare_bodies(walk: Walk, site: Site, operation: Operation, twin: Operation) -> None:
    """Add the changes of an operation's request body."""
    old, new = operation.body, twin.body
    site = replace(site, direction="request", spoken="the request body")
    if old is None and new is not None:
        needed = "required" if new.required else "optional"
        rule = f"request-body-added-{needed}"
        walk.tell(rule, site, f"is new and {needed}", revision=new.pointer)
    elif old is not None and new is None:
        walk.tell("request-body-removed", site, "is gone", base=old.pointer)
    elif old is not None and new is not None:
        _compare_needed(walk, site, old, new)
        compare_contents(walk, "request", site, old.contents, new.contents)


def _compare_needed(walk: Walk, site: Site, old: Body, new: Body) -> None:
    if new.required and not old.required:
        rule, words = "request-body-now-required", "must be there now"
    elif old.required and not new.required:
        rule, words = "request-body-now-optional", "may be left out now"
    else:
        return
    walk.tell(rule, site, words, base=old.pointer, revision=new.pointer)


def compare_responses(walk: Walk, site: Site, operation: Operation, twin: Operation) -> None:
    """Add the changes of an operation's responses."""
    new = {one.status: one for one in twin.responses}
    old = {one.status: one for one in operation.responses}
    site = replace(site, direction="response")
    for status, response in old.items():
        here = replace(site, part=status, spoken=f"the response {status}")
        match = new.get(status) or new.get(_range(status))
        if match is not None:
            compare_headers(walk, here, response.headers, match.headers)
            spoken = f"the body of the response {status}"
            inside = replace(here, spoken=spoken)
            compare_contents(walk, "response", inside, response.contents, match.contents)
        else:
            kind = "success" if status.startswith("2") else "error"
            rule = f"response-{kind}-status-removed"
            walk.tell(rule, here, "is gone", base=response.pointer)
    for status, response in new.items():
        if status not in old and not _covers(status, old):
            here = replace(site, part=status, spoken=f"the response {status}")
            walk.tell("response-status-added", here, "is new", revision=response.pointer)


def _range(status: str) -> str:
    return f"{status[0]}XX"


def _covers(status: str, old: dict[str, Response]) -> bool:
    """Whether a new range takes the place of statuses that were there before."""
    return status.endswith("XX") and any(one.startswith(status[0]) for one in old)


# Media types


def compare_contents(
    walk: Walk, side: Side, site: Site, old: Iterable[Content], new: Iterable[Content]
) -> None:
    """Add the changes of a body, media type by media type."""
    left = list(new)
    for content in old:
        here = replace(site, media_type=content.media_type)
        twin = _twin(walk, side, here, content, left)
        if twin is None:
            words = f"has the media type {content.media_type} no more"
            walk.tell(f"{side}-media-type-removed", here, words, base=content.pointer)
            continue
        left.remove(twin)
        pointers = (content.pointer, twin.pointer)
        compare_optional(walk, side, here, (content.schema, twin.schema), pointers)
        events = replace(here, spoken=f"an event of {site.spoken}")
        compare_optional(walk, side, events, (content.item, twin.item), pointers)
    for content in left:
        words = f"may have the media type {content.media_type} now"
        here = replace(site, media_type=content.media_type)
        walk.tell(f"{side}-media-type-added", here, words, revision=content.pointer)


def _twin(
    walk: Walk, side: Side, site: Site, content: Content, others: list[Content]
) -> Content | None:
    """Return the same media type, or one that stands for it, on the other side."""
    for one in others:
        if one.media_type == content.media_type:
            return one
    for one in others:
        if one.essence == content.essence:
            return one
    if side == "request":
        return None
    for one in others:
        narrower = content.essence == JSON and one.essence.endswith("+json")
        wider = one.essence == JSON and content.essence.endswith("+json")
        if narrower or wider:
            rule = f"response-media-type-{'specialized' if narrower else 'generalized'}"
            words = f"has the media type {one.media_type}, which was {content.media_type}"
            walk.tell(rule, site, words, base=content.pointer, revision=one.pointer)
            return one
    return None


def compare_optional(
    walk: Walk,
    side: Side,
    site: Site,
    schemas: tuple[Schema | None, Schema | None],
    pointers: tuple[str, str],
) -> None:
    """Add the changes of a schema that need not be there."""
    old, new = schemas
    if old is not None and new is not None:
        walk.schemas(side, site, old, new)
    elif old is not None or new is not None:
        walk.existence(side, site, schemas, pointers)


# Headers


def compare_headers(walk: Walk, site: Site, old: Iterable[Header], new: Iterable[Header]) -> None:
    """Add the changes of the headers of a response."""
    theirs = {one.name.lower(): one for one in new}
    ours = {one.name.lower(): one for one in old}
    for key, header in ours.items():
        here = replace(site, part=f"{site.part} {header.name}", spoken=f"the header {header.name}")
        twin = theirs.get(key)
        if twin is None:
            needed = "required" if header.required else "optional"
            walk.tell(f"header-removed-{needed}", here, "is gone", base=header.pointer)
            continue
        _compare_header(walk, here, header, twin)
    for key, header in theirs.items():
        if key not in ours:
            here = replace(
                site, part=f"{site.part} {header.name}", spoken=f"the header {header.name}"
            )
            walk.tell("header-added", here, "is new", revision=header.pointer)


def _compare_header(walk: Walk, site: Site, old: Header, new: Header) -> None:
    if old.required and not new.required:
        words = "may be missing now"
        walk.tell("header-now-optional", site, words, base=old.pointer, revision=new.pointer)
    elif new.required and not old.required:
        words = "is always there now"
        walk.tell("header-now-required", site, words, base=old.pointer, revision=new.pointer)
    walk.schemas("header", site, old.schema, new.schema)
