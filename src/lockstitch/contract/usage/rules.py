"""The rules by which calls are held against the contract."""

from typing import Final

from lockstitch.findings import Rule

RULES: Final[tuple[Rule, ...]] = (
    Rule(
        "undeclared-read",
        "The code reads a member that the contract does not declare.",
        "It is undefined at run time, whatever the type in the code says.",
    ),
    Rule(
        "undeclared-type-member",
        "A type that the code declares for an answer has a member that the contract lacks.",
        "A cast is a promise that nobody keeps: who relies on the member reads undefined.",
    ),
    Rule(
        "undeclared-null",
        "A type that the code declares for an answer promises a value where null may come.",
        "The compiler then lets every use pass that fails on null.",
    ),
    Rule(
        "undeclared-send",
        "The code sends a member that the contract does not declare.",
        "Most services drop what they do not know in silence, so the value is lost.",
    ),
    Rule(
        "undeclared-parameter",
        "The code sends a query parameter that the contract does not declare.",
        "Most services ignore it in silence, so it has no effect.",
    ),
    Rule(
        "missing-member",
        "The code leaves out a member that the contract requires.",
        "The service refuses the request, with status 422 in FastAPI.",
    ),
    Rule(
        "unknown-endpoint",
        "The code calls a path that no operation of the contract answers.",
        "The service answers 404.",
    ),
    Rule(
        "wrong-method",
        "The code calls a path with a method that no operation of the contract has there.",
        "The service answers 405.",
    ),
    Rule(
        "base-urls-differ",
        "Clients of the same service expect it at different places.",
        "Where the service moves, some calls break and others do not.",
    ),
)
