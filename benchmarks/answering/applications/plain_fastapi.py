"""FastAPI as its tutorial shows it."""

from fastapi import FastAPI
from pydantic import BaseModel


class Said(BaseModel):
    """What is sent."""

    text: str


class Heard(BaseModel):
    """What is answered."""

    text: str


app = FastAPI()


@app.post("/echo")
async def echo(said: Said) -> Heard:
    """Answer with what was said."""
    return Heard(text=said.text)
