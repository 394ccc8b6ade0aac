"""Which table a Pydantic model stands for.

```python
@stored_in("public.tasks", rename={"due": "due_date"}, filled={"organisation_id"})
class TaskIn(BaseModel):
    title: str = Field(max_length=200)
    due: date | None = None
```

The declaration is read from the live application by `lockstitch check` and is part of no contract:
clients need not know where a value is kept.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

_ATTRIBUTE = "__lockstitch_stored_in__"

Declared = TypeVar("Declared", bound=type)


@dataclass(frozen=True, slots=True)
class StoredIn:
    """What `stored_in` said of a model.

    Attributes:
        table: `schema.name`.
        rename: The column of a field that has another name; `schema.table.column` when it comes
            from another table.
        computed: The fields that no column holds.
        filled: The columns that the application fills by itself when it inserts a row.
    """

    table: str
    rename: Mapping[str, str] = field(default_factory=dict)
    computed: frozenset[str] = frozenset()
    filled: frozenset[str] = frozenset()

    @property
    def tables(self) -> frozenset[str]:
        """The model's own table, and those that its fields come from besides."""
        return frozenset({self.table, *(self.column(name)[0] for name in self.rename)})

    def column(self, name: str) -> tuple[str, str]:
        """Return the table and the column of a field."""
        table, _, column = self.rename.get(name, name).rpartition(".")
        return table or self.table, column


def stored_in(
    table: str,
    *,
    rename: Mapping[str, str] | None = None,
    computed: Collection[str] = (),
    filled: Collection[str] = (),
) -> Callable[[Declared], Declared]:
    """Declare that a model's fields are columns of a table, so that both can be compared.

    It holds for the class itself and for its parametrisations, not for its subclasses: they may
    stand for something else.

    Args:
        table: `schema.name`; without a schema it is one of `public`.
        rename: The column of a field that has another name. `model_versions.version`, or with its
            schema in front, names a column of another table.
        computed: The fields that no column holds, such as a total.
        filled: The columns that the application fills when it inserts a row of this model.
    """
    declaration = StoredIn(
        table=_with_schema(table),
        rename={name: _qualified(column) for name, column in (rename or {}).items()},
        computed=frozenset(computed),
        filled=frozenset(filled),
    )

    def declare(model: Declared) -> Declared:
        setattr(model, _ATTRIBUTE, declaration)
        return model

    return declare


def declaration_of(model: type) -> StoredIn | None:
    """Return what was declared of a model, or of the generic one that it was made from."""
    generic = getattr(model, "__pydantic_generic_metadata__", {}).get("origin")
    for one in (model, generic):
        if one is not None and _ATTRIBUTE in vars(one):
            found: StoredIn = vars(one)[_ATTRIBUTE]
            return found
    return None


def _with_schema(table: str) -> str:
    return table if "." in table else f"public.{table}"


def _qualified(column: str) -> str:
    table, _, name = column.rpartition(".")
    return f"{_with_schema(table)}.{name}" if table else column
