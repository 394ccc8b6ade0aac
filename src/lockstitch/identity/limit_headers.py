"""What an answer says of every limit that its request was counted by."""

from starlette.requests import Request

from lockstitch.identity.request_limits import counted


def limit_headers(request: Request) -> dict[str, str]:
    """Return the fields of draft-ietf-httpapi-ratelimit-headers-11; none without a limit."""
    headers: dict[str, str] = getattr(request.state, "lockstitch_limits", {})
    counters = counted(request.scope)
    if not counters:
        return headers
    policy, state = request.app.state.lockstitch_identity.limits.items(counters)
    if not headers:
        return {"ratelimit-policy": policy, "ratelimit": state}
    return {
        "ratelimit-policy": f"{headers['ratelimit-policy']}, {policy}",
        "ratelimit": f"{headers['ratelimit']}, {state}",
    }
