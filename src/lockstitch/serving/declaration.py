"""What a model's class declares, read and checked before anything runs."""

import hashlib
import inspect
import re
from pathlib import Path
from typing import Any, Final, TypeVar, get_args, get_origin

from pydantic import BaseModel

from lockstitch.errors import ConfigurationError
from lockstitch.serving.model import ExecutorName, Model, Store
from lockstitch.serving.streaming import StreamingModel

_KEBAB_CASE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST_NAME = 63
_STORES: Final = get_args(Store)


def declared_types(kind: type[Model[Any, Any]]) -> tuple[type[BaseModel], type[BaseModel]]:
    """Return the input and the output type that a model class gives to `Model[…, …]`.

    Raises:
        ConfigurationError: One is missing or is not a Pydantic model.
    """
    arguments = _type_arguments(kind, Model)
    _refuse_untyped(kind, arguments)
    input_type, output_type = arguments
    return input_type, output_type


def declared_piece(kind: type[StreamingModel[Any, Any, Any]]) -> type[BaseModel]:
    """Return the type of the pieces that a class gives to `StreamingModel[…, …, …]`.

    Raises:
        ConfigurationError: It is missing or is not a Pydantic model.
    """
    arguments = _type_arguments(kind, StreamingModel)
    _refuse_untyped(kind, arguments)
    piece: type[BaseModel] = arguments[1]
    return piece


def _refuse_untyped(kind: type[Model[Any, Any]], arguments: tuple[Any, ...]) -> None:
    streams = issubclass(kind, StreamingModel)
    base = "StreamingModel[Input, Piece, Output]" if streams else "Model[Input, Output]"
    for argument in arguments:
        if not _is_pydantic_model(argument):
            raise ConfigurationError(
                f"{kind.__qualname__}: {_spelling(argument)} is not a Pydantic model. "
                f"Write class {kind.__name__}({base}) with classes that "
                "derive from pydantic.BaseModel."
            )
    if not arguments:
        raise ConfigurationError(
            f"{kind.__qualname__} does not say what it takes and returns. "
            f"Write class {kind.__name__}({base})."
        )


def check_declaration(model: Model[Any, Any]) -> None:
    """Refuse a model whose class cannot be served.

    Raises:
        ConfigurationError: The message names the class and the fix.
    """
    kind = type(model)
    input_type, _ = declared_types(kind)
    if isinstance(model, StreamingModel):
        declared_piece(type(model))
    reason = _fault(model, input_type)
    if reason:
        raise ConfigurationError(f"{kind.__qualname__}: {reason}")


def _fault(model: Model[Any, Any], input_type: type[BaseModel]) -> str | None:
    kind = type(model)
    if not _KEBAB_CASE.fullmatch(model.name) or len(model.name) > _LONGEST_NAME:
        return (
            f"the name {model.name!r} is not kebab-case of at most {_LONGEST_NAME} characters. "
            "Set name to small letters, digits and single hyphens, such as 'review-sentiment'."
        )
    if kind.predict is Model.predict:
        return "it has no predict. Write def predict(self, batch: list[Input]) -> list[Output]."
    stages = (kind.preprocess, kind.predict, kind.postprocess)
    for method in (kind.prepare, kind.load, kind.cost, *stages):
        if inspect.iscoroutinefunction(method) or inspect.isgeneratorfunction(method):
            return f"{method.__name__} must be an ordinary function that returns its result."
    if isinstance(model, StreamingModel) and (fault := _fault_of_stream(model)):
        return fault
    if not all(isinstance(example, input_type) for example in model.examples):
        return f"each of its examples must be a {input_type.__name__}."
    return _fault_of_limits(model) or _fault_of_storage(model)


def _fault_of_storage(model: Model[Any, Any]) -> str | None:
    if model.store not in _STORES:
        return f"store must be one of {', '.join(map(repr, _STORES))}."
    if not _is_part(model.sample_rate):
        return "sample_rate must be a number above 0 and at most 1."
    if not isinstance(model.public, bool):
        return "public must be True or False."
    if model.public and model.store != "never":
        return "it is public, so no history can hold its predictions. Set store = 'never'."
    return None


def _fault_of_stream(model: StreamingModel[Any, Any, Any]) -> str | None:
    kind = type(model)
    if not inspect.isgeneratorfunction(kind.stream):
        return "stream must be a generator function: it yields the pieces and returns the output."
    for method in (kind.preprocess, kind.predict, kind.postprocess):
        if method is not getattr(StreamingModel, method.__name__):
            return f"a streaming model has no {method.__name__}. Do that work in stream."
    if model.executor != "inline":
        return 'a streaming model runs inline. Remove executor, or set it to "inline".'
    if not _is_positive_integer(model.slots):
        return "slots must be a whole number of at least 1."
    return None


def _fault_of_limits(model: Model[Any, Any]) -> str | None:
    for limit in ("max_batch", "max_queue", "replicas"):
        if not _is_positive_integer(getattr(model, limit)):
            return f"{limit} must be a whole number of at least 1."
    for optional in ("max_batch_cost", "max_memory_bytes"):
        value = getattr(model, optional)
        if value is not None and not _is_positive_integer(value):
            return f"{optional} must be a whole number of at least 1, or None."
    if not isinstance(model.gpus, int | float) or model.gpus < 0:
        return "gpus must be a number of at least 0."
    if model.executor not in get_args(ExecutorName):
        return f"executor must be one of {', '.join(get_args(ExecutorName))}."
    return None


def source_file(kind: type[Model[Any, Any]]) -> Path:
    """Return the file that defines a model class.

    Raises:
        ConfigurationError: The class was typed into an interactive session.
    """
    try:
        return Path(inspect.getfile(kind)).resolve(strict=True)
    except (OSError, TypeError):
        raise ConfigurationError(
            f"{kind.__qualname__} is not in a file, so its version cannot be told. "
            "Write the class in a .py file and import it."
        ) from None


def source_digest(kind: type[Model[Any, Any]]) -> str:
    """Return the sha256 of the file that defines a model class: its version without files."""
    with source_file(kind).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _type_arguments(kind: type[Any], root: type[Any]) -> tuple[Any, ...]:
    """Return what a class, or one that it derives from, puts in the brackets of `root`."""
    for base in getattr(kind, "__orig_bases__", kind.__bases__):
        origin = get_origin(base) or base
        if not (isinstance(origin, type) and issubclass(origin, root)):
            continue
        if origin is root:
            return get_args(base)
        # `Text[Answer]` of `class Text(Model[Input, T], Generic[T])`: put Answer where T stands.
        given = dict(zip(getattr(origin, "__parameters__", ()), get_args(base), strict=False))
        return tuple(_substitute(argument, given) for argument in _type_arguments(origin, root))
    return ()


def _substitute(argument: Any, given: dict[Any, Any]) -> Any:
    return given.get(argument, argument) if isinstance(argument, TypeVar) else argument


def _is_pydantic_model(argument: Any) -> bool:
    if not (isinstance(argument, type) and issubclass(argument, BaseModel)):
        return False
    return argument is not BaseModel and not argument.__pydantic_generic_metadata__["parameters"]


def _is_positive_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_part(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1


def _spelling(argument: Any) -> str:
    return argument.__name__ if isinstance(argument, type) else str(argument)
