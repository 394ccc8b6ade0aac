"""Reading a body of many items, of which some may be wrong without failing the others."""

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic_core import from_json, to_json

from lockstitch.api.json_body import JsonBody
from lockstitch.errors import InvalidRequest, Violation
from lockstitch.settings import MAX_JSON_DEPTH

MOST_ITEMS = 256

Input = TypeVar("Input", bound=BaseModel)

_OF_AN_ITEM = re.compile(r"/items/(\d+)(/.*|$)")


class Batch(BaseModel, Generic[Input]):
    """Many inputs of one model."""

    model_config = ConfigDict(extra="forbid")

    items: list[Input] = Field(min_length=1, max_length=MOST_ITEMS)


@dataclass(frozen=True, slots=True)
class ReadBatch:
    """The items in their order: each an input, or why it is refused."""

    items: list[BaseModel | InvalidRequest]


class BatchBody(JsonBody):
    """The body of a route that takes a `Batch`: a wrong item is refused alone."""

    def __init__(self, body_type: type[Batch[Any]]) -> None:
        super().__init__(body_type)
        items: Any = body_type.model_fields["items"].annotation
        self._items: TypeAdapter[list[BaseModel]] = TypeAdapter(items)

    def validate(self, body: bytes, max_depth: int = MAX_JSON_DEPTH) -> ReadBatch:
        """Return the items of a body.

        Raises:
            MalformedBody: The body is empty or not JSON.
            BodyTooDeep: It is nested more deeply than `max_depth`.
            InvalidRequest: Something besides single items breaks the contract.
        """
        try:
            return ReadBatch(list(super().validate(body, max_depth).items))
        except InvalidRequest as error:
            refused = _by_item(error)
        document = from_json(body)["items"]
        sound = [item for place, item in enumerate(document) if place not in refused]
        inputs = iter(self._items.validate_json(to_json(sound), strict=True, extra="forbid"))
        return ReadBatch(
            [refused[place] if place in refused else next(inputs) for place in range(len(document))]
        )


def _by_item(error: InvalidRequest) -> dict[int, InvalidRequest]:
    """Return the refusal of each item, with pointers from the item on.

    Raises:
        InvalidRequest: One of the violations is not within an item.
    """
    found: dict[int, list[Violation]] = defaultdict(list)
    for violation in error.violations:
        within = _OF_AN_ITEM.fullmatch(violation.pointer)
        if within is None:
            raise error
        found[int(within[1])].append(replace(violation, pointer=within[2]))
    return {place: InvalidRequest(violations) for place, violations in found.items()}
