"""Which declaration a name in a source means."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from tree_sitter import Node

from lockstitch.contract.usage.syntax import (
    Declaration,
    Effects,
    Expression,
    Function,
    Imported,
    Local,
)

_NAMES = {"identifier", "shorthand_property_identifier_pattern"}
_VALUE_DECLARATIONS = {
    "function_declaration",
    "generator_function_declaration",
    "class_declaration",
    "abstract_class_declaration",
    "enum_declaration",
}
_VARIABLES = {"lexical_declaration", "variable_declaration"}
# No person nests expressions as deep; what a machine wrote is not followed further down.
_MAXIMUM_DEPTH = 120

Handler = Callable[[Node, "Scope"], Expression]


@dataclass(slots=True)
class Sheet:
    """What is gathered of one module while it is lowered.

    `handlers` lower an expression by the type of its node.
    """

    file: str
    handlers: Mapping[str, Handler]
    types: dict[str, Declaration] = field(default_factory=dict)
    type_imports: dict[str, tuple[str, str]] = field(default_factory=dict)
    exports: dict[str, Expression] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    slots: int = 0


@dataclass(slots=True)
class Scope:
    """A block and what it declares. `level` counts the functions around it.

    `failing` holds inside what runs only after a request has failed.
    """

    sheet: Sheet
    function: Function
    level: int = 0
    parent: "Scope | None" = None
    names: dict[str, str | Imported] = field(default_factory=dict)
    narrowed: dict[str, bool] = field(default_factory=dict)
    failing: bool = False
    depth: int = 0

    def lower(self, node: Node | None) -> Expression:
        """Return the expression that a node stands for."""
        handler = self.sheet.handlers.get(node.type) if node is not None else None
        if node is None or handler is None or self.depth > _MAXIMUM_DEPTH:
            return Effects(())
        self.depth += 1
        lowered = handler(node, self)
        self.depth -= 1
        return lowered

    def inner(self, *, failing: bool = False) -> "Scope":
        """Return a block within this one."""
        return Scope(
            self.sheet,
            self.function,
            level=self.level,
            parent=self,
            failing=self.failing or failing,
            depth=self.depth,
        )

    def of_function(self, function: Function) -> "Scope":
        """Return the scope of a function that is declared here."""
        return Scope(
            self.sheet,
            function,
            level=self.level + 1,
            parent=self,
            failing=self.failing,
            depth=self.depth,
        )

    def declare(self, name: str) -> Local:
        """Declare a variable; one that an inner block declares anew is another variable."""
        self.sheet.slots += 1
        slot = f"{name}#{self.sheet.slots}"
        self.names[name] = slot
        return Local(slot, 0)

    def find(self, name: str) -> Local | Imported | None:
        """Return what a name means here, or None when the module does not declare it."""
        scope: Scope | None = self
        while scope is not None:
            found = scope.names.get(name)
            if isinstance(found, Imported):
                return found
            if found is not None:
                return Local(found, self.level - scope.level)
            scope = scope.parent
        return None

    def narrowing(self, name: str) -> bool | None:
        """Tell whether a name is known to be an array (True) or none (False) here."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.narrowed:
                return scope.narrowed[name]
            if name in scope.names:
                return None
            scope = scope.parent
        return None

    def hoist(self, statements: list[Node]) -> None:
        """Declare what the statements of this block declare."""
        for statement in statements:
            for name in declared_names(statement):
                self.declare(name)


def declared_names(statement: Node) -> Iterator[str]:
    """Yield the names of values that a statement declares in its own block."""
    if statement.type == "export_statement":
        declaration = statement.child_by_field_name("declaration")
        if declaration is not None:
            yield from declared_names(declaration)
    elif statement.type in _VALUE_DECLARATIONS:
        name = statement.child_by_field_name("name")
        if name is not None:
            yield text_of(name)
    elif statement.type in _VARIABLES:
        for declarator in statement.named_children:
            pattern = declarator.child_by_field_name("name")
            if pattern is not None:
                yield from pattern_names(pattern)


def pattern_names(pattern: Node) -> Iterator[str]:
    """Yield the names that a pattern declares, those of its defaults left out."""
    if pattern.type in _NAMES:
        yield text_of(pattern)
        return
    if pattern.type in {"assignment_pattern", "object_assignment_pattern"}:
        left = pattern.child_by_field_name("left")
        if left is not None:
            yield from pattern_names(left)
        return
    if pattern.type == "pair_pattern":
        value = pattern.child_by_field_name("value")
        if value is not None:
            yield from pattern_names(value)
        return
    if pattern.type in {"object_pattern", "array_pattern", "rest_pattern"}:
        for child in pattern.named_children:
            yield from pattern_names(child)


def text_of(node: Node) -> str:
    """Return the source text of a node."""
    return (node.text or b"").decode(errors="replace")
