"""Endpoints that need a caller and the request alone: FastAPI need not search for that."""

from dataclasses import dataclass
from typing import Any, Self

from fastapi.dependencies.models import Dependant
from starlette.requests import Request

from lockstitch.identity.audience import Audience

# Whatever an endpoint or an audience has of these, FastAPI must find.
_SOLVED_BY_FASTAPI = (
    *("path_params", "query_params", "header_params", "cookie_params", "body_params"),
    *("websocket_param_name", "http_connection_param_name", "response_param_name"),
    *("background_tasks_param_name", "security_scopes_param_name"),
    *("own_oauth_scopes", "parent_oauth_scopes", "concurrency"),
)


@dataclass(frozen=True, slots=True)
class PlainDependant:
    """One audience, perhaps the request, and nothing else.

    It calls the same audience with the same request as FastAPI's `solve_dependencies` does, which
    costs ten times as much.
    """

    audience: Audience
    caller_name: str | None
    request_name: str | None

    @classmethod
    def of(cls, dependant: Dependant) -> Self | None:
        """Return the plain form of what an endpoint needs besides its body, if it has one."""
        if _needs_fastapi(dependant) or len(dependant.dependencies) != 1:
            return None
        (needed,) = dependant.dependencies
        audience = needed.call
        if not isinstance(audience, Audience) or _needs_fastapi(needed):
            return None
        if needed.dependencies or needed.request_param_name != "request":
            return None
        return cls(audience, needed.name, dependant.request_param_name)

    async def solve(self, request: Request) -> dict[str, Any]:
        """Return the endpoint's arguments by name, or refuse the caller as its audience does."""
        caller = await self.audience(request)
        values: dict[str, Any] = {}
        if self.caller_name is not None:
            values[self.caller_name] = caller
        if self.request_name is not None:
            values[self.request_name] = request
        return values


def _needs_fastapi(dependant: Dependant) -> bool:
    return any(getattr(dependant, name) for name in _SOLVED_BY_FASTAPI)
