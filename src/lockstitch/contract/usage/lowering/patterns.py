"""Where values go: variables, members, and patterns that take a value apart."""

from collections.abc import Callable

from tree_sitter import Node

from lockstitch.contract.usage.lowering.scopes import Scope, text_of
from lockstitch.contract.usage.lowering.types import member_name
from lockstitch.contract.usage.syntax import (
    ArrayPattern,
    Expression,
    Local,
    MemberPattern,
    NamePattern,
    ObjectPattern,
    Part,
    Pattern,
    Point,
)

_NAMES = {"identifier", "shorthand_property_identifier_pattern", "shorthand_property_identifier"}
_DEFAULTS = {"assignment_pattern", "object_assignment_pattern", "assignment_expression"}
# What a name becomes: a new variable, or one that is there already.
Naming = Callable[[str], Local | None]


def declaring(scope: Scope) -> Naming:
    """Make a variable of each name that the block has not declared by hoisting."""

    def declare(name: str) -> Local:
        slot = scope.names.get(name)
        return Local(slot, 0) if isinstance(slot, str) else scope.declare(name)

    return declare


def assigning(scope: Scope) -> Naming:
    """Find the variable of each name."""

    def find(name: str) -> Local | None:
        found = scope.find(name)
        return found if isinstance(found, Local) else None

    return find


def lower_pattern(  # noqa: PLR0911 - one way for each kind of pattern
    node: Node, scope: Scope, naming: Naming
) -> Pattern:
    """Return the pattern that a node stands for."""
    kind = node.type
    if kind in _NAMES:
        target = naming(text_of(node))
        return NamePattern(target) if target is not None else ObjectPattern((), None)
    if kind in {"object_pattern", "object"}:
        return _object(node, scope, naming)
    if kind in {"array_pattern", "array"}:
        return _array(node, scope, naming)
    if kind in {"member_expression", "subscript_expression"}:
        return _member(node, scope)
    if kind in _DEFAULTS:
        return lower_pattern(_field(node, "left"), scope, naming)
    if kind in {"rest_pattern", "non_null_expression", "parenthesized_expression"}:
        return lower_pattern(node.named_children[0], scope, naming)
    return ObjectPattern((), None)


def point(node: Node) -> Point:
    """Return where a node begins."""
    start = node.start_point
    return (start[0], start[1])


def _field(node: Node, name: str) -> Node:
    found = node.child_by_field_name(name)
    return found if found is not None else node.named_children[0]


def _object(node: Node, scope: Scope, naming: Naming) -> ObjectPattern:
    parts: list[Part] = []
    rest: Pattern | None = None
    for child in node.named_children:
        if child.type in {"rest_pattern", "spread_element"}:
            rest = lower_pattern(child.named_children[0], scope, naming)
        elif child.type in {"pair_pattern", "pair"}:
            parts.append(_pair(child, scope, naming))
        elif child.type in _NAMES | _DEFAULTS:
            target, default = _with_default(child, scope)
            pattern = lower_pattern(target, scope, naming)
            parts.append(Part(text_of(target), pattern, default, point(target)))
    return ObjectPattern(tuple(parts), rest, scope.failing)


def _pair(node: Node, scope: Scope, naming: Naming) -> Part:
    key = _field(node, "key")
    value, default = _with_default(_field(node, "value"), scope)
    name = None if key.type == "computed_property_name" else member_name(key)
    return Part(name, lower_pattern(value, scope, naming), default, point(key))


def _array(node: Node, scope: Scope, naming: Naming) -> ArrayPattern:
    parts: list[Part | None] = []
    rest: Pattern | None = None
    empty = True
    for child in node.children[1:-1]:
        if child.type == ",":
            if empty:
                parts.append(None)
            empty = True
        elif child.type in {"rest_pattern", "spread_element"}:
            rest = lower_pattern(child.named_children[0], scope, naming)
            empty = False
        elif child.is_named and child.type != "comment":
            target, default = _with_default(child, scope)
            parts.append(Part(None, lower_pattern(target, scope, naming), default, point(child)))
            empty = False
    return ArrayPattern(tuple(parts), rest)


def _with_default(node: Node, scope: Scope) -> tuple[Node, Expression | None]:
    if node.type not in _DEFAULTS:
        return node, None
    return _field(node, "left"), scope.lower(node.child_by_field_name("right"))


def _member(node: Node, scope: Scope) -> MemberPattern:
    owner = scope.lower(node.child_by_field_name("object"))
    name = node.child_by_field_name("property")
    if name is not None:
        return MemberPattern(owner, text_of(name), point(name))
    index = node.child_by_field_name("index")
    if index is not None and index.type == "string":
        return MemberPattern(owner, member_name(index), point(index))
    return MemberPattern(owner, None, point(node))
