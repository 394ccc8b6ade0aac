"""Secrets and what people gave a model, written to a log or into the code."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from lockstitch.audit.python.backend import Backend
from lockstitch.audit.python.module import Module, text_value
from lockstitch.audit.python.routes import Route
from lockstitch.audit.secrets import literal_secret, names_secret
from lockstitch.findings import Finding

RULE: Final = "sensitive-data"
_LOG_METHODS: Final = frozenset(
    {"debug", "info", "warning", "warn", "error", "exception", "critical", "log", "msg"}
)
_LOGGER: Final = re.compile(r"(^|\.)_?(log|logger|logging|structlog\.get_logger)$", re.IGNORECASE)
_IDENTITY: Final = re.compile(r"bearer|jwt|oauth|log_?in|sign_?in|authorization", re.IGNORECASE)
_LANGUAGE: Final = re.compile(r"tokeniz|nltk|spacy|transformers|lexer|import (ast|tokenize)\b")
_INPUTS: Final = re.compile(r"^(prompt|prompts|user_prompt|user_input|input_text|model_input)$")
_LOOSE_INPUTS: Final = re.compile(
    r"^(input|inputs|text|texts|messages|content|features|payload|body|query|request)$"
)
_PREDICTS: Final = re.compile(
    r"predict|infer(ence)?\b|infer_|generate|complet|classify|embed|chat|summari[sz]e|translate",
    re.IGNORECASE,
)
_FIX: Final = "Log an id that leads to it, never the value."


def find(module: Module, backend: Backend) -> Iterator[Finding]:
    """Find what gives secrets or inputs away."""
    predicting = [
        route
        for route in backend.routes
        if route.module is module and _PREDICTS.search(f"{route.path} {route.function.name}")
    ]
    for call in module.calls:
        if _is_log(module, call):
            yield from _logged(module, call, predicting)
    for node in module.of_kind(ast.Constant):
        kind = literal_secret(node.value) if isinstance(node.value, str) else None
        if kind is not None:
            yield module.finding(
                RULE,
                node,
                f"{kind} stands in the code.",
                "Revoke it, and read a new one from the environment.",
                severity="error",
                subject=kind,
            )


def _is_log(module: Module, call: ast.Call) -> bool:
    dotted = module.callee(call)
    if dotted == "print":
        return True
    owner, _, method = dotted.rpartition(".")
    return method in _LOG_METHODS and _LOGGER.search(owner) is not None


def _logged(module: Module, call: ast.Call, predicting: list[Route]) -> Iterator[Finding]:
    is_print = module.callee(call) == "print"
    values = [*call.args, *(one.value for one in call.keywords if one.arg != "exc_info")]
    for name in (name for value in values for name in _names_shown(value)):
        if names_secret(name, token_is_secret=_is_about_identity(module)) and not (
            is_print and _is_program_of_keys(module, call)
        ):
            yield module.finding(
                RULE, call, f"{name} is written to the log.", _FIX, severity="error"
            )
            return
        if _is_input(module, call, name, predicting):
            yield module.finding(
                RULE,
                call,
                f"{name}, what a person gave the model, is written to the log.",
                _FIX,
                severity="error",
            )
            return


def _is_about_identity(module: Module) -> bool:
    is_language = _LANGUAGE.search(module.text) is not None
    return _IDENTITY.search(module.text) is not None and not is_language


def _is_program_of_keys(module: Module, call: ast.Call) -> bool:
    """Whether a command line shows a secret on purpose, once, to the person at the terminal."""
    function = module.function_of(call)
    text = ast.unparse(function) if function is not None else module.text
    return re.search(r"typer|click|argparse|add_argument|sys\.argv", module.text) is not None or (
        "input(" in text
    )


def _names_shown(value: ast.expr) -> Iterator[str]:
    """Yield the variables and members whose very value is printed."""
    pending = [value]
    while pending:
        shown = pending.pop()
        if isinstance(shown, ast.Name):
            yield shown.id
        elif isinstance(shown, ast.Attribute):
            yield shown.attr
        elif isinstance(shown, ast.Subscript):
            yield text_value(shown.slice) or ""
        else:
            pending += reversed(_parts_shown(shown))


def _parts_shown(value: ast.expr) -> list[ast.expr]:
    """Return the expressions whose values appear in the value of another."""
    match value:
        case ast.JoinedStr(values=parts):
            return [part.value for part in parts if isinstance(part, ast.FormattedValue)]
        case ast.BinOp(left=left, right=right):
            return [left, right]
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            return elements
        case ast.Dict(values=values):
            return values
        case ast.Call(func=ast.Attribute(attr="format"), args=arguments):
            return arguments
        case _:
            return []


def _is_input(module: Module, call: ast.Call, name: str, predicting: list[Route]) -> bool:
    function = module.function_of(call)
    if function is None:
        return False
    if any(route.function is function for route in predicting):
        return bool(_INPUTS.match(name) or _LOOSE_INPUTS.match(name))
    return (
        bool(_INPUTS.match(name))
        and _PREDICTS.search(function.name) is not None
        and (module.callee(call) != "print")
    )
