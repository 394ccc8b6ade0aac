"""Why a validator refuses a value, and whether that is because of the step to be shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, Literal

from lockstitch.contract.difference.deltas import ANY_MEMBER

# Whether all that is wrong is of the step, some of it, or none.
Cause = Literal["alone", "among-others", "another"]

MAX_ERRORS: Final = 20
MAX_WORDS: Final = 200
# What an object is refused for because of a member of it.
_OF_OWNER: Final = frozenset(
    {"additionalProperties", "dependentRequired", "required", "unevaluatedProperties"}
)
_NAMED: Final = frozenset({"dependentRequired", "required"})
# The keywords that a kind of step is about; the first beginning that fits, else any keyword.
_KEYWORDS: Final[tuple[tuple[str, frozenset[str]], ...]] = (
    ("became-required", frozenset({"required"})),
    ("became-optional", frozenset({"required"})),
    ("required-property-", frozenset({"required"})),
    ("became-nullable", frozenset({"type", "enum", "const"})),
    ("became-not-nullable", frozenset({"type", "enum", "const"})),
    ("max-length-", frozenset({"maxLength"})),
    ("min-length-", frozenset({"minLength"})),
    ("max-items-", frozenset({"maxItems"})),
    ("min-items-", frozenset({"minItems"})),
    ("max-properties-", frozenset({"maxProperties"})),
    ("min-properties-", frozenset({"minProperties"})),
    ("max-contains-", frozenset({"contains", "maxContains"})),
    ("min-contains-", frozenset({"contains", "minContains"})),
    ("max-", frozenset({"maximum", "exclusiveMaximum"})),
    ("min-", frozenset({"minimum", "exclusiveMinimum"})),
    ("multiple-of-", frozenset({"multipleOf"})),
    ("pattern-added", frozenset({"pattern"})),
    ("unique-items-", frozenset({"uniqueItems"})),
    ("enum-value-", frozenset({"enum", "const"})),
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a value is refused, and whether that is because of the step."""

    words: str
    cause: Cause


def refusal(validator: Any, value: Any, kind: str, member: tuple[str, ...]) -> Refusal:
    """Return why a validator refuses a value.

    Args:
        validator: It refuses the value.
        value: What is refused.
        kind: The kind of the step that is to be shown.
        member: The way down to what the step is about.
    """
    errors = list(islice(validator.iter_errors(value), MAX_ERRORS))
    fitting = [[one for one in _leaves(error) if _fits(one, kind, member)] for error in errors]
    shown = [leaves[0] for leaves in fitting if leaves]
    cause: Cause = "another"
    if shown:
        cause = "alone" if all(fitting) else "among-others"
    words = str((shown or errors)[0].message) if errors else ""
    return Refusal(words if len(words) <= MAX_WORDS else f"{words[:MAX_WORDS]}…", cause)


def _leaves(error: Any) -> Iterator[Any]:
    """Yield what is wrong in each alternative of a union, else the error itself."""
    inner = [one for branch in getattr(error.kind, "context", ()) for one in branch]
    for one in inner:
        yield from _leaves(one)
    # Of a union as a whole it can only be said that no alternative fits.
    yield error


def _fits(error: Any, kind: str, member: tuple[str, ...]) -> bool:
    path = [str(one) for one in error.instance_path]
    keyword = str(error.schema_path[-1]) if error.schema_path else ""
    if not _is_about(kind, keyword):
        return False
    if _is_below(path, member):
        return kind not in {"became-required", "became-optional"} or len(path) < len(member)
    if not member or len(path) != len(member) - 1 or not _is_below(path, member[:-1]):
        return False
    named = keyword not in _NAMED or f'"{member[-1]}"' in str(error.message)
    return keyword in _OF_OWNER and named


def _is_about(kind: str, keyword: str) -> bool:
    for beginning, keywords in _KEYWORDS:
        if kind.startswith(beginning):
            return keyword in keywords
    return True


def _is_below(path: list[str], member: tuple[str, ...]) -> bool:
    """Whether a path leads through a member, or to it."""
    return len(path) >= len(member) and all(
        name in (step, ANY_MEMBER) for step, name in zip(path, member, strict=False)
    )
