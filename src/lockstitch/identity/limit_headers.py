"""What an answer says of every limit that its request was counted by."""

from starlette.types import Scope

from lockstitch.identity.request_limits import counted


def limit_headers(scope: Scope) -> dict[str, str]:
    """Return the fields of draft-ietf-httpapi-ratelimit-headers-11; none without a limit."""
    headers: dict[str, str] = scope.get("state", {}).get("lockstitch_limits", {})
    counters = counted(scope)
    if not counters:
        return headers
    policy, state = scope["app"].state.lockstitch_identity.limits.items(counters)
    if not headers:
        return {"ratelimit-policy": policy, "ratelimit": state}
    return {
        "ratelimit-policy": f"{headers['ratelimit-policy']}, {policy}",
        "ratelimit": f"{headers['ratelimit']}, {state}",
    }
