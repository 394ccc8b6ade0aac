from pathlib import Path
from textwrap import dedent

import pytest
from audited import in_python, in_typescript

RULE = "any-api-data"


@pytest.mark.parametrize(
    "code",
    [
        """
        const r = await fetch(u)
        const data: any = await r.json()
        """,
        """
        const r = await fetch(u)
        const rows = (await r.json()) as any[]
        """,
        "async function load(): Promise<any> { return (await fetch(u)).json() }",
        "async function save(body: any) { await fetch(u, { method: 'POST', body }) }",
        """
        import axios from 'axios'
        const r = await axios.get<any>('/todos')
        """,
        "const { data } = useQuery<any>(options)",
        "fetch(u).then((res) => res.json()).then((data: any) => show(data))",
        """
        function Todos() {
          const [todos, setTodos] = useState<any[]>([])
          useEffect(() => { fetch(u).then(read).then(setTodos) }, [])
          return <p />
        }
        """,
        """
        const r = await fetch(u)
        const byId: Record<string, any> = await r.json()
        """,
    ],
)
def test_any_for_api_data_is_found(tmp_path: Path, code: str) -> None:
    assert len(in_typescript(tmp_path, code, RULE)) == 1


@pytest.mark.parametrize(
    "code",
    [
        """
        const r = await fetch(u)
        const data: unknown = await r.json()
        """,
        """
        // any of them may fetch
        const anything: string = 'any'
        fetch(u)
        """,
        """
        const debounce = (run: (...args: any[]) => void) => run
        fetch(u)
        """,
        """
        function log(...values: any[]) { console.log(...values) }
        fetch(u)
        """,
        """
        const r = await fetch(u)
        const rows = todosSchema.parse(await r.json())
        """,
        "try { await fetch(u) } catch (error: any) { show(error.message) }",
        """
        function Menu() {
          const [ref, setRef] = useState<any>(null)
          return <p ref={setRef} />
        }
        """,
    ],
)
def test_any_elsewhere_is_left(tmp_path: Path, code: str) -> None:
    assert in_typescript(tmp_path, code, RULE) == []


APP = "from typing import Annotated, Any\nfrom fastapi import *\napp = FastAPI()\n"


@pytest.mark.parametrize(
    "code",
    [
        """
        @app.post('/todos')
        def create(todo: dict): return save(todo)
        """,
        """
        @app.put('/todos')
        def replace(todos: list[dict]): return save(todos)
        """,
        """
        @app.post('/todos')
        def create(body: Annotated[Any, Body()]): return save(body)
        """,
        """
        @app.post('/todos')
        async def create(request: Request):
            data = await request.json()
            return save(data['title'])
        """,
        """
        @app.patch('/todos')
        def change(todo: dict[str, Any]): return save(todo)
        """,
    ],
)
def test_python_route_that_takes_anything_is_found(tmp_path: Path, code: str) -> None:
    assert len(in_python(tmp_path, APP + dedent(code), RULE)) == 1


@pytest.mark.parametrize(
    "code",
    [
        """
        @app.post('/todos')
        def create(todo: Todo): return save(todo)
        """,
        """
        @app.post('/todos')
        def create(todo: Todo, user: dict = Depends(current_user)): return 1
        """,
        """
        @app.get('/todos')
        def find(filters: dict = Depends(filters)): return 1
        """,
        """
        @app.post('/todos')
        async def create(request: Request):
            return save(Todo.model_validate(await request.json()))
        """,
        "def helper(todo: dict): return todo",
        """
        @app.post('/todos')
        def create(titles: list[str]): return save(titles)
        """,
    ],
)
def test_python_typed_route_is_left(tmp_path: Path, code: str) -> None:
    assert in_python(tmp_path, APP + dedent(code), RULE) == []
