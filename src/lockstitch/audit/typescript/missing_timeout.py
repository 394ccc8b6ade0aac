"""A request that may wait for ever."""

import re
from collections.abc import Iterator
from typing import Final

from lockstitch.audit.typescript.front import Front
from lockstitch.audit.typescript.nodes import ancestors, callee_of, has_spread, member, text_of
from lockstitch.audit.typescript.requests import Request
from lockstitch.audit.typescript.script import Script
from lockstitch.findings import Finding

RULE: Final = "missing-timeout"
_LIMITS: Final = ("signal", "timeout", "cancelToken", "timeoutMs")
_DEFAULT: Final = re.compile(rb"axios\.defaults\.timeout")
_LIMITER: Final = re.compile(r"timeout|deadline|race$", re.IGNORECASE)
_REQUEST_OBJECT: Final = re.compile(r"(^|\.)(req|request)$", re.IGNORECASE)


def find(script: Script, front: Front) -> Iterator[Finding]:
    """Find requests without a signal or a timeout."""
    for request in front.requests.get(script.path, ()):
        # ky gives up after ten seconds by itself.
        if request.library in {"ky", "superagent"} or _is_limited(request, front):
            continue
        yield script.finding(
            RULE,
            request.call,
            "The request has no deadline: when the service hangs, so does whoever waits for it.",
            "Pass signal: AbortSignal.timeout(10_000)."
            if request.library in {"fetch", "ofetch"}
            else "Pass timeout: 10_000, or set it where the instance is made.",
        )


def _is_limited(request: Request, front: Front) -> bool:
    if request.options is None:
        url = request.url
        passes_request = url is not None and _REQUEST_OBJECT.search(text_of(url)) is not None
        if request.library == "fetch" and passes_request:
            return True
    elif (
        request.has_unknown_options
        or has_spread(request.options)
        or any(member(request.options, name) is not None for name in _LIMITS)
    ):
        return True
    if request.library == "instance":
        made = front.instance_of(request)
        if made is not None and re.search(r"\b(timeout|signal)\b|\.\.\.", text_of(made)):
            return True
        # ky and its instances have a timeout of their own.
        if made is not None and callee_of(made).startswith("ky"):
            return True
    if request.library in {"axios", "instance"} and front.mentions(_DEFAULT):
        return True
    return any(
        one.type == "call_expression" and _LIMITER.search(callee_of(one))
        for one in ancestors(request.call)
    )
