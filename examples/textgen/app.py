"""The application: an ordinary FastAPI app with one model."""

from fastapi import FastAPI

from examples.textgen.model import Textgen
from lockstitch import Lockstitch

app = FastAPI(title="Text generation", version="1.0.0")
Lockstitch(app, models=[Textgen])
