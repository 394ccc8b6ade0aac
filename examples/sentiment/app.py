"""The application: an ordinary FastAPI app with one model."""

from fastapi import FastAPI

from examples.sentiment.model import ReviewSentiment
from lockstitch import Lockstitch

app = FastAPI(title="Review sentiment", version="1.0.0")
Lockstitch(app, models=[ReviewSentiment])
