"""What is left of a source for following values: names resolved, control flow laid flat.

Order and conditions do not matter to where a value may go, so a function is a list of operations.
What does matter of conditions is kept on the expressions: `failing` marks what runs only after the
code has found that a request failed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

# Line and column from 0, in bytes, as tree-sitter counts.
Point = tuple[int, int]


@dataclass(slots=True, eq=False)
class Literal:
    """A text that stands in the code."""

    text: str


@dataclass(slots=True, eq=False)
class Template:
    """Texts and values in a row: a template string or an addition."""

    parts: tuple["Expression", ...]


@dataclass(slots=True, eq=False)
class Local:
    """A variable of a function `hops` functions further out."""

    slot: str
    hops: int


@dataclass(slots=True, eq=False)
class Imported:
    """What another module exports; `name` is "*" for all of it."""

    source: str
    name: str


@dataclass(slots=True, eq=False)
class Free:
    """A name that the source does not declare, such as `fetch`."""

    name: str


@dataclass(slots=True, eq=False)
class This:
    """The object whose method runs."""


@dataclass(slots=True, eq=False)
class Member:
    """`object.name`."""

    object: "Expression"
    name: str
    at: Point
    failing: bool = False


@dataclass(slots=True, eq=False)
class Element:
    """`object[index]`."""

    object: "Expression"
    index: "Expression"
    at: Point
    failing: bool = False


@dataclass(slots=True, eq=False)
class Spread:
    """`...value` among arguments, items or members."""

    value: "Expression"


@dataclass(slots=True, eq=False)
class Call:
    """A call, or with `new` the making of an object."""

    callee: "Expression"
    arguments: "tuple[Expression | Spread, ...]"
    types: "tuple[Type, ...]"
    at: Point
    failing: bool = False
    new: bool = False


@dataclass(slots=True, eq=False)
class Entry:
    """A member of an object literal or of the attributes of an element."""

    name: str | None
    value: "Expression"
    at: Point


@dataclass(slots=True, eq=False)
class ObjectLiteral:
    """`{name: value, ...others}`."""

    entries: tuple[Entry | Spread, ...]
    at: Point


@dataclass(slots=True, eq=False)
class ArrayLiteral:
    """`[item, ...others]`."""

    items: "tuple[Expression | Spread, ...]"


@dataclass(slots=True, eq=False)
class FunctionLiteral:
    """A function as a value."""

    function: "Function"


@dataclass(slots=True, eq=False)
class ClassLiteral:
    """A class as a value."""

    definition: "Class"


@dataclass(slots=True, eq=False)
class Choice:
    """One of several values, after some tests; else (`??`) the first that there is."""

    tests: tuple["Expression", ...]
    options: tuple["Expression", ...]
    exclusive: bool = True


@dataclass(slots=True, eq=False)
class Cast:
    """A value that the code says has a type."""

    value: "Expression"
    type: "Type"


@dataclass(slots=True, eq=False)
class Assign:
    """An assignment as an expression."""

    target: "Pattern"
    value: "Expression"


@dataclass(slots=True, eq=False)
class Effects:
    """Expressions whose result does not matter, such as those of a comparison."""

    parts: tuple["Expression", ...]


@dataclass(slots=True, eq=False)
class Probe:
    """An expression that asks whether something is there, such as `'items' in answer`."""

    value: "Expression"
    name: str | None = None


@dataclass(slots=True, eq=False)
class ItemOf:
    """Each item of an iterable."""

    value: "Expression"


@dataclass(slots=True, eq=False)
class Filter:
    """A value where it is known to be an array, or known not to be one."""

    value: "Expression"
    arrays: bool


@dataclass(slots=True, eq=False)
class Markup:
    """An element of JSX. `component` is None for an element of the platform or a fragment."""

    component: "Expression | None"
    attributes: tuple[Entry | Spread, ...]
    children: tuple["Expression", ...]
    at: Point


@dataclass(slots=True, eq=False)
class ImportCall:
    """`import('./module')`."""

    source: str


Expression = (
    Literal
    | Template
    | Local
    | Imported
    | Free
    | This
    | Member
    | Element
    | Call
    | ObjectLiteral
    | ArrayLiteral
    | FunctionLiteral
    | ClassLiteral
    | Choice
    | Cast
    | Assign
    | Effects
    | Probe
    | ItemOf
    | Filter
    | Markup
    | ImportCall
)


@dataclass(slots=True, eq=False)
class NamePattern:
    """A variable that takes the whole value."""

    target: Local


@dataclass(slots=True, eq=False)
class MemberPattern:
    """`object.name = value`."""

    object: Expression
    name: str | None
    at: Point


@dataclass(slots=True, eq=False)
class Part:
    """One member or item of a pattern, with what stands in where it is missing."""

    name: str | None
    pattern: "Pattern"
    default: Expression | None
    at: Point


@dataclass(slots=True, eq=False)
class ObjectPattern:
    """`{name, other: pattern = default, ...rest}`."""

    parts: tuple[Part, ...]
    rest: "Pattern | None"
    failing: bool = False


@dataclass(slots=True, eq=False)
class ArrayPattern:
    """`[first, second = default, ...rest]`."""

    parts: tuple[Part | None, ...]
    rest: "Pattern | None"


Pattern = NamePattern | MemberPattern | ObjectPattern | ArrayPattern


@dataclass(slots=True, eq=False)
class TypeName:
    """A named type with its arguments."""

    name: str
    arguments: tuple["Type", ...]


@dataclass(slots=True, eq=False)
class TypeMember:
    """A member of an object type; `certain` when its type is seen to hold neither null nor all."""

    name: str
    type: "Type"
    optional: bool
    certain: bool
    at: Point


@dataclass(slots=True, eq=False)
class ObjectType:
    """An object type; `bases` are what an interface extends."""

    members: tuple[TypeMember, ...]
    bases: tuple["Type", ...] = ()


@dataclass(slots=True, eq=False)
class ListType:
    """`T[]`."""

    item: "Type"


@dataclass(slots=True, eq=False)
class SeveralTypes:
    """A union or an intersection."""

    types: tuple["Type", ...]


@dataclass(slots=True, eq=False)
class ItemType:
    """`T['name']`."""

    owner: "Type"
    name: str


@dataclass(slots=True, eq=False)
class OtherType:
    """A type that holds no member: a scalar, a function, what is not followed."""


Type = TypeName | ObjectType | ListType | SeveralTypes | ItemType | OtherType


@dataclass(slots=True, eq=False)
class Declaration:
    """A named type of a module."""

    name: str
    parameters: tuple[str, ...]
    type: Type
    file: str


@dataclass(slots=True, eq=False)
class Parameter:
    """A parameter; `member` is set where a constructor keeps it as a member of the object."""

    pattern: Pattern
    default: Expression | None = None
    type: Type | None = None
    rest: bool = False
    member: str | None = None


@dataclass(slots=True, eq=False)
class Bind:
    """A value goes into a pattern."""

    pattern: Pattern
    value: Expression
    type: Type | None = None


@dataclass(slots=True, eq=False)
class Return:
    """A value leaves the function."""

    value: Expression


Operation = Bind | Return | Expression


@dataclass(slots=True, eq=False)
class Function:
    """A function, a method, or the top of a module."""

    name: str
    file: str
    at: Point
    parameters: tuple[Parameter, ...] = ()
    body: tuple[Operation, ...] = ()
    returns: Type | None = None
    arrow: bool = False
    outer: "Function | None" = None
    renders: bool = False


@dataclass(slots=True, eq=False)
class Field:
    """A member that each object of a class begins with, or that the class itself has."""

    name: str
    value: Expression
    static: bool
    at: Point


@dataclass(slots=True, eq=False)
class Class:
    """A class."""

    name: str
    parent: Expression | None
    constructor: Function | None
    fields: tuple[Field, ...]


@dataclass(slots=True, eq=False)
class Module:
    """A source, lowered."""

    file: str
    top: Function
    exports: Mapping[str, Expression]
    stars: tuple[str, ...]
    types: Mapping[str, Declaration]
    type_imports: Mapping[str, tuple[str, str]] = field(default_factory=dict)
