"""An application with quick models, and a route of its owner's that touches no database."""

from typing import Annotated

from conftest import Fragile, Repeat
from fastapi import Depends, FastAPI

from lockstitch import Lockstitch, Settings
from lockstitch.identity.audience import person_or_machine
from lockstitch.identity.principal import Caller


def make_application(settings: Settings | None = None) -> FastAPI:
    application = FastAPI()
    Lockstitch(application, models=[Repeat, Fragile], settings=settings)

    @application.get("/ping")
    async def ping(caller: Annotated[Caller, Depends(person_or_machine(scope="predict"))]) -> str:
        return str(caller.organisation_id)

    return application


app = make_application()
