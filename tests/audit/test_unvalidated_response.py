from pathlib import Path

import pytest
from audited import in_python, in_typescript

RULE = "unvalidated-response"


@pytest.mark.parametrize(
    ("code", "how"),
    [
        (
            """
        const r = await fetch(u)
        const d = (await r.json()) as Todo[]
        """,
            "cast to Todo[]",
        ),
        (
            """
        const r = await fetch(u)
        const d: Todo[] = await r.json()
        """,
            "declared to be Todo[]",
        ),
        (
            """
            async function load(): Promise<Todo> {
              const r = await fetch(u)
              return r.json()
            }
            """,
            "returned as Promise<Todo>",
        ),
        ("const load = () => fetch(u).then((res) => res.json())", "returned"),
        ("fetch(u).then((res) => res.json()).then((data: Todo[]) => show(data))", "declared to be"),
        ("fetch(u).then((res) => res.json()).then((data) => { show(data.items) })", "read"),
        ("fetch(u).then((res) => res.json()).then(setTodos)", "put into state"),
        (
            """
        const r = await fetch(u)
        const { items } = await r.json()
        """,
            "taken apart into items",
        ),
        (
            """
        const r = await fetch(u)
        const total = (await r.json()).total
        """,
            "read",
        ),
        (
            """
        const r = await fetch(u)
        const d = <Todo>await r.json()
        """,
            "cast to Todo",
        ),
        (
            """
        import axios from 'axios'
        const r = await axios.get<Todo[]>('/todos')
        """,
            "claimed",
        ),
        ("socket.onmessage = (event) => show(JSON.parse(event.data) as Update)", "cast to Update"),
    ],
)
def test_answer_that_is_trusted_is_found(tmp_path: Path, code: str, how: str) -> None:
    (found,) = in_typescript(tmp_path, code, RULE)

    assert how in found.message


@pytest.mark.parametrize(
    "code",
    [
        """
        const r = await fetch(u)
        const d: unknown = await r.json()
        """,
        """
        const r = await fetch(u)
        const d = todoSchema.parse(await r.json())
        """,
        """
        const r = await fetch(u)
        const raw = await r.json()
        const d = decodeTodos(raw)
        raw.x
        """,
        "fetch(u).then((res) => res.json()).then(todoSchema.parse)",
        "fetch(u).then((res) => res.json()).then((data) => show(todos.validate(data)))",
        "async function load(): Promise<unknown> { return (await fetch(u)).json() }",
        """
        const r = await fetch(u)
        if (!r.ok) { const e = await r.json(); throw new Error(e.title) }
        """,
        "export async function POST(request: Request) { const b = await request.json(); b.x }",
        """
        const settings = JSON.parse(text) as Settings
        fetch(u)
        """,
        """
        const r = await fetch(u)
        const d = await r.json()
        if (typeof d.x === 'string') use(d.x)
        if (isTodo(d)) d.title
        """,
    ],
)
def test_answer_that_is_checked_is_left(tmp_path: Path, code: str) -> None:
    assert in_typescript(tmp_path, code, RULE) == []


@pytest.mark.parametrize(
    "code",
    [
        """
        import requests
        def f():
            data = requests.get(u, timeout=3).json()
            return data['x']
        """,
        """
        import httpx
        def f():
            response = httpx.get(u)
            return response.json()
        """,
        """
        import httpx
        async def f(c: httpx.AsyncClient):
            r = await c.get(u)
            for row in r.json():
                use(row)
        """,
        """
        import requests
        def f():
            return requests.get(u, timeout=3).json()['label']
        """,
        """
        import requests
        def f():
            resp = requests.get(u, timeout=3)
            body = resp.json()
            return body.get('x')
        """,
    ],
)
def test_python_answer_that_is_trusted_is_found(tmp_path: Path, code: str) -> None:
    assert len(in_python(tmp_path, code, RULE)) == 1


@pytest.mark.parametrize(
    "code",
    [
        """
        import httpx
        def f():
            return Todo.model_validate(httpx.get(u).json())
        """,
        """
        import httpx
        def f():
            data = httpx.get(u).json()
            todo = Todo(**data)
            return data['x']
        """,
        """
        import httpx
        def f():
            return Todo.model_validate_json(httpx.get(u).content)
        """,
        """
        import httpx
        def f():
            r = httpx.get(u)
            if r.status_code >= 400:
                raise Refused(r.json()['detail'])
        """,
        """
        from fastapi import FastAPI
        import httpx
        app = FastAPI()
        @app.get('/x')
        def f() -> Todo:
            return httpx.get(u).json()
        """,
        """
        import httpx
        def f():
            data = httpx.get(u).json()
            if not isinstance(data, dict):
                raise ValueError
            return data['x']
        """,
        """
        import httpx
        def f():
            todo = httpx.get(u).json()["data"]
            return Todo(**todo)
        """,
        """
        import httpx
        def f():
            try:
                return httpx.get(u).json()["reason"]
            except (KeyError, TypeError):
                return "unknown"
        """,
    ],
)
def test_python_answer_that_is_checked_is_left(tmp_path: Path, code: str) -> None:
    assert in_python(tmp_path, code, RULE) == []
