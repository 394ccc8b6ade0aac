"""A contract with every style of parameter and kind of body that FastAPI does not write."""

from typing import Any

COLOURS = {"type": "array", "items": {"type": "string"}}
POINT = {
    "type": "object",
    "properties": {"x_axis": {"type": "integer"}, "y_axis": {"type": "integer"}},
    "required": ["x_axis", "y_axis"],
    "additionalProperties": False,
}
STYLES = [
    ("form", True),
    ("form", False),
    ("spaceDelimited", False),
    ("pipeDelimited", False),
    ("deepObject", True),
]


def _parameter(name: str, place: str, schema: Any, **how: Any) -> dict[str, Any]:
    return {"name": name, "in": place, "required": True, "schema": schema, **how}


def _query() -> list[dict[str, Any]]:
    found = []
    for style, explode in STYLES:
        word = "" if explode else "_flat"
        if style != "deepObject":
            how = {"style": style, "explode": explode}
            found.append(_parameter(f"{style}_list{word}", "query", COLOURS, **how))
    deep = {**POINT, "properties": {**POINT["properties"], "inner_list": COLOURS}}
    found.append(_parameter("deep_point", "query", deep, style="deepObject"))
    found.append(_parameter("flat_point", "query", POINT, style="form", explode=False))
    found.append(_parameter("open_point", "query", POINT))
    content = {"application/json": {"schema": POINT}}
    found.append({"name": "json_point", "in": "query", "required": True, "content": content})
    return found


def _path() -> list[dict[str, Any]]:
    return [
        _parameter(f"{style}_{kind}_{'exploded' if explode else 'flat'}", "path", schema, **how)
        for style in ("simple", "label", "matrix")
        for explode in (False, True)
        for kind, schema in (("list", COLOURS), ("point", POINT))
        for how in ({"style": style, "explode": explode},)
    ]


def _operation(id_: str, *, body: Any = None, **members: Any) -> dict[str, Any]:
    content = {} if body is None else {"requestBody": {"required": True, "content": body}}
    return {"operationId": id_, "responses": {"204": {"description": ""}}, **content, **members}


_PATH = "/path/" + "/".join(f"{{{one['name']}}}" for one in _path())

CONTRACT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Wire", "version": "1"},
    "paths": {
        "/query": {"get": _operation("query", parameters=_query())},
        _PATH: {"get": _operation("path", parameters=_path())},
        "/header": {
            "get": _operation(
                "header",
                parameters=[
                    _parameter("X-Colours", "header", COLOURS),
                    _parameter("X-Point", "header", POINT, explode=True),
                    _parameter("session", "cookie", {"type": "string"}),
                ],
            )
        },
        "/same/{id}": {
            "put": _operation(
                "same",
                body={"application/json": {"schema": POINT}},
                parameters=[
                    _parameter("id", "path", {"type": "string"}),
                    {"name": "id", "in": "query", "schema": {"type": "integer"}},
                ],
            )
        },
        "/form": {
            "post": _operation(
                "form",
                body={
                    "application/x-www-form-urlencoded": {
                        "schema": {
                            "type": "object",
                            "properties": {"top_point": POINT, "a_list": COLOURS},
                            "required": ["top_point", "a_list"],
                        },
                        "encoding": {"top_point": {"style": "deepObject", "explode": True}},
                    }
                },
            )
        },
        "/patch": {
            "patch": _operation("patch", body={"application/merge-patch+json": {"schema": POINT}})
        },
        "/lines": {
            "post": _operation("lines", body={"application/x-ndjson": {"itemSchema": POINT}})
        },
        "/text": {"post": _operation("text", body={"text/csv": {"schema": {"type": "string"}}})},
        "/mixed": {
            "get": {
                "operationId": "mixed",
                "responses": {
                    "200": {"description": "", "content": {"application/json": {"schema": POINT}}},
                    "203": {"description": "", "content": {"text/plain": {}}},
                    "204": {"description": ""},
                },
            }
        },
        "/rows": {
            "get": {
                "operationId": "rows",
                "responses": {
                    "2XX": {
                        "description": "",
                        "content": {"application/x-ndjson": {"itemSchema": POINT}},
                    },
                    "4XX": {"description": "", "content": {"application/json": {"schema": POINT}}},
                    "default": {"description": ""},
                },
            }
        },
        "/either": {
            "get": {
                "operationId": "either",
                "responses": {
                    "200": {
                        "description": "",
                        "content": {
                            "text/csv": {"schema": {"type": "string"}},
                            "application/json": {"schema": POINT},
                        },
                    }
                },
            }
        },
    },
}

EVENTS: dict[str, Any] = {
    "asyncapi": "3.0.0",
    "info": {"title": "Wire", "version": "1"},
    "channels": {
        "jobEvents": {
            "address": "jobs/{job_id}",
            "description": "What happens to a job.",
            "parameters": {"job_id": {"description": "The job."}},
            "messages": {
                "started": {"$ref": "#/components/messages/started"},
                "frame": {
                    "payload": {
                        "type": "object",
                        "properties": {
                            "stream": {"type": "string"},
                            "position": {"type": "string"},
                            "type": {"const": "done"},
                            "data": {"$ref": "#/components/schemas/Point"},
                        },
                        "required": ["stream", "position", "type", "data"],
                    }
                },
            },
        },
        "commands": {"messages": {"stop": {"payload": {"type": "object"}}}},
    },
    "operations": {
        "sendEvents": {"action": "send", "channel": {"$ref": "#/channels/jobEvents"}},
        "takeCommands": {"action": "receive", "channel": {"$ref": "#/channels/commands"}},
    },
    "components": {
        "messages": {
            "started": {
                "payload": {
                    "type": "object",
                    "properties": {"started_at": {"type": "string", "format": "date-time"}},
                    "required": ["started_at"],
                }
            }
        },
        "schemas": {"Point": POINT},
    },
}
