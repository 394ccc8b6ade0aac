"""Recipes: how a value of a schema is made, in shapes small enough to follow in two languages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Characters:
    """One of some characters."""

    of: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some texts, or of some pieces."""

    of: tuple["Piece", ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A piece, again and again."""

    piece: "Piece"
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Sequence:
    """Pieces, one after the other."""

    of: tuple["Piece", ...]


# How a text is put together; a plain string is itself.
Piece = str | Characters | Choice | Repeat | Sequence


@dataclass(frozen=True, slots=True)
class Pick:
    """One of some JSON values."""

    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """`(low + n) * step / scale` for some n below `count`: whole numbers, so nothing is rounded."""

    low: int
    count: int
    step: int = 1
    scale: int = 1


@dataclass(frozen=True, slots=True)
class Texts:
    """A string."""

    piece: Piece


@dataclass(frozen=True, slots=True)
class Items:
    """An array: the items of `prefix`, then between `least` and `most` others."""

    prefix: tuple["Recipe", ...] = ()
    rest: "Recipe | None" = None
    least: int = 0
    most: int = 0
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Others:
    """Members of an object whose names are data: some of `names`, which are distinct."""

    names: tuple[str, ...]
    value: "Recipe"
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Members:
    """An object."""

    required: Mapping[str, "Recipe"]
    optional: Mapping[str, "Recipe"]
    others: Others | None = None


@dataclass(slots=True)
class OneOf:
    """One of some recipes. The first leads to an end soonest, so it is taken when all is deep."""

    choices: tuple["Recipe", ...]


@dataclass(frozen=True, slots=True)
class Named:
    """The recipe of that name; recursion passes through it."""

    key: str


Shape = Pick | Numbers | Texts | Items | Members | OneOf
Recipe = Shape | Named


@dataclass(slots=True)
class Cookbook:
    """The recipes that have a name."""

    named: dict[str, Recipe] = field(default_factory=dict)

    def resolve(self, recipe: Recipe) -> Shape:
        """Return the recipe behind a name."""
        while isinstance(recipe, Named):
            recipe = self.named[recipe.key]
        return recipe
