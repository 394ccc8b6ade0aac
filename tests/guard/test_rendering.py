"""Edits change what they name, and leave every other byte of a file as it is."""

import ast

import pytest

from lockstitch.guard.fixes.edits import (
    AddArgument,
    AddAtEnd,
    AddBefore,
    AddDecorator,
    AddMember,
    AddStatement,
    Edit,
    EditRefused,
    NeedImport,
    SetConfig,
    SetDecorator,
    SetSlot,
    TakeEitherName,
)
from lockstitch.guard.fixes.rendering import render

F = "app.py"
LONG = "a" * 60


def rendered(text: str, *edits: Edit) -> str:
    after = render({F: text}, edits).get(F, text)
    ast.parse(after)
    return after


def slot(
    default: str | None = None, annotation: str | None = None, **keywords: str | None
) -> SetSlot:
    return SetSlot(F, "Item", "name", annotation, default, tuple(keywords.items()))


SLOTS = [
    ("name: str", slot('""'), 'name: str = ""'),
    ("name: str  # Why.", slot('""'), 'name: str = ""  # Why.'),
    ("name: str = 'a'", slot('""'), 'name: str = ""'),
    ("name: str", slot(max_length="5"), "name: str = Field(max_length=5)"),
    ("name: str = 'a'", slot(max_length="5"), "name: str = Field(default='a', max_length=5)"),
    ("name: str = Field(max_length=3)", slot(max_length="5"), "name: str = Field(max_length=5)"),
    ("name: str = Field(max_length=3)", slot(max_length=None), "name: str"),
    (
        "name: str = Field(..., max_length=3)",
        slot('""', max_length=None),
        'name: str = Field("")',
    ),
    (
        "name: str = Field(min_length=1, max_length=3)",
        slot(min_length=None),
        "name: str = Field(max_length=3)",
    ),
    (
        "name: str = Field(max_length=3)",
        slot('""'),
        'name: str = Field(default="", max_length=3)',
    ),
    (
        "name: Annotated[str, Field(max_length=3)]",
        slot('""', max_length="5"),
        'name: Annotated[str, Field(max_length=5)] = ""',
    ),
    (
        "name: Annotated[str, Field(max_length=3)] = 'a'",
        slot(pattern='"x"'),
        "name: Annotated[str, Field(max_length=3, pattern=\"x\")] = 'a'",
    ),
    (
        "name: str = Field(  # Why.\n        max_length=3,\n        title='ü',\n    )",
        slot(max_length="5", min_length="1"),
        (
            "name: str = Field(  # Why.\n        max_length=5,\n        title='ü',\n"
            "        min_length=1,\n    )"
        ),
    ),
    (
        "name: str = Field(\n        max_length=3,\n        title='ü',\n    )",
        slot(max_length=None),
        "name: str = Field(\n        title='ü',\n    )",
    ),
    (
        f"name: str = Field(title='{LONG}')",
        slot('""'),
        f"name: str = Field(\n        default=\"\",\n        title='{LONG}',\n    )",
    ),
    (
        "name: Literal['ä'] = Field(max_length=3)",
        slot(max_length="5"),
        "name: Literal['ä'] = Field(max_length=5)",
    ),
    ("name: str", slot("None", "str | None"), "name: str | None = None"),
]


@pytest.mark.parametrize(("line", "edit", "wanted"), SLOTS)
def test_a_field_is_changed_where_it_stands(line: str, edit: SetSlot, wanted: str) -> None:
    frame = "class Item(Base):\n    other: int = 1 # odd\n    {}\n    last : str\n"

    assert rendered(frame.format(line), edit) == frame.format(wanted)


def test_edits_of_one_field_join_and_the_first_default_stays() -> None:
    edits = slot("1", ge="0"), slot("2", le="9"), slot(ge="0")

    assert rendered("class Item:\n    name: int\n", *edits) == (
        "class Item:\n    name: int = Field(default=1, ge=0, le=9)\n"
    )


ARGUMENTS = [
    ("def f(name: str): ...", "def f(name: str = 1): ..."),
    ("def f(name: str, b: int): ...", "def f(*, name: str = 1, b: int): ..."),
    ("def f(a: int, name: str, b: int = 2): ...", "def f(a: int, name: str = 1, b: int = 2): ..."),
    ("def f(*, name: str, b: int): ...", "def f(*, name: str = 1, b: int): ..."),
    ("async def f(\n    name: str,\n): ...", "async def f(\n    name: str = 1,\n): ..."),
]


@pytest.mark.parametrize(("text", "wanted"), ARGUMENTS)
def test_an_argument_gets_a_default_wherever_it_stands(text: str, wanted: str) -> None:
    assert rendered(f"{text}\n", SetSlot(F, "f", "name", default="1")) == f"{wanted}\n"


FURTHER = [
    ("def f(): ...", "def f(new: int = 0): ..."),
    ("def f(a: int): ...", "def f(a: int, new: int = 0): ..."),
    ("def f(a: int = (1)): ...", "def f(a: int = (1), new: int = 0): ..."),
    ("def f(\n    a: int,\n): ...", "def f(\n    a: int,\n    new: int = 0,\n): ..."),
    ("def f(*, a: int): ...", "def f(*, a: int, new: int = 0): ..."),
]


@pytest.mark.parametrize(("text", "wanted"), FURTHER)
def test_a_function_gets_another_argument(text: str, wanted: str) -> None:
    assert rendered(f"{text}\n", AddArgument(F, "f", "new: int = 0")) == f"{wanted}\n"


IMPORTS = [
    ("from typing import Any\n", "from typing import Annotated, Any\n"),
    (
        "from typing import (\n    Any,\n)\n",
        "from typing import (\n    Any,\n)\nfrom typing import Annotated\n",
    ),
    (
        "import os\n\nimport pydantic\n",
        "import os\nfrom typing import Annotated\n\nimport pydantic\n",
    ),
    ("import pydantic\n", "from typing import Annotated\n\nimport pydantic\n"),
    ('"""Doc."""\nx = 1\n', '"""Doc."""\n\nfrom typing import Annotated\nx = 1\n'),
    (
        "from typing import Annotated as A, Annotated\n",
        "from typing import Annotated as A, Annotated\n",
    ),
]


@pytest.mark.parametrize(("text", "wanted"), IMPORTS)
def test_an_import_comes_where_imports_of_its_kind_stand(text: str, wanted: str) -> None:
    assert rendered(text, NeedImport(F, "typing", "Annotated")) == wanted


def test_members_and_configuration_come_into_a_class() -> None:
    text = (
        'class Outer:\n    class Item:\n        """Doc."""\n\n'
        "        a: int  # odd\n        b: int\n"
    )
    edits = (
        AddMember(F, "Outer.Item", "new: int", after="a"),
        SetConfig(F, "Outer.Item", (("extra", '"ignore"'),)),
    )

    assert rendered(text, *edits) == (
        "from pydantic import ConfigDict\n\n"
        'class Outer:\n    class Item:\n        """Doc."""\n\n'
        '        model_config = ConfigDict(extra="ignore")\n\n'
        "        a: int  # odd\n        new: int\n        b: int\n"
    )


def test_a_configuration_that_is_there_is_extended() -> None:
    text = (
        "from pydantic import ConfigDict\n\n\nclass A:\n    model_config = ConfigDict(extra='x')\n"
    )
    edits = TakeEitherName(F, "A", "b", "a"), TakeEitherName(F, "A", "d", "c")

    after = rendered(text, *edits)

    assert '"allOf": [{"anyOf": [{"required": ["b"]}, {"required": ["a"]}]}, ' in after
    assert "extra='x'" in after


def test_decorators_statements_and_definitions_come_around_a_function() -> None:
    text = (
        '@app.get("/b", tags=["x"])\ndef f():\n    """Doc."""\n    return 1\n\n\n'
        "if main:\n    f()\n"
    )
    edits = (
        AddDecorator(F, "f", '@app.get("/a")'),
        SetDecorator(F, "f", 'app.get("/b"', keywords=(("deprecated", "True"),)),
        AddStatement(F, "f", "x = 1"),
        AddBefore(F, "f", "y = 2"),
        AddBefore(F, "f", "y = 2"),
        AddAtEnd(F, "z = 3"),
    )

    assert rendered(text, *edits) == (
        'y = 2\n\n\n@app.get("/a")\n@app.get("/b", tags=["x"], deprecated=True)\n'
        'def f():\n    """Doc."""\n    x = 1\n    return 1\n\n\nz = 3\n\n\nif main:\n    f()\n'
    )


def test_line_breaks_form_feeds_and_missing_ends_stay() -> None:
    text = "\x0c\r\nclass Item:\r\n    ä: str = '\x0c'; name: int\r\n    # end\r\n    last: int"
    edits = slot("1"), AddMember(F, "Item", "new: int")

    assert rendered(text, *edits) == (
        "\x0c\r\nclass Item:\r\n    ä: str = '\x0c'; name: int = 1\r\n    # end\r\n"
        "    last: int\r\n    new: int\r\n"
    )


REFUSED: list[tuple[str, Edit]] = [
    ("class Item: name: str\n", AddMember(F, "Item", "new: int")),
    ("class Item:\n    other: str\n", slot("1")),
    ("def Item(name): ...\n", slot("1")),
    ("def f(): return 1\n", AddStatement(F, "f", "x = 1")),
    ("def f(**a): ...\n", AddArgument(F, "f", "b: int = 1")),
    ("def f(): ...\n", SetDecorator(F, "f", "app.get(", first='"/b"')),
    ("class A:\n    model_config = {}\n", SetConfig(F, "A", (("extra", '"ignore"'),))),
    (
        "class A:\n    model_config = ConfigDict(json_schema_extra=f)\n",
        TakeEitherName(F, "A", "b", "a"),
    ),
    ("x = 1\n", AddBefore(F, "f", "y = 2")),
    ("x = 1\n", NeedImport("elsewhere.py", "typing", "Any")),
]


@pytest.mark.parametrize(("text", "edit"), REFUSED)
def test_what_is_not_there_is_refused(text: str, edit: Edit) -> None:
    with pytest.raises(EditRefused):
        render({F: text}, [edit])
