"""Red flags in Python."""

from collections.abc import Iterator
from contextlib import suppress
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
            # What Python itself cannot print for its depth was written by a program.
            with suppress(RecursionError):
                yield from rule(module, backend)
    yield from error_answers.across(backend)


__all__ = ["Backend", "Module", "find"]
