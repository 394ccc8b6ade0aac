from pathlib import Path

import pytest
from audited import findings, in_python, in_typescript

RULE = "missing-timeout"


@pytest.mark.parametrize(
    "code",
    [
        "export const load = () => fetch('/api/todos')",
        "const response = await window.fetch(url, { method: 'POST', body })",
        """
        import axios from 'axios'
        export const load = () => axios.get('/todos')
        """,
        """
        import axios from 'axios'
        const api = axios.create({ baseURL })
        api.post('/todos', todo)
        """,
        "async function load() { const options = { headers }; return fetch(url, options) }",
    ],
)
def test_request_without_deadline_is_found(tmp_path: Path, code: str) -> None:
    assert len(in_typescript(tmp_path, code, RULE)) == 1


@pytest.mark.parametrize(
    "code",
    [
        "fetch(url, { signal: AbortSignal.timeout(5000) })",
        "fetch(url, { ...init, method: 'GET' })",
        "export const send = (url: string, init: RequestInit) => fetch(url, init)",
        """
        import axios from 'axios'
        const api = axios.create({ timeout: 5000 })
        api.get('/todos')
        """,
        """
        import axios from 'axios'
        axios.defaults.timeout = 5000
        axios.get('/todos')
        """,
        "await Promise.race([fetch(url), deadline])",
        "await withTimeout(fetch(url), 5000)",
        "function client({ fetch }: { fetch: Fetch }) { return fetch(url) }",
        """
        import ky from 'ky'
        ky.get('/todos')
        """,
    ],
)
def test_request_with_deadline_is_left(tmp_path: Path, code: str) -> None:
    assert in_typescript(tmp_path, code, RULE) == []


def test_timeout_of_an_instance_in_another_file_counts(tmp_path: Path) -> None:
    files = {
        "src/lib/http.ts": "import axios from 'axios'\nexport const api = axios.create({ timeout: 9 })",
        "tsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}',
        "src/todos.ts": "import { api } from '@/lib/http'\nexport const load = () => api.get('/todos')",
        "src/other.ts": "import { api } from './lib/slow'\nexport const load = () => api.get('/todos')",
        "src/lib/slow.ts": "import axios from 'axios'\nexport const api = axios.create({ baseURL })",
    }

    assert [one.place.file for one in findings(tmp_path, files, RULE)] == ["src/other.ts"]


@pytest.mark.parametrize(
    "code",
    [
        """
        import requests
        requests.get(url)
        """,
        """
        from requests import post
        post(url, json=body)
        """,
        """
        import requests
        session = requests.Session()
        session.get(url)
        """,
        """
        import urllib.request
        urllib.request.urlopen(url)
        """,
        """
        import httpx
        httpx.get(url, timeout=None)
        """,
        """
        import httpx
        client = httpx.AsyncClient(timeout=None)
        """,
        """
        import requests
        with requests.Session() as session:
            session.post(url)
        """,
    ],
)
def test_python_request_without_deadline_is_found(tmp_path: Path, code: str) -> None:
    assert len(in_python(tmp_path, code, RULE)) == 1


@pytest.mark.parametrize(
    "code",
    [
        """
        import requests
        requests.get(url, timeout=5)
        """,
        """
        import requests
        requests.get(url, **options)
        """,
        """
        import httpx
        httpx.get(url)
        """,
        """
        import urllib.request
        urllib.request.urlopen(url, None, 5)
        """,
        """
        import requests
        cache = {}
        cache.get(url)
        """,
        """
        import socket, requests
        socket.setdefaulttimeout(5)
        requests.get(url)
        """,
    ],
)
def test_python_request_with_deadline_is_left(tmp_path: Path, code: str) -> None:
    assert in_python(tmp_path, code, RULE) == []
