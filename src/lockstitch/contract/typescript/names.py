"""Names: from the wire and from schemas into TypeScript."""

import re
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Final

RESERVED_WORDS: Final = frozenset(
    """
    abstract any arguments as asserts async await boolean break case catch class const
    continue debugger declare default delete do else enum eval export extends false
    finally for from function get if implements import in instanceof interface is keyof
    let module namespace never new null number object of package private protected public
    readonly require return set static string super switch symbol this throw true try type
    typeof undefined unique unknown var void while with yield
    """.split()  # noqa: SIM905 - a list of words reads as words
)

# Types that generated code uses itself, or that a reader would take for the platform's own.
TAKEN_TYPES: Final = frozenset(
    """
    Array Blob Boolean Candidate Date Decimal Decoded Duration Error File FormData Headers
    Int64 Issue JsonObject Key Map Number Object Omit PlainDate PlainTime Promise Reader
    Record Request Response Set String Symbol URL Uuid
    """.split()  # noqa: SIM905 - a list of words reads as words
)

# Parameters of generated functions that call a function of the contract.
PARAMETERS: Final = frozenset(
    {"arg", "client", "fields", "input", "options", "pageParam", "signal"}
)

# Members that every JavaScript object inherits: reading one finds something that nobody sent.
INHERITED: Final = frozenset(
    """
    __defineGetter__ __defineSetter__ __lookupGetter__ __lookupSetter__ __proto__
    constructor hasOwnProperty isPrototypeOf propertyIsEnumerable toLocaleString toString
    valueOf
    """.split()  # noqa: SIM905 - a list of words reads as words
)

_RENAMED = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[_\-. ]+[A-Za-z0-9]+)+")
_SEPARATORS = re.compile(r"[_\-. ]+")
_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
# What needs no escape, and is most of what is quoted.
_PLAIN = re.compile(r"[ !-&(-\[\]-~]*")
_WORDS = re.compile(r"[A-Za-z0-9]+")
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def member_name(wire: str) -> str:
    """Return the camelCase of a wire name: `created_at` → `createdAt`, `If-Match` → `ifMatch`.

    Underscores at either end stay. A name that is not made of words (`+1`, `filter[name]`,
    `DateCreated<`) stays as it is, and so does one without a separator (`pageSize`, `ID`).
    """
    bare = wire.strip("_")
    if not _RENAMED.fullmatch(bare):
        return wire
    start = len(wire) - len(wire.lstrip("_"))
    first, *rest = _SEPARATORS.split(bare)
    camel = _lowered(first) + "".join(_capital(word) for word in rest)
    return "_" * start + camel + "_" * (len(wire) - start - len(bare))


def pascal_case(name: str) -> str:
    """Return the words of a name as part of a longer one: `line_items` → `LineItems`."""
    return "".join(_capital(word) for word in _WORDS.findall(name))


def type_name(name: str) -> str:
    """Return the PascalCase of any name: `Prediction[Sentiment]` → `PredictionSentiment`."""
    pascal = pascal_case(name)
    if not pascal or pascal[0].isdigit():
        pascal = f"Schema{pascal}"
    return f"{pascal}Model" if pascal in TAKEN_TYPES else pascal


def function_name(name: str) -> str:
    """Return the camelCase of an operation id, safe as the name of a function."""
    pascal = pascal_case(name) or "operation"
    camel = _lowered(pascal) if not pascal[0].isdigit() else f"call{pascal}"
    return f"{camel}Operation" if camel in RESERVED_WORDS | PARAMETERS else camel


def constant_name(name: str) -> str:
    """Return the UPPER_SNAKE_CASE of a PascalCase name: `ModelStage` → `MODEL_STAGE`."""
    return _HUMPS.sub("_", name).upper()


def unique(name: str, taken: Iterable[str]) -> str:
    """Return the name, or the first of name2, name3, … that is not taken."""
    return next(one for one in numbered(name) if one not in taken)


def numbered(name: str) -> Iterator[str]:
    """Yield the name, name2, name3, … without end."""
    yield name
    yield from (f"{name}{number}" for number in count(2))


def is_identifier(name: str) -> bool:
    """Whether a name may stand after a dot and before a colon without quotes."""
    return _IDENTIFIER.fullmatch(name) is not None


def quoted(text: str) -> str:
    """Return a string literal in single quotes."""
    if _PLAIN.fullmatch(text):
        return f"'{text}'"
    escapes = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    safe = "".join(escapes.get(c, c if c.isprintable() or c == " " else _escaped(c)) for c in text)
    return f"'{safe}'"


def _escaped(character: str) -> str:
    return f"\\u{{{ord(character):x}}}"


def member_key(name: str) -> str:
    """Return a name as it stands before the colon of an object literal or interface."""
    if name == "__proto__":
        return "['__proto__']"
    return name if is_identifier(name) else quoted(name)


def access(value: str, name: str) -> str:
    """Return the expression that reads a member."""
    if name in INHERITED:
        return f"own({value}, {quoted(name)})"
    return f"{value}.{name}" if is_identifier(name) else f"{value}[{quoted(name)}]"


def _capital(word: str) -> str:
    word = word.capitalize() if word.isupper() and len(word) > 1 and word.isalpha() else word
    return word[0].upper() + word[1:]


def _lowered(word: str) -> str:
    if word.isupper():
        return word.lower()
    return word[0].lower() + word[1:]
