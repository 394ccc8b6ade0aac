"""Whether the process lives and whether it can answer: `/livez` and `/readyz`."""

from typing import Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.requests import Request

from lockstitch.api.route import ContractRoute
from lockstitch.api.services import services
from lockstitch.errors import ModelLoading
from lockstitch.identity.audience import public

router = APIRouter(
    route_class=ContractRoute, tags=["health"], dependencies=[Depends(public(limited=False))]
)


class Health(BaseModel):
    """The process can do its work."""

    status: Literal["ok"] = "ok"


@router.get("/livez", operation_id="get_liveness", summary="Does the process live")
async def get_liveness() -> Health:
    """Answer, as long as the event loop turns."""
    return Health()


@router.get("/readyz", operation_id="get_readiness", summary="Can requests be answered")
async def get_readiness(request: Request) -> Health:
    """Answer when the database can be reached and every model is loaded."""
    await services(request).database.ping()
    waiting = [
        name for name, served in services(request).models.items() if served.runtime.state != "ready"
    ]
    if waiting:
        raise ModelLoading(f"Not ready yet: {', '.join(waiting)}. Try again in a moment.")
    return Health()
