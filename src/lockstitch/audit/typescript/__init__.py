"""Red flags in TypeScript, TSX and JavaScript."""

from collections.abc import Iterator
from typing import Final

from lockstitch.audit.typescript import (
    any_api_data,
    hard_coded_endpoint,
    inconsistent_errors,
    missing_null_check,
    missing_states,
    missing_timeout,
    race_condition,
    retries,
    sensitive_data,
    unvalidated_response,
)
from lockstitch.audit.typescript.front import Front
from lockstitch.audit.typescript.script import Script
from lockstitch.findings import Finding

_IN_ONE_FILE: Final = (
    any_api_data.find,
    hard_coded_endpoint.find,
    inconsistent_errors.find,
    missing_null_check.find,
    missing_states.find,
    missing_timeout.find,
    race_condition.find,
    retries.find,
    sensitive_data.find,
    unvalidated_response.find,
)
_ACROSS_FILES: Final = (
    hard_coded_endpoint.several,
    inconsistent_errors.across,
    sensitive_data.token_outlives_sign_out,
)


def find(front: Front) -> Iterator[Finding]:
    """Find the red flags of all scripts that people wrote."""
    for script in front.judged:
        for rule in _IN_ONE_FILE:
            yield from rule(script, front)
    for rule_across in _ACROSS_FILES:
        yield from rule_across(front)


__all__ = ["Front", "Script", "find"]
