from pathlib import Path

import pytest
from audited import findings, in_python, in_typescript

RULE = "hard-coded-endpoint"


@pytest.mark.parametrize(
    "code",
    [
        "const API_BASE = 'http://localhost:8000'",
        "fetch('https://api.shop.example/orders')",
        "fetch(`http://10.0.0.3:8080/orders/${id}`)",
        """
        import axios from 'axios'
        axios.create({ baseURL: 'https://api.shop.example' })
        """,
        "const socket = new WebSocket('ws://localhost:8000/ws')",
        "class Client { private baseUrl = 'https://api.shop.example' }",
        "const { data } = useSWR('http://localhost:8000/stats', fetcher)",
    ],
)
def test_address_in_the_code_is_found(tmp_path: Path, code: str) -> None:
    found = in_typescript(tmp_path, f"{code}\n// fetch", RULE)

    assert [one.severity for one in found] == ["warning"]


@pytest.mark.parametrize(
    "code",
    [
        "const API_BASE = process.env.NEXT_PUBLIC_API_URL",
        "fetch('/api/orders')",
        "const docsUrl = 'https://docs.shop.example'",
        "export const Link = () => <a href='https://shop.example'>Shop</a>",
        "fetch('https://api.github.com/repos')",
        "const baseUrl = `http://127.0.0.1:${port}`",
        "const schemaUrl = 'https://json-schema.org/draft/2020-12/schema'",
        "const message = { baseline: 'https://shop.example' }",
    ],
)
def test_address_from_elsewhere_or_of_a_page_is_left(tmp_path: Path, code: str) -> None:
    assert in_typescript(tmp_path, f"{code}\n// fetch", RULE) == []


def test_fallback_is_information(tmp_path: Path) -> None:
    code = "const apiUrl = process.env.NEXT_PUBLIC_API_URL || 'http://localhost:8000'"
    (found,) = in_typescript(tmp_path, code, RULE)

    assert found.severity == "information"
    assert "http://localhost:8000" in found.message


def test_tests_and_configuration_may_name_addresses(tmp_path: Path) -> None:
    code = "const API_BASE = 'http://localhost:8000'\nfetch(API_BASE)"
    files = {"src/api.test.ts": code, "playwright.config.ts": code, "e2e/flow.ts": code}

    assert findings(tmp_path, files, RULE) == []


def test_clients_with_different_bases_are_found(tmp_path: Path) -> None:
    files = {
        "src/one.ts": "const BASE_URL = 'http://localhost:8000'\nfetch(`${BASE_URL}/a`)",
        "src/two.ts": "const apiUrl = 'https://api.shop.example'\nfetch(`${apiUrl}/b`)",
        "src/three.ts": "const apiUrl = 'https://api.shop.example'\nfetch(`${apiUrl}/c`)",
    }
    (found,) = findings(tmp_path, files, "several-base-urls")

    assert "https://api.shop.example" in found.message or "localhost" in found.message
    assert len(found.related) == 1


def test_one_base_is_left(tmp_path: Path) -> None:
    code = "const BASE_URL = 'http://localhost:8000'\nfetch(`${BASE_URL}/a`)"

    assert findings(tmp_path, {"a.ts": code, "b.ts": code}, "several-base-urls") == []


@pytest.mark.parametrize(
    "code",
    [
        """
        import requests
        requests.get('http://localhost:9000/model', timeout=3)
        """,
        """
        import httpx
        MODEL_SERVICE_URL = 'http://10.0.0.2:80'
        httpx.get(MODEL_SERVICE_URL)
        """,
        """
        import httpx
        client = httpx.Client(base_url='https://models.shop.example')
        """,
        """
        import httpx
        httpx.post(f'http://models.internal/{name}')
        """,
    ],
)
def test_python_address_in_the_code_is_found(tmp_path: Path, code: str) -> None:
    assert len(in_python(tmp_path, code, RULE)) == 1


@pytest.mark.parametrize(
    "code",
    [
        """
        import requests
        requests.get(f'{settings.model_url}/model', timeout=3)
        """,
        """
        import requests
        DOCS_URL = 'https://docs.shop.example'
        requests.get(x, timeout=1)
        """,
        """
        import requests
        requests.get('https://api.github.com/repos', timeout=3)
        """,
        """
        import httpx
        client = httpx.Client(base_url=settings.model_url)
        """,
        """
        import httpx
        client = httpx.Client(base_url='http://app', transport=transport)
        """,
        """
        import os
        url = os.getenv('MODEL_URL', '')
        """,
    ],
)
def test_python_address_from_settings_is_left(tmp_path: Path, code: str) -> None:
    assert in_python(tmp_path, code, RULE) == []


def test_python_fallback_to_this_machine_is_information(tmp_path: Path) -> None:
    code = "import os\nurl = os.getenv('MODEL_URL', 'http://localhost:9000')"
    (found,) = in_python(tmp_path, code, RULE)

    assert found.severity == "information"
    assert "MODEL_URL" in found.message
