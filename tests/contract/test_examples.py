"""The contract's own examples: kept, told to the reader where they are true, and mocked."""

import copy
import re
from typing import Any

from client_project import compile_errors, write_client

from lockstitch.contract.mock.answers import Mocks
from lockstitch.contract.mock.sampling import sample
from lockstitch.contract.reading import read_document
from lockstitch.contract.typescript.client import make_client

TEXT = {"type": "string"}
LINE = {
    "type": "object",
    "required": ["sku_code", "ordered_at"],
    "properties": {
        "sku_code": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]+$"},
        "ordered_at": {"type": "string", "format": "date-time"},
        "how_many": {"type": "integer", "minimum": 1},
    },
}
TRUE = {"sku_code": "ABC-1", "ordered_at": "2026-11-22T06:00:00Z", "how_many": 2}
FALSE = {"sku_code": "abc", "ordered_at": "2026-11-22T06:00:00Z"}
CONTRACT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Orders", "version": "1"},
    "paths": {
        "/orders/{order_id}": {
            "put": {
                "operationId": "put_order",
                "parameters": [
                    {
                        "name": "order_id",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "string", "maxLength": 8},
                        "examples": {"long": {"value": "A-1000000000"}, "short": {"value": "A-1"}},
                    }
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/Line"},
                            "examples": {
                                "wrong": {"value": FALSE},
                                "gone": {"$ref": "#/components/examples/gone"},
                                "right": {"$ref": "#/components/examples/right"},
                            },
                        }
                    },
                },
                "responses": {
                    "200": {
                        "description": "",
                        "content": {
                            "application/json": {
                                "schema": {"$ref": "#/components/schemas/Line"},
                                "example": TRUE,
                            }
                        },
                    }
                },
            }
        }
    },
    "components": {
        "schemas": {"Line": LINE},
        "examples": {"right": {"summary": "A line", "value": TRUE}},
    },
}
CALL = (
    "await putOrder(client, { orderId: 'A-1', body: { skuCode: 'ABC-1', "
    "orderedAt: new Date('2026-11-22T06:00:00Z'), howMany: 2 } })"
)


def test_contents_and_parameters_keep_their_examples() -> None:
    document = read_document(CONTRACT)
    (operation,) = document.operations

    assert operation.parameters[0].examples == ("A-1000000000", "A-1")
    assert operation.body is not None
    assert operation.body.contents[0].examples == (FALSE, TRUE)
    assert operation.responses[0].contents[0].examples == (TRUE,)
    assert [(warn.pointer.rpartition("/")[2], warn.message) for warn in document.warnings] == [
        ("gone", "The example is not there; ignored.")
    ]


def test_the_mock_answers_with_an_example_that_is_true() -> None:
    def answered(contract: dict[str, Any]) -> list[Any]:
        mocks = Mocks(read_document(contract))
        (answer,) = mocks.of(mocks.document.operations[0]).answers
        return [sample(answer.recipe, f"{seed}", mocks.cookbook) for seed in range(5)]

    wrong = copy.deepcopy(CONTRACT)
    content = wrong["paths"]["/orders/{order_id}"]["put"]["responses"]["200"]["content"]
    content["application/json"]["example"] = FALSE

    assert answered(CONTRACT) == [TRUE] * 5
    assert FALSE not in answered(wrong)


def test_the_example_of_an_operation_is_the_first_true_one_of_the_contract() -> None:
    operations = make_client(CONTRACT).files["operations.ts"]

    assert CALL in operations


def test_the_example_compiles() -> None:
    api = write_client("examples", CONTRACT)
    call = re.search(r"await putOrder\(.*\)", (api / "operations.ts").read_text())
    assert call is not None
    (api.parent / "example.ts").write_text(
        "import { createClient, putOrder } from './api/index.js'\n"
        f"const client = createClient({{ baseUrl: '' }})\nconsole.log({call[0]})\n"
    )

    assert compile_errors(api.parent) == []


def test_an_example_that_is_long_gives_way_to_a_short_value() -> None:
    contract = copy.deepcopy(CONTRACT)
    put = contract["paths"]["/orders/{order_id}"]["put"]
    put["requestBody"]["content"]["application/json"] = {
        "schema": {"type": "array", "items": TEXT},
        "example": ["a long text"] * 20,
    }

    operations = make_client(contract).files["operations.ts"]

    assert "await putOrder(client, { orderId: 'text', body: [] })" in operations
