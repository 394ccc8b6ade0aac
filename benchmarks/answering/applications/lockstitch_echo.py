"""The echo model on Lockstitch, in the four ways that are measured."""

from fastapi import FastAPI
from pydantic import BaseModel

from lockstitch import Lockstitch, Model


class Said(BaseModel):
    """What is sent."""

    text: str


class Heard(BaseModel):
    """What is answered."""

    text: str


class ThreadedEcho(Model[Said, Heard]):
    """In a thread of its own, as models are unless they say otherwise."""

    store = "never"

    def predict(self, batch: list[Said]) -> list[Heard]:
        """Answer with what was said."""
        return [Heard(text=said.text) for said in batch]


class QuickEcho(ThreadedEcho):
    """In the event loop, as FastAPI's own asynchronous function is."""

    executor = "event-loop"


class PublicEcho(QuickEcho):
    """For everybody."""

    public = True


class StoredEcho(QuickEcho):
    """With a row for each answer."""

    store = "always"


app = FastAPI()
Lockstitch(app, models=[ThreadedEcho, QuickEcho, PublicEcho, StoredEcho])
