"""The constants of `values.ts`: enumerations and regular expressions, under the names of places."""

from collections.abc import Container

from lockstitch.contract.algebra import Enumeration
from lockstitch.contract.typescript.layout import Group, render
from lockstitch.contract.typescript.names import constant_name, unique
from lockstitch.contract.typescript.spelling import literal


class Values:
    """Collects constants; the same constant at the same place is one.

    `types` holds the names of the types that stand beside the constants.
    """

    def __init__(self, types: Container[str] = ()) -> None:
        self._types = types
        self._constants: dict[str, str] = {}

    def enumeration(self, schema: Enumeration, place: str) -> str:
        """Return the name of the array that holds the values."""
        items = Group("[", tuple(literal(value) for value in schema.values), "] as const")
        name = constant_name(place)
        if name in self._types:
            # A type is never called so: its name has no underscore.
            name = f"{name}_VALUES"
        return self._named(name, render(items, column=len(f"export const {name} = ")))

    def pattern(self, regular_expression: str, place: str) -> str:
        """Return the name of a regular expression."""
        return self._named(f"{constant_name(place)}_PATTERN", regular_expression)

    def _named(self, name: str, value: str) -> str:
        if self._constants.get(name) != value:
            name = unique(name, self._constants)
        self._constants[name] = value
        return name

    def text(self) -> str:
        """Return the statements of the module."""
        return "".join(
            f"export const {name} = {value}\n" for name, value in sorted(self._constants.items())
        )
