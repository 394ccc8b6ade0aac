"""Replacing the token of a session, together with an answer."""

from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import Response

from lockstitch.api.services import services
from lockstitch.errors import DatabaseError
from lockstitch.identity.cookies import set_token
from lockstitch.identity.principal import SignedIn

# Under this name the audience leaves in the request's state whose token is to be renewed.
RENEWAL: Final = "lockstitch_renewal"

_log = structlog.get_logger("lockstitch.api")


async def renew_session(request: Request, response: Response) -> None:
    """Give the browser a new token where the audience has found that one is due."""
    due: SignedIn | None = getattr(request.state, RENEWAL, None)
    if due is None or "set-cookie" in response.headers:
        return
    found = services(request)
    try:
        token = await found.sessions.renew(due)
    except DatabaseError as error:
        # The old one stays good, and the answer is what counts.
        _log.warning("a session was not renewed", reason=type(error).__name__)
        return
    if token is not None:
        set_token(response, token, found.settings)
