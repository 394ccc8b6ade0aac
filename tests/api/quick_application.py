"""An application with a quick model, and a route of its owner's that touches no database."""

from typing import Annotated

from conftest import Fragile, Repeat
from fastapi import Depends, FastAPI

from lockstitch import Lockstitch
from lockstitch.identity.audience import person_or_machine
from lockstitch.identity.principal import Caller

app = FastAPI()
Lockstitch(app, models=[Repeat, Fragile])


@app.get("/ping")
async def ping(caller: Annotated[Caller, Depends(person_or_machine(scope="predict"))]) -> str:
    return str(caller.organisation_id)
