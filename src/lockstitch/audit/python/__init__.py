"""Red flags in Python."""

import re
from collections.abc import Iterator
from typing import Final

from lockstitch.audit.python import (
    any_api_data,
    error_answers,
    hard_coded_endpoint,
    identity,
    missing_null_check,
    missing_timeout,
    open_cors,
    race_condition,
    retries,
    sensitive_data,
    unvalidated_response,
)
from lockstitch.audit.python.backend import Backend
from lockstitch.audit.python.module import Module
from lockstitch.findings import Finding

# A file without any of these words has nothing that a rule could find.
WORTH_PARSING: Final = re.compile(
    rb"fastapi|starlette|flask|router|Depends|HTTPException|BaseModel|requests|httpx|aiohttp|urlopen"
    rb"|fetchone|fetchrow|one_or_none|\.first\(|insert into|INSERT INTO|\.commit\(|service_role"
    rb"|SERVICE_ROLE|getenv|environ|sk-|eyJ|PRIVATE KEY|AKIA|Retry\(|lockstitch-ignore"
    rb"|(print|log\w*\.\w+)\([^\n]*([pP]assword|[sS]ecret|[tT]oken|[kK]ey|prompt|[cC]redential)",
)

_IN_ONE_FILE: Final = (
    any_api_data.find,
    error_answers.find,
    hard_coded_endpoint.find,
    identity.find,
    missing_null_check.find,
    missing_timeout.find,
    open_cors.find,
    race_condition.find,
    retries.find,
    sensitive_data.find,
    unvalidated_response.find,
)


def find(backend: Backend) -> Iterator[Finding]:
    """Find the red flags of all modules that are no tests."""
    for module in backend.judged:
        for rule in _IN_ONE_FILE:
            yield from rule(module, backend)
    yield from error_answers.across(backend)


__all__ = ["WORTH_PARSING", "Backend", "Module", "find"]
