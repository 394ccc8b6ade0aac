"""Generated code passes the strictest compiler and never tells it to look away."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from everything import application as everything
from generated import write

from benchmarks.contracts.predictions import application as predictions
from lockstitch.contract.typescript.options import TypeScriptOptions
from scripts.typescript_inspection import compile_errors, forbidden_syntax


def odd_contract() -> dict[str, Any]:
    """Return what no careful person would write, and what real documents hold all the same."""
    schemas: dict[str, Any] = {
        "Prediction[Sentiment]": {"type": "object", "description": "Ends a comment */ early."},
        "Error": {"type": "object", "properties": {"toString": {"type": "string"}}},
        "Date": {"type": "string", "format": "date"},
        "Json": {
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"$ref": "#/components/schemas/Json"}},
                {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Json"}},
            ]
        },
        "Quotes": {"enum": ["it's", "a\\b", "line\nbreak", "\u2028", "`${x}`", ""]},
        "Names": {
            "type": "object",
            "required": ["__proto__", "a'b", "1"],
            "properties": {
                "__proto__": {"type": "integer"},
                "a'b": {"type": "number"},
                "1": {"type": "null"},
                "valueOf": {"type": "boolean"},
                "additionalProperties": {"type": "string"},
            },
            "additionalProperties": {"type": "integer", "multipleOf": 3},
        },
        "Tuple": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "null"}]},
        "Nothing": False,
        "Empty": {"type": "object", "additionalProperties": False},
        "Mixed": {"enum": ["a", 1, True, None]},
        "Never": {"allOf": [{"type": "string"}, {"type": "number"}]},
        "Inline": {
            "oneOf": [
                {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}},
                {
                    "type": "object",
                    "required": ["b"],
                    "properties": {"b": {"$ref": "#/components/schemas/Date"}},
                },
                {"type": "array", "items": {"type": "array", "items": {"enum": ["x", "y"]}}},
                {"type": "number", "exclusiveMinimum": 0},
            ]
        },
        "Patterned": {
            "type": "object",
            "patternProperties": {"^/": {"type": "string"}, "\\d": {"type": "integer"}},
            "propertyNames": {"maxLength": 5},
            "minProperties": 1,
            "additionalProperties": False,
        },
    }
    content = {
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {name: {"$ref": f"#/components/schemas/{name}"} for name in schemas},
            }
        }
    }
    operation = {
        "operationId": "delete",
        "requestBody": {"content": content},
        "responses": {"200": {"description": "", "content": content}},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Odd */\nthings", "version": "1"},
        "paths": {"/odd": {"post": operation}},
        "components": {"schemas": schemas},
    }


CONTRACTS = {
    "everything": everything.openapi(),
    "predictions": predictions.openapi(),
    "odd": odd_contract(),
}
OPTIONS = {
    "default": TypeScriptOptions(),
    "other": TypeScriptOptions(names="wire", naive_dates="reject", branded_uuids=True),
}


def test_generated_modules_compile_and_hold_no_escape(tmp_path: Path) -> None:
    for contract, document in CONTRACTS.items():
        for choice, options in OPTIONS.items():
            write(document, tmp_path / f"{contract}-{choice}", options)

    found = {
        str(module.relative_to(tmp_path)): forbidden_syntax(module.read_text(encoding="utf-8"))
        for module in tmp_path.rglob("*.ts")
    }

    assert {name: faults for name, faults in found.items() if faults} == {}
    assert compile_errors(tmp_path) == []


@pytest.mark.parametrize(
    "code",
    [
        "const a: any = 1",
        "const b = x as string",
        "const c = <string>x",
        "const d = x!",
        "// @ts-ignore\nconst e = 1",
        "function f(): Promise<any> {}",
        "const = 1",
    ],
)
def test_the_inspection_finds_every_escape(code: str) -> None:
    assert forbidden_syntax(code)


def test_the_inspection_reads_words_as_words() -> None:
    assert forbidden_syntax("/** any, as, x! */\nconst any_ = ['as'] as const\n") == []


def test_the_same_contract_gives_the_same_bytes_under_every_hash_seed(tmp_path: Path) -> None:
    contract = tmp_path / "contract.json"
    contract.write_text(json.dumps(CONTRACTS["odd"]), encoding="utf-8")
    program = (
        "import json, sys\n"
        "from lockstitch.contract.reading import read_document\n"
        "from lockstitch.contract.typescript.emit import emit\n"
        "print(json.dumps(emit(read_document(sys.argv[1]))))"
    )

    outputs = {
        subprocess.run(
            [sys.executable, "-c", program, str(contract)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }

    assert len(outputs) == 1
