"""The FastAPI assembly: the route class, one file per resource, problems, health."""
