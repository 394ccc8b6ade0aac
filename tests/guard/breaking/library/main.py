"""The library's application."""

from fastapi import FastAPI

from . import shelves

app = FastAPI(title="Library", version="1.0.0")
app.include_router(shelves.router, prefix="/v1")
