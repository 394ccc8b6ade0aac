"""Deprecation, sunset and stability: what was announced before something goes."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

from lockstitch.contract.difference.policy import Policy
from lockstitch.contract.difference.walk import Site, Walk

Raw = Mapping[str, Any]
Announced = Literal["operation", "parameter"]

SUNSET: Final = "x-sunset"
STABILITY: Final = "x-stability-level"
_LEVELS: Final = ("draft", "alpha", "beta", "stable")
_DAY: Final = len("2027-01-31")


def is_unstable(policy: Policy, raw: Raw) -> bool:
    """Whether what stands there has promised nothing yet."""
    return raw.get(STABILITY) in policy.unstable


def sunset_of(raw: Raw) -> date | Literal["invalid"] | None:
    """Return the day on which something goes, None where it is not announced."""
    found = raw.get(SUNSET)
    if found is None:
        return None
    try:
        return date.fromisoformat(str(found)[:_DAY])
    except ValueError:
        pass
    try:
        return datetime.strptime(str(found), "%a, %d %b %Y %H:%M:%S %Z").date()  # noqa: DTZ007 - an HTTP date is UTC
    except ValueError:
        return "invalid"


def removal_rule(policy: Policy, what: Announced, raw: Raw, *, deprecated: bool) -> tuple[str, str]:
    """Return the rule of something that is gone, and what to say of it."""
    if not deprecated:
        return f"{what}-removed", "is gone"
    sunset = sunset_of(raw)
    if sunset == "invalid":
        rule = "sunset-invalid" if what == "operation" else "parameter-sunset-invalid"
        return rule, f"is gone; its sunset {raw.get(SUNSET)} is no date"
    if sunset is not None and sunset > policy.day:
        return f"{what}-removed-before-sunset", f"is gone before its sunset on {sunset}"
    return f"{what}-removed-after-deprecation", "is gone; it was deprecated"


def compare_deprecation(
    walk: Walk, what: Announced, site: Site, raws: tuple[Raw, Raw], pointers: tuple[str, str]
) -> None:
    """Add what changed in the deprecation of an operation or a parameter."""
    old, new = raws
    was, is_now = old.get("deprecated") is True, new.get("deprecated") is True
    base, revision = pointers
    if was and not is_now:
        words = "is deprecated no more"
        walk.tell(f"{what}-reactivated", site, words, base=base, revision=revision)
    elif is_now and not was:
        _announced(walk, what, site, new, pointers)
    elif is_now:
        _kept(walk, what, site, raws, pointers)


def _announced(
    walk: Walk, what: Announced, site: Site, new: Raw, pointers: tuple[str, str]
) -> None:
    base, revision = pointers
    prefix = "" if what == "operation" else "parameter-"
    sunset = sunset_of(new)
    walk.tell(f"{what}-deprecated", site, "is deprecated now", base=base, revision=revision)
    if sunset == "invalid":
        words = f"has the sunset {new.get(SUNSET)}, which is no date"
        walk.tell(f"{prefix}sunset-invalid", site, words, base=base, revision=revision)
    elif sunset is None:
        if walk.policy.sunset_days and what == "operation":
            words = "is deprecated without a sunset"
            walk.tell("sunset-missing", site, words, base=base, revision=revision, level="error")
    elif sunset < walk.policy.day + timedelta(days=walk.policy.sunset_days):
        words = f"has its sunset on {sunset} already"
        walk.tell(f"{prefix}sunset-too-soon", site, words, base=base, revision=revision)


def _kept(
    walk: Walk, what: Announced, site: Site, raws: tuple[Raw, Raw], pointers: tuple[str, str]
) -> None:
    """Judge a sunset that was announced before: it may be put off, not brought forward."""
    base, revision = pointers
    prefix = "" if what == "operation" else "parameter-"
    old, new = sunset_of(raws[0]), sunset_of(raws[1])
    if old == new:
        return
    if new == "invalid" or (old == "invalid" and new is None):
        words = f"has the sunset {raws[1].get(SUNSET)}, which is no date"
        walk.tell(f"{prefix}sunset-invalid", site, words, base=base, revision=revision)
    elif new is None:
        words = f"has its sunset on {old} no more"
        walk.tell(f"{prefix}sunset-removed", site, words, base=base, revision=revision)
    elif isinstance(old, date) and isinstance(new, date) and new < old:
        words = f"has its sunset on {new} already, which was {old}"
        walk.tell(f"{prefix}sunset-too-soon", site, words, base=base, revision=revision)


def compare_stability(
    walk: Walk, site: Site, raws: tuple[Raw, Raw], pointers: tuple[str, str]
) -> None:
    """Add a step of `x-stability-level`; an operation without one is stable.

    A step up to where nothing is promised yet is not told.
    """
    old, new = (raw.get(STABILITY, "stable") for raw in raws)
    known = old in _LEVELS and new in _LEVELS
    rising = known and _LEVELS.index(new) > _LEVELS.index(old)
    if old == new or (rising and new in walk.policy.unstable):
        return
    base, revision = pointers
    if not known:
        wrong = new if new not in _LEVELS else old
        words = f"has the stability {wrong}, which is none of {', '.join(_LEVELS)}"
        walk.tell("stability-invalid", site, words, base=base, revision=revision)
        return
    words = f"has the stability {new}, which was {old}"
    rule = "stability-increased" if rising else "stability-decreased"
    walk.tell(rule, site, words, base=base, revision=revision)
