"""Comparing who may call: security requirements and schemes."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from lockstitch.contract.difference.walk import Site, Walk
from lockstitch.contract.pointers import child

# Alternatives: each a mapping from scheme to scopes, all of which are needed.
Requirements = Sequence[Mapping[str, tuple[str, ...]]]

SCHEMES: Final = "/components/securitySchemes"


def compare_security(
    walk: Walk, site: Site, old: Requirements, new: Requirements, pointers: tuple[str, str]
) -> None:
    """Add the change of who may call an operation."""
    lost = [one for one in old or ({},) if not _is_enough(one, new)]
    won = [one for one in new or ({},) if not _is_enough(one, old)]
    base, revision = (child(pointer, "security") for pointer in pointers)
    if lost:
        public = {} in lost
        rule = "security-required" if public else "security-narrowed"
        if not public and all(_is_enough(one, new, scoped=False) for one in lost):
            rule = "security-scope-added"
        words = (
            f"asks for {_spoken(new)} now, and asked for nothing"
            if public
            else f"can be called with {_spoken(lost)} no more"
        )
        walk.tell(rule, site, words, base=base, revision=revision)
    elif won:
        words = f"can be called with {_spoken(won)} now"
        walk.tell("security-widened", site, words, base=base, revision=revision)


def _is_enough(
    given: Mapping[str, tuple[str, ...]], asked: Requirements, *, scoped: bool = True
) -> bool:
    """Whether credentials satisfy one of the alternatives; none are asked for where none is."""
    return not asked or any(
        all(
            name in given and (not scoped or set(scopes) <= set(given[name]))
            for name, scopes in one.items()
        )
        for one in asked
    )


def _spoken(requirements: Requirements) -> str:
    return " or ".join(
        " and ".join(
            f"{name} ({', '.join(scopes)})" if scopes else name for name, scopes in one.items()
        )
        or "nothing"
        for one in requirements or ({},)
    )


def compare_document_security(walk: Walk) -> None:
    """Add the changes of the security that all operations inherit, and of the schemes."""
    old, new = _global(walk.base.raw), _global(walk.revision.raw)
    if not walk.base.operations or not walk.revision.operations:
        compare_security(walk, Site(), old, new, ("", ""))
    ours = {one.name: one for one in walk.base.security_schemes}
    theirs = {one.name: one for one in walk.revision.security_schemes}
    for name, scheme in ours.items():
        pointer = child(SCHEMES, name)
        site = Site(part=name, spoken=f"the security scheme {name}")
        if name not in theirs:
            walk.tell("security-scheme-removed", site, "is gone", base=pointer)
        elif _told(scheme.raw) != _told(theirs[name].raw):
            words = "is declared in another way"
            walk.tell("security-scheme-changed", site, words, base=pointer, revision=pointer)
    for name in theirs:
        if name not in ours:
            site = Site(part=name, spoken=f"the security scheme {name}")
            walk.tell("security-scheme-added", site, "is new", revision=child(SCHEMES, name))


def _told(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in raw.items() if key != "description"}


def _global(raw: Mapping[str, Any]) -> list[dict[str, tuple[str, ...]]]:
    found = raw.get("security")
    if not isinstance(found, list):
        return []
    return [
        {name: tuple(scopes) if isinstance(scopes, list) else () for name, scopes in one.items()}
        for one in found
        if isinstance(one, Mapping)
    ]
