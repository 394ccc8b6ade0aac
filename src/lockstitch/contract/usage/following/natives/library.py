"""All that is known of the platform and of libraries, in one table."""

from typing import Final

from lockstitch.contract.usage.following.engine import Library
from lockstitch.contract.usage.following.natives import (
    arrays,
    clients,
    generated,
    queries,
    react,
    requests,
    standard,
    stores,
    validators,
)
from lockstitch.contract.usage.following.values import Answer, Sequence

LIBRARY: Final = Library(
    functions={
        **standard.FUNCTIONS,
        **react.FUNCTIONS,
        **requests.FUNCTIONS,
        **clients.FUNCTIONS,
        **queries.FUNCTIONS,
        **generated.FUNCTIONS,
        **stores.FUNCTIONS,
        **validators.FUNCTIONS,
    },
    methods={
        **standard.METHODS,
        Sequence: arrays.array_method,
        Answer: arrays.array_method,
    },
    clients={
        **clients.CLIENTS,
        **queries.CLIENTS,
        **generated.CLIENTS,
        "schema": validators.parsed,
    },
    natives={
        **react.NATIVES,
        **clients.NATIVES,
        **queries.NATIVES,
        **generated.NATIVES,
        **stores.NATIVES,
    },
)
