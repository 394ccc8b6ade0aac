"""Where the models and routes of an application stand in its Python files."""

from lockstitch.guard.sources.fresh import Description, describe
from lockstitch.guard.sources.places import (
    ApplicationSources,
    FieldSource,
    ModelSource,
    ParameterSource,
    RouteSource,
)

__all__ = [
    "ApplicationSources",
    "Description",
    "FieldSource",
    "ModelSource",
    "ParameterSource",
    "RouteSource",
    "describe",
]
