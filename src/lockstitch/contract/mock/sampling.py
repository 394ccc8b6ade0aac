"""Following a recipe. The runtime's `mocking.ts` does the same, draw by draw."""

import json
from typing import Any, Final

from lockstitch.contract.mock.draw import Draw
from lockstitch.contract.mock.recipe import (
    Characters,
    Choice,
    Cookbook,
    Items,
    Members,
    Numbers,
    OneOf,
    Others,
    Pick,
    Piece,
    Recipe,
    Repeat,
    Sequence,
    Texts,
)

# Deeper than this, or beyond so many values, what is optional is left out.
MAX_DEPTH: Final = 5
MAX_VALUES: Final = 300
# An optional member is there in three of four values.
_PRESENT: Final = 3
_OF: Final = 4
_ATTEMPTS: Final = 20


def sample(recipe: Recipe, seed: str, cookbook: Cookbook) -> Any:
    """Return the JSON value that a recipe and a seed make."""
    return _Sampler(Draw(seed), cookbook).value(recipe, 0)


class _Sampler:
    def __init__(self, draw: Draw, cookbook: Cookbook) -> None:
        self._draw = draw
        self._cookbook = cookbook

    def value(self, recipe: Recipe, depth: int) -> Any:
        shape = self._cookbook.resolve(recipe)
        self._draw.values += 1
        match shape:
            case Pick():
                return shape.values[self._draw.below(len(shape.values))]
            case Numbers():
                return self._number(shape)
            case Texts():
                return self._text(shape.piece)
            case Items():
                return self._items(shape, depth)
            case Members():
                return self._members(shape, depth)
            case OneOf():
                # The draw is made in any case, so that depth changes nothing that comes later.
                chosen = self._draw.below(len(shape.choices))
                return self.value(shape.choices[0 if self._ends(depth) else chosen], depth)

    def _ends(self, depth: int) -> bool:
        return depth >= MAX_DEPTH or self._draw.values > MAX_VALUES

    def _number(self, recipe: Numbers) -> float:
        numerator = (recipe.low + self._draw.below(recipe.count)) * recipe.step
        value = numerator / recipe.scale
        return int(value) if value.is_integer() else value

    def _text(self, piece: Piece) -> str:
        match piece:
            case str():
                return piece
            case Characters():
                return piece.of[self._draw.below(len(piece.of))]
            case Choice():
                return self._text(piece.of[self._draw.below(len(piece.of))])
            case Repeat():
                times = self._draw.between(piece.least, piece.most)
                return "".join(self._text(piece.piece) for _ in range(times))
            case Sequence():
                return "".join(self._text(part) for part in piece.of)

    def _items(self, recipe: Items, depth: int) -> list[Any]:
        found = [self.value(item, depth + 1) for item in recipe.prefix]
        wanted = self._draw.between(recipe.least, recipe.most)
        wanted = len(found) + (recipe.least if self._ends(depth) else wanted)
        seen = {_identity(item) for item in found}
        attempts = _ATTEMPTS * wanted if recipe.distinct else wanted
        for _ in range(attempts):
            if recipe.rest is None or len(found) >= wanted:
                break
            item = self.value(recipe.rest, depth + 1)
            if not recipe.distinct or _identity(item) not in seen:
                seen.add(_identity(item))
                found.append(item)
        return found

    def _members(self, recipe: Members, depth: int) -> dict[str, Any]:
        found = {name: self.value(inner, depth + 1) for name, inner in recipe.required.items()}
        for name, inner in recipe.optional.items():
            present = self._draw.below(_OF) < _PRESENT
            if present and not self._ends(depth):
                found[name] = self.value(inner, depth + 1)
        if recipe.others:
            self._others(recipe.others, found, depth)
        return found

    def _others(self, recipe: Others, found: dict[str, Any], depth: int) -> None:
        drawn = self._draw.between(recipe.least, recipe.most)
        count = recipe.least if self._ends(depth) else drawn
        start = self._draw.below(len(recipe.names))
        for place in range(count):
            name = recipe.names[(start + place) % len(recipe.names)]
            found[name] = self.value(recipe.value, depth + 1)


def _identity(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
