"""Secrets in code that runs in the browser, in its storage, or in a log."""

import re
from collections.abc import Iterator
from typing import Final

from tree_sitter import Node

from lockstitch.audit.secrets import literal_secret, names_secret
from lockstitch.audit.typescript.front import Front
from lockstitch.audit.typescript.nodes import (
    arguments_of,
    callee_of,
    inner,
    text_of,
    text_value,
    walk,
)
from lockstitch.audit.typescript.script import Script
from lockstitch.findings import Finding

RULE: Final = "sensitive-data"
_STORAGE: Final = re.compile(
    r"^(window\.|globalThis\.)?(localStorage|sessionStorage|AsyncStorage)\.setItem$"
)
_STORED: Final = re.compile(
    r"(^|[^a-z])(token|jwt|password|secret|credential|refresh|access|auth|bearer|api[_-]?key|session)"
    r"([^a-z]|$)",
)
_LOGS: Final = re.compile(r"^(console|logger|log)\.(log|info|debug|warn|error|trace|dir|table)$")
_PUBLIC_PREFIX: Final = r"(NEXT_PUBLIC|VITE|REACT_APP|PUBLIC|EXPO_PUBLIC|GATSBY|NUXT_PUBLIC)_"
_PUBLIC_SECRET: Final = re.compile(
    rf"^{_PUBLIC_PREFIX}\w*(SERVICE_ROLE|SECRET|PRIVATE_KEY|PASSWORD|ADMIN_KEY|DATABASE_URL"
    r"|OPENAI_API_KEY|OPENAI_KEY|ANTHROPIC_API_KEY|ACCESS_TOKEN|AUTH_TOKEN)"
)
_SERVICE_ROLE: Final = re.compile(r"service_?role", re.IGNORECASE)
_IDENTITY: Final = re.compile(r"bearer|log_?in|sign_?in|jwt|localStorage|oauth", re.IGNORECASE)
_INPUTS: Final = re.compile(r"^(prompt|prompts|userPrompt|userInput|inputText|modelInput)$")
_LOOSE_INPUTS: Final = re.compile(r"^(input|inputs|text|body|content|query|features|messages)$")
_MODEL_WORDS: Final = re.compile(r"predict|inference|model|prompt|input|completion", re.IGNORECASE)


def find(script: Script, _: Front) -> Iterator[Finding]:
    """Find what gives a secret away."""
    for call in script.nodes["call"]:
        callee = callee_of(call)
        if _STORAGE.match(callee):
            yield from _stored(script, call)
        elif _LOGS.match(callee):
            yield from _logged(script, call)
    for assignment in script.nodes["assignment"]:
        yield from _assigned(script, assignment)
    yield from _public_variables(script)
    yield from _literals(script)


def _stored(script: Script, call: Node) -> Iterator[Finding]:
    given = arguments_of(call)
    if not given:
        return
    key = text_value(given[0]) or text_of(given[0])
    if _STORED.search(_snake(key)) and not (len(given) > 1 and text_value(given[1]) == ""):
        yield _finding(script, call, f"{key} lies where every script of the page can read it.")


def _assigned(script: Script, assignment: Node) -> Iterator[Finding]:
    left = text_of(assignment.child_by_field_name("left") or assignment)
    storage = re.match(r"^(?:window\.)?(?:local|session)Storage(?:\.|\[['\"])(\w+)", left)
    if storage is not None and _STORED.search(_snake(storage[1])):
        yield _finding(
            script, assignment, f"{storage[1]} lies where every script of the page can read it."
        )
    if left == "document.cookie":
        right = assignment.child_by_field_name("right")
        value = text_value(right) or (text_of(right) if right is not None else "")
        if re.match(r"['\"]?\w*(token|jwt|session)\w*=(?!;)", value, re.IGNORECASE):
            yield _finding(script, assignment, "The cookie can be read by every script.")


def _logged(script: Script, call: Node) -> Iterator[Finding]:
    given = arguments_of(call)
    words = " ".join(text_value(one) or "" for one in given)
    for value in given:
        for name in _names_shown(value):
            if names_secret(name, token_is_secret=_IDENTITY.search(script.text) is not None):
                yield _finding(script, call, f"{name} is written to the log.")
                return
            is_input = _INPUTS.match(name) or (
                _LOOSE_INPUTS.match(name) and _MODEL_WORDS.search(words)
            )
            if is_input:
                yield _finding(
                    script, call, f"{name}, what a person gave the model, is written to the log."
                )
                return


def _names_shown(value: Node) -> Iterator[str]:
    """Yield the variables and members whose very value is printed."""
    pending = [value]
    while pending:
        shown = inner(pending.pop())
        if shown.type in {"identifier", "shorthand_property_identifier"}:
            yield text_of(shown)
        elif shown.type == "member_expression":
            yield text_of(shown.child_by_field_name("property") or shown)
        elif shown.type in {"template_string", "template_substitution", "binary_expression"}:
            pending += reversed(shown.named_children)
        elif shown.type == "object":
            pending += reversed([entry for entry in shown.named_children if entry.type != "pair"])
            values = [entry.child_by_field_name("value") for entry in shown.named_children]
            pending += reversed([one for one in values if one is not None])


def _public_variables(script: Script) -> Iterator[Finding]:
    for node in script.nodes["member"]:
        owner = node.child_by_field_name("object")
        name = text_of(node.child_by_field_name("property") or node)
        if owner is None or text_of(owner) not in {"process.env", "import.meta.env"}:
            continue
        if _PUBLIC_SECRET.match(name):
            yield _finding(script, node, f"{name} is built into what every visitor downloads.")
        elif script.is_client and (_SERVICE_ROLE.search(name) or name.endswith("_SECRET")):
            yield _finding(script, node, f"{name} is read in code of the browser.")


def _literals(script: Script) -> Iterator[Finding]:
    for node in script.nodes["text"]:
        value = text_value(node)
        kind = literal_secret(value) if value is not None else None
        if kind is not None:
            yield _finding(script, node, f"{kind} stands in the code.", subject=kind)


def _finding(script: Script, node: Node, message: str, subject: str | None = None) -> Finding:
    return script.finding(
        RULE,
        node,
        message,
        "Keep it on the server: a session belongs into an HttpOnly cookie, a key into the "
        "server's environment, and neither into a log.",
        severity="error",
        subject=subject,
    )


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def token_outlives_sign_out(front: Front) -> Iterator[Finding]:
    """Find a token kept in a module that signing out does not forget."""
    for script in front.judged:
        for name, declarator in _kept_tokens(script):
            if not _is_forgotten(script, name):
                yield script.finding(
                    "token-outlives-sign-out",
                    declarator,
                    f"{name} is kept in the module, and nothing sets it back when a person signs "
                    "out: the next person in this tab goes on as the one before.",
                    "Set it to null where a person signs out.",
                    severity="error",
                    subject=name,
                )


def _kept_tokens(script: Script) -> Iterator[tuple[str, Node]]:
    for name, declarators in script.variables.items():
        declaration = declarators[0].parent
        at_top = declaration is not None and (
            declaration.parent is not None
            and declaration.parent.type in {"program", "export_statement"}
        )
        is_variable = declaration is not None and text_of(declaration).startswith(("let", "var"))
        if at_top and is_variable and re.search(r"(token|jwt)$", name, re.IGNORECASE):
            yield name, declarators[0]


def _is_forgotten(script: Script, name: str) -> bool:
    """Whether any code of the file sets the variable to nothing, or to a parameter."""
    values = [
        inner(right)
        for assignment in script.nodes["assignment"]
        if text_of(assignment.child_by_field_name("left") or assignment) == name
        and (right := assignment.child_by_field_name("right")) is not None
    ]
    if not values:
        return True
    return any(
        value.type in {"null", "undefined", "identifier"}
        or text_value(value) == ""
        or any(part.type in {"null", "undefined"} for part in walk(value))
        for value in values
    )
