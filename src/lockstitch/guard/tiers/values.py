"""Column and field: do they hold the same values?"""

from collections.abc import Iterator

from lockstitch.contract.algebra import Array, Enumeration, Text
from lockstitch.findings import Finding
from lockstitch.guard.tiers.pairs import Pair
from lockstitch.guard.tiers.ranges import compare_ranges


def compare_values(pair: Pair) -> Iterator[Finding]:
    """Yield how the values of a field and of its column differ, where their types agree."""
    yield from _listed(pair)
    yield from _lengths(pair)
    yield from compare_ranges(pair)
    yield from _counts(pair)


# Listed values


def _listed(pair: Pair) -> Iterator[Finding]:
    ours, theirs = _listed_by_field(pair), pair.limits.values
    if pair.family == "boolean" or (ours is None and theirs is None):
        return
    if theirs is None:
        yield from _column_is_open(pair, ours or ())
    elif ours is None:
        yield from _field_is_open(pair, theirs)
    else:
        yield from _different_lists(pair, ours, theirs)


def _listed_by_field(pair: Pair) -> tuple[str, ...] | None:
    schemas = pair.schemas
    if pair.column.type.array:
        schemas = tuple(one.items for one in schemas if isinstance(one, Array))
    if not schemas or not all(isinstance(one, Enumeration) for one in schemas):
        return None
    return tuple(
        str(value) for one in schemas if isinstance(one, Enumeration) for value in one.values
    )


def _column_is_open(pair: Pair, ours: tuple[str, ...]) -> Iterator[Finding]:
    if pair.requested:
        return
    yield pair.finding(
        "listed-values",
        "error",
        f"the answer allows {_spoken(ours)}; {pair.name} takes any value.",
        "Add a check constraint with these values, or make the field a plain text.",
    )


def _field_is_open(pair: Pair, theirs: tuple[str, ...]) -> Iterator[Finding]:
    if pair.requested:
        yield pair.finding(
            "listed-values",
            "error",
            f"the request may say anything; {pair.name} takes {_spoken(theirs)}.",
            f"Make the field Literal[{_literal(theirs)}], so that the caller gets a 422.",
        )
    else:
        yield pair.finding(
            "listed-values",
            "warning",
            f"the answer says nothing of its values; {pair.name} holds {_spoken(theirs)}.",
            f"Make the field Literal[{_literal(theirs)}], so that TypeScript knows them.",
        )


def _different_lists(
    pair: Pair, ours: tuple[str, ...], theirs: tuple[str, ...]
) -> Iterator[Finding]:
    unknown = tuple(value for value in theirs if value not in ours)
    refused = tuple(value for value in ours if value not in theirs)
    if unknown and not pair.requested:
        yield pair.finding(
            "listed-values",
            "error",
            f"{pair.name} may hold {_spoken(unknown)}, which the answer does not allow.",
            "Add it to the field, or take it out of the column by a migration.",
        )
    if refused:
        yield pair.finding(
            "listed-values",
            "error" if pair.requested else "warning",
            f"the field allows {_spoken(refused)}, which {pair.name} does not take.",
            "Add it to the column by a migration, or take it out of the field.",
        )
    if unknown and pair.requested:
        yield pair.finding(
            "listed-values",
            "warning",
            f"{pair.name} takes {_spoken(unknown)}, which nobody can send.",
            "Add it to the field, or take it out of the column by a migration.",
        )


def _spoken(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _literal(values: tuple[str, ...]) -> str:
    return ", ".join(f'"{value}"' for value in values)


# Lengths of texts


def _lengths(pair: Pair) -> Iterator[Finding]:
    # Pydantic limits every URL; that is no promise of the application.
    texts = [one for one in pair.schemas if isinstance(one, Text) and one.format != "uri"]
    if pair.family != "text" or pair.column.type.array or not texts:
        return
    longest = None if any(one.max_length is None for one in texts) else _most(texts)
    shortest = min(one.min_length for one in texts)
    most, least = pair.limits.maximum_length, pair.limits.minimum_length or 0
    if pair.requested:
        yield from _too_long(pair, longest, most, "the request may have", "takes")
        if shortest < least:
            yield pair.finding(
                "length",
                "error",
                f"the request may have {shortest} characters; {pair.name} needs {least}.",
                f"Add min_length={least} to the field.",
            )
    elif longest is not None and (most is None or most > longest):
        held = "a text of any length" if most is None else f"{most} characters"
        yield pair.finding(
            "length",
            "error",
            f"the answer allows {longest} characters; {pair.name} may hold {held}.",
            "Limit the column by a check, or lift the limit of the field.",
        )
    elif shortest > least:
        yield pair.finding(
            "length",
            "error",
            f"the answer has at least {shortest} characters; {pair.name} may hold {least}.",
            "Limit the column by a check, or lift the limit of the field.",
        )


def _most(texts: list[Text]) -> int:
    return max(one.max_length or 0 for one in texts)


def _too_long(
    pair: Pair, longest: int | None, most: int | None, may: str, takes: str
) -> Iterator[Finding]:
    if most is not None and (longest is None or longest > most):
        length = "any length" if longest is None else f"{longest} characters"
        yield pair.finding(
            "length",
            "error",
            f"{may} {length}; {pair.name} {takes} {most}.",
            f"Set max_length={most} on the field, so that the caller gets a 422 and not a 500.",
        )


# Numbers of items


def _counts(pair: Pair) -> Iterator[Finding]:
    arrays = [one for one in pair.schemas if isinstance(one, Array)]
    most = pair.limits.maximum_count
    if not arrays or not pair.requested or most is None:
        return
    if any(one.max_items is None or one.max_items > most for one in arrays):
        yield pair.finding(
            "item-count",
            "error",
            f"the request may have more items than the {most} that {pair.name} takes.",
            f"Set max_length={most} on the field.",
        )
