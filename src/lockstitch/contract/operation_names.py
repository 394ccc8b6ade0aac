"""What operations are called when their ids were not chosen by a person."""

import re
from collections import Counter
from collections.abc import Iterable

from lockstitch.contract.document import READS, Operation


def spoken_ids(operations: Iterable[Operation]) -> dict[str, str]:
    """Return by operation id what its function is named after.

    FastAPI's own ids are the name of the route's function with path and method behind it:
    `read_model_models__name__get` is spoken as `read_model`, unless two would be the same.
    """
    short = {operation.id: _shortened(operation) for operation in operations}
    count = Counter(short.values())
    return {id_: name if count[name] == 1 else id_ for id_, name in short.items()}


def _shortened(operation: Operation) -> str:
    """Undo `fastapi.utils.generate_unique_id`."""
    suffix = re.sub(r"\W", "_", operation.path) + f"_{operation.method}"
    name = operation.id.removesuffix(suffix)
    return name if name.strip("_") else operation.id


def function_names(operation: Operation, function: str) -> set[str]:
    """Return the function of an operation and every other name that is made of it."""
    capital = f"{function[0].upper()}{function[1:]}"
    declared = {name.removeprefix("x-lockstitch-") for name in operation.extensions}
    found = {function, f"{function}Swr"}
    if operation.method not in READS:
        found.add(f"{function}Mutation")
        return found | ({f"invalidateAfter{capital}"} if "invalidates" in declared else set())
    found |= {f"{function}Query", f"prefetch{capital}"}
    if "pages" in declared:
        found |= {f"{function}Pages", f"{function}SwrPages"}
    if "fields" in declared:
        found |= {f"{function}Fields", f"{function}FieldsQuery"}
    return found
