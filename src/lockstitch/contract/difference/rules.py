"""Every rule: its id, what it says, and how bad it is unless a policy says otherwise.

The rule of a schema is a side and a kind, as in `response-enum-value-added`. A request may only
widen and a response only narrow, so the effect of the kind decides its level; `EXCEPTIONS` lists
the verdicts that are debatable, with the reason.
"""

from dataclasses import dataclass
from typing import Final, Literal

from lockstitch.contract.difference.deltas import Effect
from lockstitch.findings import Rule, Severity

# Where a schema stands. What a client sends may only be accepted more widely.
SchemaSide = Literal["request", "parameter", "response", "header"]
SENT: Final = frozenset({"request", "parameter"})

# Steps of keywords that have nothing to say, such as a maximum of a string, share one rule.
IDLE: Final = "idle-keyword-changed"

KINDS: Final[dict[str, str]] = {
    "additional-properties-closed": "an object refuses members that it does not name",
    "additional-properties-opened": "an object may have members that it does not name",
    "alternative-added": "a union has another alternative",
    "alternative-removed": "a union has lost an alternative",
    "became-enum": "a value must be one of a list",
    "became-not-nullable": "null is not accepted any more",
    "became-nullable": "null is accepted",
    "became-optional": "a member may be missing",
    "became-optional-with-default": "a member may be missing, and has a default then",
    "became-required": "a member must be there",
    "contains-added": '"contains" was added',
    "contains-changed": '"contains" was changed',
    "contains-removed": '"contains" was removed',
    "content-encoding-added": "a string has an encoding",
    "content-encoding-changed": "a string has another encoding",
    "content-encoding-removed": "a string has no encoding any more",
    "content-media-type-added": "a string has a media type",
    "content-media-type-changed": "a string has another media type",
    "content-media-type-removed": "a string has no media type any more",
    "content-schema-added": "what a string holds has a schema",
    "content-schema-changed": "what a string holds has another schema",
    "content-schema-removed": "what a string holds has no schema any more",
    "default-added": "there is a default",
    "default-changed": "the default is another one",
    "default-removed": "there is no default any more",
    "dependent-required-added": "a member demands others",
    "dependent-required-changed": "a member demands others than before",
    "dependent-required-removed": "a member demands no others any more",
    "dependent-schema-added": "a member has consequences for the object",
    "dependent-schema-changed": "a member has other consequences for the object",
    "dependent-schema-removed": "a member has no consequences for the object any more",
    "discriminator-added": "a union has a discriminator",
    "discriminator-changed": "a union has another discriminator",
    "discriminator-removed": "a union has no discriminator any more",
    "else-added": '"else" was added',
    "else-changed": '"else" was changed',
    "else-removed": '"else" was removed',
    "enum-value-added": "a list of values has another one",
    "enum-value-removed": "a list of values has lost one",
    "extensible-enum-value-added": "an extensible list of values has another one",
    "extensible-enum-value-removed": "an extensible list of values has lost one",
    "format-added": "a value has a format",
    "format-changed": "a value has another format",
    "format-narrowed": "a value has a narrower format",
    "format-removed": "a value has no format any more",
    "format-widened": "a value has a wider format",
    "if-added": '"if" was added',
    "if-changed": '"if" was changed',
    "if-removed": '"if" was removed',
    "items-closed": "an array may not be longer than its fixed items",
    "items-opened": "an array may be longer than its fixed items",
    "max-contains-decreased": "fewer items may match",
    "max-contains-increased": "more items may match",
    "max-decreased": "the greatest number is smaller",
    "max-increased": "the greatest number is greater",
    "max-items-decreased": "fewer items are allowed",
    "max-items-increased": "more items are allowed",
    "max-items-set": "the number of items is limited",
    "max-items-unset": "the number of items is not limited any more",
    "max-length-decreased": "strings must be shorter",
    "max-length-increased": "strings may be longer",
    "max-length-set": "the length of strings is limited",
    "max-length-unset": "the length of strings is not limited any more",
    "max-properties-decreased": "fewer members are allowed",
    "max-properties-increased": "more members are allowed",
    "max-properties-set": "the number of members is limited",
    "max-properties-unset": "the number of members is not limited any more",
    "max-set": "there is a greatest number",
    "max-unset": "there is no greatest number any more",
    "member-deprecated": "a member is deprecated",
    "member-reactivated": "a member is deprecated no more",
    "min-contains-decreased": "fewer items need to match",
    "min-contains-increased": "more items must match",
    "min-decreased": "the least number is smaller",
    "min-increased": "the least number is greater",
    "min-items-decreased": "fewer items are enough",
    "min-items-increased": "more items are needed",
    "min-items-set": "items are needed",
    "min-items-unset": "no items are needed any more",
    "min-length-decreased": "strings may be shorter",
    "min-length-increased": "strings must be longer",
    "min-properties-decreased": "fewer members are enough",
    "min-properties-increased": "more members are needed",
    "min-properties-set": "members are needed",
    "min-properties-unset": "no members are needed any more",
    "min-set": "there is a least number",
    "min-unset": "there is no least number any more",
    IDLE: "a keyword that cannot apply to the type beside it has changed",
    "multiple-of-changed": "numbers have another step",
    "multiple-of-set": "numbers have a step",
    "multiple-of-unset": "numbers have no step any more",
    "named-alternative-added": "a union names another alternative, whose values it accepted before",
    "named-alternative-removed": "a union names an alternative no more, and accepts its values",
    "named-part-added": '"allOf" has another named part',
    "named-part-removed": '"allOf" has lost a named part',
    "narrowed": "fewer values are accepted, in a way that no other rule names",
    "no-longer-enum": "a value need not be one of a list any more",
    "not-added": '"not" was added',
    "not-changed": '"not" was changed',
    "not-removed": '"not" was removed',
    "optional-became-not-read-only": "an optional member is read-only no more",
    "optional-became-not-write-only": "an optional member is write-only no more",
    "optional-became-read-only": "an optional member is read-only",
    "optional-became-write-only": "an optional member is write-only",
    "optional-property-added": "an object has another, optional member",
    "optional-property-removed": "an optional member is gone",
    "part-added": '"allOf" has another part',
    "part-removed": '"allOf" has lost a part',
    "pattern-added": "strings must match a pattern",
    "pattern-changed": "strings must match another pattern",
    "pattern-generalized": "strings match a pattern that accepts everything",
    "pattern-properties-added": "members of some names have a rule",
    "pattern-properties-removed": "members of some names have no rule any more",
    "pattern-removed": "strings need not match a pattern any more",
    "prefix-items-added": "an array has another fixed item",
    "prefix-items-removed": "an array has lost a fixed item",
    "property-names-added": "the names of members have a rule",
    "property-names-removed": "the names of members have no rule any more",
    "property-refused": "a member is gone from a closed object, which refuses it",
    "property-type-changed": "a member of an object has another type",
    "required-became-not-read-only": "a required member is read-only no more",
    "required-became-not-write-only": "a required member is write-only no more",
    "required-became-read-only": "a required member is read-only",
    "required-became-write-only": "a required member is write-only",
    "required-property-added": "an object has another, required member",
    "required-property-removed": "a required member is gone",
    "schema-added": "there is a schema where there was none",
    "schema-removed": "there is no schema any more",
    "then-added": '"then" was added',
    "then-changed": '"then" was changed',
    "then-removed": '"then" was removed',
    "type-changed": "the type is another one",
    "type-narrowed": "the type accepts less",
    "type-widened": "the type accepts more",
    "unevaluated-items-added": '"unevaluatedItems" was added',
    "unevaluated-items-changed": '"unevaluatedItems" was changed',
    "unevaluated-items-removed": '"unevaluatedItems" was removed',
    "unevaluated-properties-added": '"unevaluatedProperties" was added',
    "unevaluated-properties-changed": '"unevaluatedProperties" was changed',
    "unevaluated-properties-removed": '"unevaluatedProperties" was removed',
    "unique-items-set": "items may not repeat",
    "unique-items-unset": "items may repeat",
    "widened": "more values are accepted, in a way that no other rule names",
}

# What is told of a schema, though the values that it accepts stay as they are: no value shows it.
VALUELESS: Final = frozenset(
    {
        "default-added",
        "default-changed",
        "default-removed",
        IDLE,
        "named-alternative-added",
        "named-alternative-removed",
        "named-part-added",
        "named-part-removed",
    }
)

SIDES: Final[dict[SchemaSide, str]] = {
    "request": "In a request body",
    "parameter": "In a parameter",
    "response": "In a response or a message from the service",
    "header": "In a header of a response",
}


def _is_limit(kind: str) -> bool:
    return kind.startswith(("max-", "min-", "multiple-of-"))


@dataclass(frozen=True, slots=True)
class Verdict:
    """A debatable level, and why it is what it is."""

    level: Severity
    reason: str


_LIMITS = "A reader seldom depends on the limits of a header that it is given."
_LATE = "A limit that is written down late most often held all along."
_TOLERANT = "Readers ignore members that they do not know."
_LOST = "The service ignores what it is sent, so the caller's value is lost in silence."
_TEXTS = "A reader seldom depends on the pattern of a text that it is given."

EXCEPTIONS: Final[dict[str, Verdict]] = {
    **{
        f"{side}-{kind}-set": Verdict("warning", _LATE)
        for side in ("request", "parameter")
        for kind in ("max", "min", "max-length", "max-items", "min-items")
    },
    **{
        f"{side}-{need}-property-removed": Verdict("warning", _LOST)
        for side in ("request", "parameter")
        for need in ("required", "optional")
    },
    **{
        f"{side}-pattern-changed": Verdict("warning", "Whether a pattern narrows is undecidable.")
        for side in ("request", "parameter")
    },
    **{
        f"{side}-pattern-{step}": Verdict("information", _TEXTS)
        for side in ("response", "header")
        for step in ("changed", "removed", "generalized")
    },
    **{
        f"{side}-additional-properties-opened": Verdict("information", _TOLERANT)
        for side in ("response", "header")
    },
    **{
        f"{side}-optional-property-added": Verdict("information", _TOLERANT)
        for side in ("response", "header")
    },
    **{f"header-{kind}": Verdict("information", _LIMITS) for kind in KINDS if _is_limit(kind)},
    **{
        f"{side}-enum-value-added": Verdict(
            "warning", "A list of what is answered grows; readers need a way out for new values."
        )
        for side in ("response", "header")
    },
    **{
        f"{side}-optional-property-removed": Verdict(
            "warning", "Nobody may count on an optional member, yet some will."
        )
        for side in ("response", "header")
    },
    **{
        f"parameter-default-{step}": Verdict(
            "error", "A call that leaves the parameter out is answered in another way."
        )
        for step in ("added", "changed", "removed")
    },
    "parameter-property-type-changed": Verdict(
        "warning", "How a member of an object travels in a parameter is loosely defined."
    ),
    "response-became-optional-with-default": Verdict(
        "warning", "Most services send a member that has a default; FastAPI does."
    ),
    "response-schema-removed": Verdict(
        "warning", "The contract says less; what is sent need not have changed."
    ),
    "response-required-became-not-write-only": Verdict(
        "warning", "What only went in comes out now: look whether it should."
    ),
}

# Rules of operations, with their level.
OPERATION_RULES: Final[dict[str, tuple[Severity, str]]] = {
    "operation-added": ("information", "There is a new operation."),
    "operation-removed": ("error", "An operation is gone without having been deprecated."),
    "operation-removed-after-deprecation": ("information", "A deprecated operation is gone."),
    "operation-removed-before-sunset": ("error", "An operation is gone before its sunset."),
    "operation-deprecated": ("information", "An operation is deprecated."),
    "operation-reactivated": ("information", "An operation is deprecated no more."),
    "operation-id-changed": ("information", "An operation has another id."),
    "sunset-invalid": ("error", "A sunset is no date."),
    "sunset-missing": ("information", "An operation is deprecated without a sunset."),
    "sunset-removed": ("error", "A deprecated operation has lost its sunset."),
    "sunset-too-soon": ("error", "A sunset leaves less time than the policy asks for."),
    "stability-decreased": ("error", "An operation is less stable than it was."),
    "stability-increased": ("information", "An operation is more stable than it was."),
    "stability-invalid": ("error", "A stability level is none that is known."),
    "tag-added": ("information", "An operation has another tag."),
    "tag-removed": ("information", "An operation has lost a tag."),
    "component-schema-removed": ("information", "A named schema is gone."),
    "part-unreadable": ("warning", "A part of a document cannot be read, and is not compared."),
    "webhook-added": ("information", "There is a new webhook."),
    "webhook-removed": ("error", "A webhook is gone."),
    "parameter-added-optional": ("information", "There is a new optional parameter."),
    "parameter-added-required": ("error", "There is a new required parameter."),
    "parameter-removed": ("warning", "A parameter is gone; the service ignores what it is sent."),
    "parameter-removed-after-deprecation": ("information", "A deprecated parameter is gone."),
    "parameter-removed-before-sunset": ("error", "A parameter is gone before its sunset."),
    "parameter-deprecated": ("information", "A parameter is deprecated."),
    "parameter-reactivated": ("information", "A parameter is deprecated no more."),
    "parameter-sunset-invalid": ("error", "The sunset of a parameter is no date."),
    "parameter-sunset-removed": ("error", "A deprecated parameter has lost its sunset."),
    "parameter-sunset-too-soon": ("error", "A parameter's sunset is sooner than the policy asks."),
    "parameter-serialization-changed": ("error", "A parameter is written in another way."),
    "parameter-now-optional": ("information", "A parameter may be left out."),
    "parameter-now-required": ("error", "A parameter must be given."),
    "request-body-added-optional": ("information", "There is a new optional body."),
    "request-body-added-required": ("error", "There is a new required body."),
    "request-body-removed": ("error", "The body is gone; the service ignores what it is sent."),
    "request-body-now-optional": ("information", "The body may be left out."),
    "request-body-now-required": ("error", "The body must be there."),
    "request-media-type-added": ("information", "A body may have another media type."),
    "request-media-type-removed": ("error", "A body may not have a media type any more."),
    "response-status-added": ("information", "There is another status."),
    "response-success-status-removed": ("error", "A success has its status no more."),
    "response-error-status-removed": ("information", "A failure has its status no more."),
    "response-media-type-added": ("information", "An answer may have another media type."),
    "response-media-type-removed": ("error", "An answer has a media type no more."),
    "response-media-type-specialized": ("information", "An answer has a narrower media type."),
    "response-media-type-generalized": ("error", "An answer has a wider media type."),
    "header-added": ("information", "An answer has another header."),
    "header-removed-optional": ("warning", "An optional header is gone."),
    "header-removed-required": ("error", "A required header is gone."),
    "header-now-optional": ("error", "A header may be missing."),
    "header-now-required": ("information", "A header is always there."),
    "security-narrowed": ("error", "Who could call before cannot with the same credentials."),
    "security-scope-added": ("warning", "A scope is asked for that was not."),
    "security-required": ("warning", "What everybody could call asks for credentials."),
    "security-widened": ("information", "More credentials are accepted, or fewer are needed."),
    "security-scheme-added": ("information", "There is a new security scheme."),
    "security-scheme-changed": ("information", "A security scheme is declared in another way."),
    "security-scheme-removed": ("information", "A security scheme is gone."),
    "channel-added": ("information", "There is a new channel."),
    "channel-removed": ("error", "A channel is gone."),
    "channel-address-changed": ("error", "A channel has another address."),
    "message-added": ("error", "The service may send a message that readers do not know."),
    "message-removed": ("information", "The service sends a message no more."),
    "message-accepted": ("information", "The service accepts another message."),
    "message-refused": ("error", "The service accepts a message no more."),
}

_REASONS: Final[dict[str, str]] = {
    "security-required": "The service may have asked for them all along; only the contract is "
    "late. Where it has not, raise this rule to an error.",
    "security-scope-added": "Whether tokens have the scope already, no contract tells.",
    "operation-id-changed": "Callers over HTTP see nothing of it; generated clients have another "
    "function name.",
    "parameter-removed": _LOST,
    "request-body-removed": _LOST,
    "response-error-status-removed": "A failure that cannot happen any more breaks nobody.",
    "component-schema-removed": "Only what operations use can break a caller.",
    "message-added": "A generated client refuses a frame of a type that it does not know.",
}


# A member that is only read comes back when a client changes what it has read and writes it. That
# its kind is another one hurts then; its limits, its values and its presence are the service's own.
ECHOED: Final = (
    "became-not-nullable",
    "became-nullable",
    "format-",
    "min-length-",
    "pattern-",
    "type-",
)


def default_level(side: SchemaSide, kind: str, effect: Effect, *, hidden: bool) -> Severity:
    """Return the level of a step in a schema.

    Args:
        side: Where the schema stands.
        kind: The kind of the step.
        effect: What the step does to the set of accepted values.
        hidden: Whether the member is not there in this direction (read-only in a request,
            write-only in an answer).
    """
    breaking = {"narrows", "changes"} if side in SENT else {"widens", "changes"}
    if hidden and not kind.startswith(ECHOED):
        return "information"
    exception = EXCEPTIONS.get(f"{side}-{kind}")
    return exception.level if exception else ("error" if effect in breaking else "information")


def _rules() -> tuple[Rule, ...]:
    found = [
        Rule(f"{side}-{kind}", f"{where}, {said}.", _reason(f"{side}-{kind}"))
        for side, where in SIDES.items()
        for kind, said in KINDS.items()
    ]
    found += [
        Rule(rule, said, _REASONS.get(rule, "")) for rule, (_, said) in OPERATION_RULES.items()
    ]
    return tuple(found)


def _reason(rule: str) -> str:
    return EXCEPTIONS[rule].reason if rule in EXCEPTIONS else ""


RULES: Final = _rules()
