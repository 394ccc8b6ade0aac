from pathlib import Path

import pytest
from audited import findings, in_python, in_typescript


@pytest.mark.parametrize(
    "code",
    [
        """
        async function send(method: string, path: string, retries = 3) {
          const res = await fetch(path, { method })
          if (res.status >= 500 && retries > 0) return send(method, path, retries - 1)
          return res
        }
        """,
        """
        async function create(todo: Todo) {
          for (let attempt = 0; attempt < 3; attempt++) {
            try {
              return await fetch('/todos', { method: 'POST', body: JSON.stringify(todo) })
            } catch (error) {
              await wait(100)
            }
          }
        }
        """,
        """
        async function create(todo: Todo) {
          while (true) {
            try {
              return await fetch('/todos', { method: 'POST', body })
            } catch {
              await wait(100)
            }
          }
        }
        """,
        """
        import pRetry from 'p-retry'
        pRetry(() => fetch('/orders', { method: 'POST', body }))
        """,
        "axiosRetry(axios, { retries: 3, retryCondition: () => true })",
        """
        import ky from 'ky'
        const api = ky.create({ retry: { methods: ['get', 'post'] } })
        """,
        "const mutation = useMutation({ mutationFn: createTodo, retry: 3 })",
    ],
)
def test_retry_of_a_write_is_found(tmp_path: Path, code: str) -> None:
    (found,) = in_typescript(tmp_path, code, "unsafe-retry")

    assert found.severity == "error"


@pytest.mark.parametrize(
    "code",
    [
        """
        async function load(retries = 3) {
          const res = await fetch('/todos')
          if (res.status >= 500 && retries > 0) return load(retries - 1)
          return res
        }
        """,
        """
        async function send(method: string, path: string, retries = 3) {
          const headers = { 'Idempotency-Key': crypto.randomUUID() }
          const res = await fetch(path, { method, headers })
          if (res.status >= 500 && retries > 0) return send(method, path, retries - 1)
          return res
        }
        """,
        """
        async function send(method: string, path: string, retries = 3) {
          const res = await fetch(path, { method })
          if (res.status >= 500 && method === 'GET' && retries > 0) {
            return send(method, path, retries - 1)
          }
          return res
        }
        """,
        """
        async function createAll(todos: Todo[]) {
          for (const todo of todos) await fetch('/todos', { method: 'POST', body: todo })
        }
        """,
        "axiosRetry(axios, { retries: 3, retryCondition: axiosRetry.isIdempotentRequestError })",
        "const mutation = useMutation({ mutationFn: createTodo, retry: false })",
        """
        import pRetry from 'p-retry'
        pRetry(() => fetch('/orders', { method: 'PUT', body }))
        """,
    ],
)
def test_safe_retry_is_left(tmp_path: Path, code: str) -> None:
    assert in_typescript(tmp_path, code, "unsafe-retry") == []


@pytest.mark.parametrize(
    "code",
    [
        "export const load = () => fetch('/todos')",
        """
        import axios from 'axios'
        export const load = () => axios.get('/todos')
        """,
        "export async function load() { return await fetch('/todos', { method: 'GET' }) }",
    ],
)
def test_read_without_retry_is_information(tmp_path: Path, code: str) -> None:
    (found,) = in_typescript(tmp_path, code, "missing-retry")

    assert found.severity == "information"


@pytest.mark.parametrize(
    "code",
    [
        "export const save = () => fetch('/todos', { method: 'POST' })",
        "export const load = () => withRetry(() => fetch('/todos'))",
        """
        const load = () => fetch('/todos').then((res) => res.json())
        export const useTodos = () => useQuery({ queryKey: ['todos'], queryFn: load })
        """,
    ],
)
def test_read_with_retry_is_left(tmp_path: Path, code: str) -> None:
    assert in_typescript(tmp_path, code, "missing-retry") == []


@pytest.mark.parametrize(
    "code",
    [
        """
        import requests
        from tenacity import retry
        @retry
        def charge(order):
            return requests.post(url, json=order, timeout=3)
        """,
        """
        import httpx, stamina
        @stamina.retry(on=httpx.HTTPError, attempts=3)
        async def charge(client: httpx.AsyncClient, order):
            return await client.post("/charges", json=order)
        """,
        """
        import requests
        def charge(order):
            for attempt in range(3):
                try:
                    return requests.post(url, json=order, timeout=3)
                except requests.ConnectionError:
                    continue
        """,
        """
        from requests.adapters import HTTPAdapter
        from urllib3 import Retry
        adapter = HTTPAdapter(max_retries=Retry(3, allowed_methods=None))
        """,
        """
        import requests
        def charge(order):
            while True:
                try:
                    response = requests.post(url, json=order, timeout=3)
                    break
                except requests.Timeout:
                    pass
        """,
    ],
)
def test_python_retry_of_a_write_is_found(tmp_path: Path, code: str) -> None:
    (found,) = in_python(tmp_path, code, "unsafe-retry")

    assert found.severity == "error"


@pytest.mark.parametrize(
    "code",
    [
        """
        import requests
        from tenacity import retry
        @retry
        def load():
            return requests.get(url, timeout=3)
        """,
        """
        import requests
        from tenacity import retry
        @retry
        def charge(order, key):
            return requests.post(url, json=order, headers={"Idempotency-Key": key}, timeout=3)
        """,
        """
        import requests
        def charge_all(orders):
            for order in orders:
                requests.post(url, json=order, timeout=3)
        """,
        """
        from requests.adapters import HTTPAdapter
        from urllib3 import Retry
        adapter = HTTPAdapter(max_retries=Retry(3))
        """,
        """
        import requests
        def charge(order):
            for attempt in range(3):
                try:
                    response = requests.post(url, json=order, timeout=3)
                except requests.ConnectionError as error:
                    raise Unreachable from error
                break
        """,
    ],
)
def test_python_safe_retry_is_left(tmp_path: Path, code: str) -> None:
    assert in_python(tmp_path, code, "unsafe-retry") == []


ROUTE = """
from fastapi import FastAPI
import {library}
app = FastAPI()
@app.get("/rates")
def read_rates():
    {body}
"""


@pytest.mark.parametrize(
    ("library", "body"),
    [
        ("requests", "return requests.get(url, timeout=3).text"),
        ("httpx", "return httpx.get(url).text"),
        ("requests", "return requests.Session().get(url, timeout=1).text"),
    ],
)
def test_python_read_of_a_route_without_retry_is_information(
    tmp_path: Path, library: str, body: str
) -> None:
    (found,) = in_python(tmp_path, ROUTE.format(library=library, body=body), "missing-retry")

    assert found.severity == "information"


def test_python_read_behind_a_route_counts_and_a_program_does_not(tmp_path: Path) -> None:
    files = {
        "app/main.py": "from fastapi import FastAPI\nfrom app.rates import load\napp = FastAPI()\n"
        "@app.get('/rates')\ndef read(): return load()",
        "app/rates.py": "import requests\ndef load(): return requests.get(url, timeout=3).text",
        "tools/fetch_rates.py": "import requests\nprint(requests.get(url, timeout=3).text)",
    }
    found = findings(tmp_path, files, "missing-retry")

    assert [one.place.file for one in found] == ["app/rates.py"]


@pytest.mark.parametrize(
    ("library", "body"),
    [
        ("requests", "return requests.post(url, timeout=3).text"),
        ("httpx", "return httpx.Client(transport=httpx.HTTPTransport(retries=2)).get(url).text"),
        ("stamina, httpx", "return stamina.retry_context(lambda: httpx.get(url))"),
    ],
)
def test_python_read_with_retry_is_left(tmp_path: Path, library: str, body: str) -> None:
    assert in_python(tmp_path, ROUTE.format(library=library, body=body), "missing-retry") == []
