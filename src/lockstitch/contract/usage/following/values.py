"""What the follower knows of a value: a set of atoms, empty where it knows nothing."""

from dataclasses import dataclass, field

from lockstitch.contract.usage.calls import MemberPath, Side, Spot, Style
from lockstitch.contract.usage.syntax import Class, Function, Point, Type


@dataclass(frozen=True, slots=True)
class Site:
    """A call in the front end: where, and the function that it stands in."""

    spot: Spot
    function: Function


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text. A hole is filled at run time; its text says by what, where that is known.

    `site` is the call that handed the piece on to the function that uses it.
    """

    text: str
    hole: bool = False
    site: Site | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A text of which at least a part is known."""

    pieces: tuple[Piece, ...]


@dataclass(eq=False, slots=True)
class Request:
    """A call of the service; `renamed` when the client spells members in camelCase."""

    method: str
    path: str
    site: Site
    style: Style
    operation: str | None
    renamed: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered with, or the part of it at a path."""

    request: Request
    path: MemberPath = ()
    side: Side = "answer"
    renamed: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """The response of `fetch`: a body that is still to be read."""

    body: "Value"


@dataclass(frozen=True, slots=True)
class JsonText:
    """A value, written as JSON."""

    value: "Value"


@dataclass(frozen=True, slots=True)
class Shape:
    """An object whose members stay as they are."""

    members: tuple[tuple[str, "Value"], ...]

    def get(self, name: str) -> "Value":
        """Return the value of a member."""
        return next((value for key, value in self.members if key == name), NOTHING)


@dataclass(frozen=True, slots=True)
class Sequence:
    """An array: the items that are known one by one, then any number of others."""

    items: tuple["Value", ...] = ()
    rest: "Value" = frozenset()

    @property
    def any(self) -> "Value":
        """What any of the items may be."""
        return self.rest.union(*self.items)


@dataclass(eq=False, slots=True)
class Cell:
    """A place that values flow into; `readers` are run again when another one comes."""

    value: "Value" = frozenset()
    readers: dict[object, None] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Record:
    """An object whose members come one by one. `kind` is that of the platform, or of a class.

    `spots` tells where a member was given, `missing` are those that were asked for too early;
    `final` are those that no spread replaces; `whole` is lost when something unknown is spread in.
    """

    kind: str = ""
    members: dict[str, Cell] = field(default_factory=dict)
    missing: dict[str, Cell] = field(default_factory=dict)
    spots: dict[str, tuple[str, Point]] = field(default_factory=dict)
    final: set[str] = field(default_factory=set)
    spreads: Cell = field(default_factory=Cell)
    whole: bool = True


@dataclass(eq=False, slots=True)
class Frame:
    """The variables of one run of a function, or of all runs with alike arguments.

    `entry` is set in generated code: the call by which the front end came there.
    """

    function: Function
    parent: "Frame | None"
    this: "Value"
    generated: bool = False
    entry: Site | None = None
    cells: dict[str, Cell] = field(default_factory=dict)
    heap: dict[object, object] = field(default_factory=dict)

    def out(self, hops: int) -> "Frame":
        """Return the frame some functions further out."""
        frame = self
        for _ in range(hops):
            if frame.parent is None:
                break
            frame = frame.parent
        return frame

    def cell(self, slot: str) -> Cell:
        """Return the cell of a variable of this frame."""
        found = self.cells.get(slot)
        if found is None:
            found = self.cells[slot] = Cell()
        return found


@dataclass(frozen=True, slots=True)
class Closure:
    """A function with the variables around it."""

    function: Function
    frame: Frame
    this: "Value" = frozenset()


@dataclass(frozen=True, slots=True)
class ClassValue:
    """A class with the variables around it."""

    definition: Class
    frame: Frame


@dataclass(frozen=True, slots=True)
class External:
    """What the sources do not hold: of a package, or of the platform where `module` is empty."""

    module: str
    name: str


@dataclass(frozen=True, slots=True)
class Namespace:
    """All exports of a module."""

    file: str


@dataclass(frozen=True, slots=True)
class Client:
    """A client of a library, such as an instance of axios, and how it was configured."""

    kind: str
    settings: Record


@dataclass(frozen=True, slots=True)
class Native:
    """A function that a library has made: `setTasks`, `mutate`, `useStore`."""

    name: str
    cells: tuple[Cell, ...] = ()
    values: tuple["Value", ...] = ()


@dataclass(frozen=True, slots=True)
class Typed:
    """A value of which only the declared type is known."""

    type: Type
    file: str


Atom = (
    Text
    | Answer
    | Reply
    | JsonText
    | Shape
    | Sequence
    | Record
    | Closure
    | ClassValue
    | External
    | Namespace
    | Client
    | Native
    | Typed
)
Value = frozenset[Atom]
NOTHING: Value = frozenset()


def one(atom: Atom) -> Value:
    """Return the value that is just that atom."""
    return frozenset((atom,))


def joined(*values: Value) -> Value:
    """Return what any of the values may be."""
    return NOTHING.union(*values)


def shape(**members: Value) -> Value:
    """Return an object with those members."""
    return one(Shape(tuple(sorted(members.items()))))


def text(spelled: str, *, hole: bool = False) -> Value:
    """Return a text that is known, or one that is not but has a name."""
    return one(Text((Piece(spelled, hole=hole),)))


def plain(value: Value) -> set[str]:
    """Return the texts of a value that are known from end to end."""
    return {
        "".join(piece.text for piece in atom.pieces)
        for atom in value
        if isinstance(atom, Text) and not any(piece.hole for piece in atom.pieces)
    }
