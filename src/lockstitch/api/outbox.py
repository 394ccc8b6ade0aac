"""The mail that was kept instead of being sent: `/v1/outbox`, for development."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from starlette.requests import Request

from lockstitch.api.description import problems
from lockstitch.api.route import ContractRoute
from lockstitch.api.services import services
from lockstitch.api.timestamp import Timestamp
from lockstitch.errors import NotFound
from lockstitch.identity.audience import public
from lockstitch.identity.exposure import is_development
from lockstitch.identity.mail.carrier import mail_folder

router = APIRouter(prefix="/v1", route_class=ContractRoute, tags=["development"])


class KeptMessage(BaseModel):
    """A message that was kept in the data directory."""

    id: str
    recipient: str
    subject: str
    text: str
    kept_at: Timestamp


class Outbox(BaseModel):
    """The last messages, the newest first."""

    folder: str = Field(description="Where the files are.")
    items: list[KeptMessage]


class OutboxQuery(BaseModel, extra="forbid"):
    """How many messages are wanted."""

    limit: int = Field(default=20, ge=1, le=100)


@router.get(
    "/outbox",
    operation_id="list_outbox",
    summary="Mail that was not sent",
    dependencies=[Depends(public())],
    responses=problems(NotFound),
)
async def list_outbox(query: Annotated[OutboxQuery, Query()], request: Request) -> Outbox:
    """Return the last messages, where no mail server is set and only this machine calls.

    Elsewhere it is not found: the messages hold the links with which passwords are chosen.
    """
    settings = services(request).settings
    if settings.sends_mail or not is_development(request, settings):
        raise NotFound("There is no outbox here. It is for development on this machine.")
    folder = mail_folder(settings)
    kept = await folder.latest(query.limit)
    items = [KeptMessage.model_validate(one, from_attributes=True) for one in kept]
    return Outbox(folder=str(folder.folder.resolve()), items=items)
