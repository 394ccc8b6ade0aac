"""Nothing takes a URL from a caller, so nothing can be made to fetch one."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import AnyUrl, BaseModel
from quick_application import make_application

# `operation in body: pointer`, with how what is there is fetched: by something that refuses
# private, loopback and link-local addresses after resolving them, and again on every redirect.
LISTED: dict[str, str] = {}

_FORMATS = {
    "uri",
    "uri-reference",
    "iri",
    "iri-reference",
    "uri-template",
    "hostname",
    "idn-hostname",
}
_NAMES = re.compile(r"(^|_)(ur[il]|href|link|host|hostname|webhook|callback|endpoint|proxy)s?$")


def addresses(document: dict[str, Any]) -> set[str]:
    """Return where an operation takes a text that is an address, by its format or its name."""
    found = set()
    for methods in document["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", []):
                named = {parameter["name"]: parameter["schema"]}
                found |= {
                    f"{operation['operationId']} in {parameter['in']}: {pointer}"
                    for pointer in _in_object(named, document, "", ())
                }
            for content in operation.get("requestBody", {}).get("content", {}).values():
                found |= {
                    f"{operation['operationId']} in body: {pointer}"
                    for pointer in _in_schema(content["schema"], document, "", ())
                }
    return found


def _in_schema(
    schema: Any, document: dict[str, Any], pointer: str, seen: tuple[str, ...]
) -> Iterator[str]:
    if not isinstance(schema, dict):
        return
    name = schema.get("$ref", "").rpartition("/")[2]
    if name and name not in seen:
        target = document["components"]["schemas"][name]
        yield from _in_schema(target, document, pointer, (*seen, name))
    if schema.get("format") in _FORMATS:
        yield pointer
    yield from _in_object(schema.get("properties", {}), document, pointer, seen)
    for keyword in ("items", "additionalProperties", "not"):
        yield from _in_schema(schema.get(keyword), document, f"{pointer}/*", seen)
    for keyword in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for member in schema.get(keyword, []):
            yield from _in_schema(member, document, pointer, seen)


def _in_object(
    properties: dict[str, Any], document: dict[str, Any], pointer: str, seen: tuple[str, ...]
) -> Iterator[str]:
    for name, schema in properties.items():
        place = f"{pointer}/{name}"
        if _NAMES.search(name.lower()):
            yield place
        yield from _in_schema(schema, document, place, seen)


def test_no_operation_takes_an_address_that_is_not_listed() -> None:
    found = addresses(make_application().openapi())

    assert found == LISTED.keys(), (
        "An operation takes an address from its caller. Let nobody but a fetcher that refuses "
        "private addresses go there, and say in this file how it is fetched."
    )


class Hook(BaseModel):
    deep: list[AnyUrl]


@pytest.mark.parametrize(
    "annotation", [AnyUrl, AnyUrl | None, list[AnyUrl], dict[str, AnyUrl], Hook]
)
def test_an_address_is_found_wherever_it_hides(annotation: Any) -> None:
    app = FastAPI()

    class Body(BaseModel):
        field: annotation

    @app.post("/hooks")
    def make_hook(body: Body) -> None:
        del body

    (place,) = addresses(app.openapi())
    assert place.startswith("make_hook")
    assert "in body: /field" in place


def test_an_address_is_found_by_its_name_and_in_a_query() -> None:
    app = FastAPI()

    class Body(BaseModel):
        callback_url: str

    @app.post("/hooks")
    def make_hook(body: Body, image_url: str, page: AnyUrl) -> None:
        del body, image_url, page

    assert {place.rpartition(" ")[2] for place in addresses(app.openapi())} == {
        "/callback_url",
        "/image_url",
        "/page",
    }
