"""What routes declare, how it is documented, and how it is read back."""

import re
from pathlib import Path
from typing import get_args

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from lockstitch.cli.generate import generate
from lockstitch.contract import declarations
from lockstitch.contract.declarations import declare, fresh, invalidates
from lockstitch.contract.extensions import PREFIX, Channel, Events, Extension, read_extensions
from lockstitch.contract.reading import read_document

DOCS = Path(__file__).parents[2] / "docs" / "contract"
# The generator makes these itself.
INTERNAL = {Channel, Events}
DECLARED = [kind for kind in get_args(Extension) if kind not in INTERNAL]


@pytest.mark.parametrize("kind", DECLARED, ids=lambda kind: kind.name)
def test_every_extension_is_documented_and_has_a_declaration(kind: type[Extension]) -> None:
    page = (DOCS / "extensions.md").read_text()

    assert f"| `{PREFIX}{kind.name}` |" in page
    functions = [one for one in vars(declarations).values() if callable(one)]
    returned = [getattr(one, "__annotations__", {}).get("return") for one in functions]
    assert kind in returned


def test_every_flag_of_generate_is_documented() -> None:
    page = (DOCS / "generate.md").read_text()
    flags = {f"--{name.replace('_', '-')}" for name in generate.__annotations__}

    flags -= {"--source", "--output", "--return"}
    assert {flag for flag in flags if flag not in page} == set()


def test_the_example_of_the_documentation_declares_what_it_says() -> None:
    page = (DOCS / "extensions.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    app = FastAPI()
    prelude = "from pydantic import BaseModel\n" + "".join(
        f"class {name}(BaseModel): ...\n" for name in ("Model", "NewModel", "ModelPage")
    )

    exec(prelude + example, {"app": app})

    document = read_document(app.openapi())
    read, write = (read_extensions(one, document) for one in document.operations)
    assert read.pages is not None
    assert (read.pages.cursor, read.pages.next) == ("cursor", "next_cursor")
    assert read.freshness is not None
    assert read.freshness.seconds == 30
    assert write.invalidates == ("list_models_models_get",)
    assert write.idempotency == "key"


def test_freshness_is_sent_unless_the_route_says_otherwise() -> None:
    app = FastAPI()

    @app.get("/fresh", **declare(fresh(seconds=5, shared=True)))
    async def read() -> int:
        return 1

    client = TestClient(app)

    assert client.get("/fresh").headers["cache-control"] == "public, max-age=5"


def test_what_is_fresh_is_kept_apart_by_caller_unless_it_is_shared() -> None:
    app = FastAPI()

    @app.get("/mine", **declare(fresh(seconds=30, stale_on_error_seconds=300)))
    async def mine() -> int:
        return 1

    @app.get("/shared", **declare(fresh(seconds=30, shared=True)))
    async def shared() -> int:
        return 2

    client = TestClient(app)

    own = client.get("/mine")
    assert own.headers["cache-control"] == "private, max-age=30, stale-if-error=300"
    assert own.headers["vary"] == "Authorization, Cookie"
    assert "vary" not in client.get("/shared").headers


def test_further_members_of_the_operation_stay() -> None:
    arguments = declare(invalidates("a"), externalDocs={"url": "https://example.com"})

    assert arguments == {
        "openapi_extra": {
            "x-lockstitch-invalidates": ["a"],
            "externalDocs": {"url": "https://example.com"},
        }
    }
