"""What `lockstitch verify` looks for."""

from typing import Final

from lockstitch.findings import Rule

RULES: Final = (
    Rule("server-error", "An operation fails with a status that no caller can act upon."),
    Rule("no-answer", "An operation closes the connection or does not answer in time."),
    Rule("undocumented-status", "An answer has a status that the contract does not have."),
    Rule("response-media-type", "An answer has another media type than the contract says."),
    Rule("response-schema", "A body is not what its schema says."),
    Rule("response-format", "A text does not have the format that the contract promises."),
    Rule("response-header", "A header of an answer is missing, or not what its schema says."),
    Rule("event-schema", "A server-sent event is not what the item schema says."),
    Rule("problem-shape", "A problem document is not what RFC 9457 says."),
    Rule("internals-shown", "An error shows a stack trace to its caller."),
    Rule("security-not-enforced", "An operation with security answers without it."),
    Rule("refused-request-accepted", "A request that the contract refuses is accepted."),
    Rule("allowed-request-refused", "Every body that the contract allows is refused as invalid."),
    Rule("created-resource-missing", "What was created cannot be read."),
    Rule("written-value-lost", "A value that was written is not the one that is read."),
    Rule("deleted-resource-remains", "What was deleted can still be read."),
)

FIXES: Final = {
    "server-error": "Answer a 4xx status for what the caller can mend, and mend the rest.",
    "no-answer": "Find out why the service hangs or ends; its log has the reason.",
    "undocumented-status": "Document the status (FastAPI: responses={...}), or do not answer it.",
    "response-media-type": "Answer the media type of the contract, or declare this one.",
    "response-schema": "Return the response model itself, so that it is checked, or correct it.",
    "response-format": "Send the value in that format, or take the format out of the contract.",
    "response-header": "Send the header as the contract describes it, or correct its description.",
    "event-schema": "Yield the declared model, or declare what is yielded.",
    "problem-shape": "Write type, title and detail as strings and the status that is answered.",
    "internals-shown": "Log the trace, and tell the caller a sentence and a request id.",
    "security-not-enforced": "Depend on the security scheme and refuse with 401 or 403.",
    "refused-request-accepted": "Validate with the model that the contract shows, or widen it.",
    "allowed-request-refused": "Say in the schema what is refused: a pattern, a bound, a format.",
    "created-resource-missing": "Store the resource before answering, or answer 202.",
    "written-value-lost": "Store what was accepted, or answer what was stored.",
    "deleted-resource-remains": "Delete what the read looks at, or answer 202.",
}

# What a schema cannot say, such as that two members fit together, is refused rightly.
WARNINGS: Final = frozenset({"allowed-request-refused"})
