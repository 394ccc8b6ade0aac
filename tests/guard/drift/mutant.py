"""One drift between the tiers, and where it must be told."""

from dataclasses import dataclass

# A rule and the name of the place.
Told = tuple[str, str]


@dataclass(frozen=True)
class Mutant:
    """A change of one tier alone.

    Attributes:
        name: What happened, in a few words.
        told: All that must be found, and nothing else may be.
        sql: What a migration changed, on its own.
        code: What was changed in the application: the old text and the new one.
    """

    name: str
    told: frozenset[Told]
    sql: str = ""
    code: tuple[str, str] | None = None


def by_sql(name: str, sql: str, *told: str) -> Mutant:
    """Return a drift of the database; `told` are `rule place`."""
    return Mutant(name, _told(told), sql=sql)


def by_code(name: str, old: str, new: str, *told: str) -> Mutant:
    """Return a drift of the application."""
    return Mutant(name, _told(told), code=(old, new))


def _told(texts: tuple[str, ...]) -> frozenset[Told]:
    return frozenset((rule, place) for rule, _, place in (text.partition(" ") for text in texts))
