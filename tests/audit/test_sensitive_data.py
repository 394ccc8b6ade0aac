from pathlib import Path

import pytest
from audited import in_python, in_typescript

RULE = "sensitive-data"
# Put together here, so that no scanner takes the tests for a leak.
MODEL_KEY = "sk-" + "Ab1" * 8
STRIPE_KEY = "sk_" + "live_" + "a1B2" * 5


@pytest.mark.parametrize(
    "code",
    [
        "localStorage.setItem('token', session.token)",
        "window.sessionStorage.setItem('accessToken', value)",
        "localStorage.jwt = value",
        "console.log('signing in', email, password)",
        "logger.info(`key ${apiKey}`)",
        "console.log('login', token)",
        "const key = process.env.NEXT_PUBLIC_SUPABASE_SERVICE_ROLE_KEY",
        "const key = import.meta.env.VITE_STRIPE_SECRET_KEY",
        """
        'use client'
        const key = process.env.SUPABASE_SERVICE_ROLE_KEY
        """,
        "console.debug('prompt', prompt)",
        "console.log('model input', text)",
        "document.cookie = `token=${token}; path=/`",
        f"const openai = create({{ key: '{MODEL_KEY}' }})",
        f"const stripe = '{STRIPE_KEY}'",
    ],
)
def test_secret_that_gets_out_is_found(tmp_path: Path, code: str) -> None:
    (found,) = in_typescript(tmp_path, code, RULE)

    assert found.severity == "error"


@pytest.mark.parametrize(
    "code",
    [
        "localStorage.setItem('theme', theme)",
        "localStorage.removeItem('token')",
        "console.log('the password was wrong')",
        "console.log(token.type, lexer)",
        """
        console.log(token)
        // a parser
        """,
        "const key = process.env.NEXT_PUBLIC_SUPABASE_ANON_KEY",
        "const key = process.env.SUPABASE_SERVICE_ROLE_KEY",
        "console.log('text of the button', text)",
        "const name = 'sk-folding-cube-container'",
        "localStorage.setItem('nextPageIndex', page)",
    ],
)
def test_harmless_code_is_left(tmp_path: Path, code: str) -> None:
    assert in_typescript(tmp_path, code, RULE) == []


@pytest.mark.parametrize(
    "code",
    [
        """
        import logging
        logging.info('sign in %s %s', email, password)
        """,
        """
        import logging
        logger = logging.getLogger()
        logger.info(f'{data.password}')
        """,
        "print('api key', api_key)",
        "log.warning('refused', authorization=1, token=access_token)",
        """
        from fastapi import FastAPI
        app = FastAPI()
        @app.post('/predict')
        def predict(request: Text):
            logger.info('input %s', request.text)
        """,
        """
        def generate(prompt):
            logger.info('generating for %s', prompt)
        """,
        f"key = '{MODEL_KEY}'",
    ],
)
def test_python_secret_that_gets_out_is_found(tmp_path: Path, code: str) -> None:
    (found,) = in_python(tmp_path, code, RULE)

    assert found.severity == "error"


@pytest.mark.parametrize(
    "code",
    [
        "logger.info('password of %s was changed', email)",
        """
        import nltk
        for token in document:
            print(token)
        """,
        "logger.info('used %s', total_tokens)",
        "logger.info('sent as %s', USER_HEADER_JWT)",
        "logger.info('next page %s', next_token)",
        "logger.info('key of length %s', len(api_key))",
        """
        from fastapi import FastAPI
        app = FastAPI()
        @app.post('/predict')
        def predict(request: Text):
            logger.info('predicted', extra={'id': prediction_id})
        """,
        """
        import typer
        def make_key():
            print(api_key)
        """,
    ],
)
def test_python_harmless_code_is_left(tmp_path: Path, code: str) -> None:
    assert in_python(tmp_path, code, RULE) == []


KEPT = "let cachedToken: string | null = null\nfunction get() { cachedToken = read('token') }\nfetch(u)"


@pytest.mark.parametrize(
    "sign_out",
    [
        "export function signOut() { localStorage.removeItem('token') }",
        "export const logout = () => router.push('/')",
        "",
    ],
)
def test_token_that_survives_sign_out_is_found(tmp_path: Path, sign_out: str) -> None:
    found = in_typescript(tmp_path, f"{KEPT}\n{sign_out}", "token-outlives-sign-out")

    assert [one.subject for one in found] == ["cachedToken"]


@pytest.mark.parametrize(
    "code",
    [
        f"{KEPT}\nexport function signOut() {{ cachedToken = null }}",
        f"{KEPT}\nexport function setToken(value: string | null) {{ cachedToken = value }}",
        """
        const cachedToken = 'x'
        fetch(u)
        """,
        "function load() { let token = null; token = read(); return fetch(u, token) }",
    ],
)
def test_token_that_is_forgotten_is_left(tmp_path: Path, code: str) -> None:
    assert in_typescript(tmp_path, code, "token-outlives-sign-out") == []
