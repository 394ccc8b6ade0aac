"""Which Python files are worth parsing: most hold nothing that a rule could find.

Searching for plain words costs a hundredth of parsing, and many alternatives in one regular
expression cost ten times as much as the words one by one.
"""

import re
from typing import Final

_PYTHON: Final = (
    *(b"fastapi", b"starlette", b"flask", b"APIRouter", b"HTTPException", b"Depends("),
    *(b"import requests", b"from requests", b"httpx", b"aiohttp", b"urlopen", b"CORSMiddleware"),
    *(b"fetchone", b"fetchrow", b"one_or_none", b".first()", b"insert into", b"INSERT INTO"),
    *(
        b".commit(",
        b".headers.get(",
        b".cookies.get(",
        b"service_role",
        b"SERVICE_ROLE",
        b"BaseModel)",
        b"allowed_methods",
    ),
    *(b"router.", b"PRIVATE KEY", b"AKIA", b"_live_", b"sk-", b"ghp_", b"eyJ", b"sb_secret_"),
    *(b"xoxb-", b"github_pat_", b"lockstitch-ignore"),
)
_SECRETS: Final = (b"assword", b"ecret", b"oken", b"api_key", b"apiKey", b"prompt", b"redential")
_LOGGED: Final = re.compile(
    rb"(print|log\w*\.\w+)\([^\n]*"
    rb"([pP]assw|[sS]ecret|[tT]oken|[aA]pi_?[kK]ey|[pP]rompt|[cC]redential|jwt)"
)
_DEFAULT: Final = re.compile(rb"(getenv|environ\.get)\([^)\n]*http")


def is_worth_parsing(text: bytes) -> bool:
    """Whether a Python file holds a word that any rule asks for."""
    if any(word in text for word in _PYTHON):
        return True
    if any(word in text for word in _SECRETS) and _LOGGED.search(text):
        return True
    return b"env" in text and b"http" in text and _DEFAULT.search(text) is not None
