"""Who may do what: routes that do not ask, that believe the body, or that forget the answer."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from lockstitch.audit.python.backend import Backend
from lockstitch.audit.python.module import (
    Function,
    Module,
    keyword,
    own_nodes,
    parameters,
)
from lockstitch.audit.python.routes import Route
from lockstitch.findings import Finding

WITHOUT: Final = "route-without-identity"
FROM_INPUT: Final = "identity-from-input"
SERVICE_ROLE: Final = "service-role-without-identity"
UNCHECKED: Final = "ownership-unchecked"
_WRITES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
# What nobody can be signed in for.
_OPEN_PATHS: Final = re.compile(
    r"log-?_?in|log-?_?out|sign-?_?(in|up|out)|regist|token|auth|password|reset|forgot|recover"
    r"|verif|confirm|webhook|callback|health|oauth|sessions?\b|people|contact|public|csrf|invit"
    r"|slack|teams/|discord|telegram|stripe|github|/events?\b|subscri|newsletter|unsubscri|refresh|ping|feedback|metrics|csp-report|onboard|mfa|otp\b|challenge|setup|mock|test",
    re.IGNORECASE,
)
# Where people and what belongs to them are administered, the input says whom it is about.
_ABOUT_PEOPLE: Final = re.compile(
    r"member|role|assign|invit|team|share|permission|grant|users?\b|people|customer|organi[sz]ation"
    r"|account|keys?\b|seat|tenant|credential",
    re.IGNORECASE,
)
_OWNER: Final = re.compile(
    r"^(user|owner|author|account|tenant|organi[sz]ation|org|person|member|customer|creator)_?id$"
    r"|^(user|owner)Id$"
)
_ADMIN: Final = re.compile(
    r"admin|superuser|operator|staff|service|internal|machine", re.IGNORECASE
)
_ADMIN_PATH: Final = re.compile(r"admin|superuser|internal", re.IGNORECASE)
_PRIVILEGED: Final = re.compile(r"service_?role|supabase_admin|admin_client", re.IGNORECASE)
_PERSON: Final = re.compile(
    r"user|person|principal|account|member|identity|caller|actor", re.IGNORECASE
)
_TOUCHES: Final = re.compile(
    r"\.(execute|exec|fetch\w*|query|get|delete|add|commit|update|table|filter\w*|where)\("
)


def find(module: Module, backend: Backend) -> Iterator[Finding]:
    """Find routes of a module whose caller is unknown, made up, or not used."""
    for route in backend.routes:
        if route.module is not module or "flask" in module.text.lower():
            continue
        known = backend.identity_of(route)
        if not known:
            yield from _without_identity(route, backend)
            yield from _privileged(route, backend)
        yield from _from_input(route, backend)
        if known:
            yield from _unchecked(route, backend)


def _without_identity(route: Route, backend: Backend) -> Iterator[Finding]:
    if _only_redirects(route.function):
        return
    if route.method not in _WRITES or _OPEN_PATHS.search(f"{route.path} {route.function.name}"):
        return
    if backend.is_guarded_by_middleware or not backend.has_identity(
        backend.application_of(route.module)
    ):
        return
    yield route.module.finding(
        WITHOUT,
        route.decorator,
        f"Anybody may call {route.name}, where other routes ask who is calling.",
        "Depend on the signed-in person, as the other routes do.",
        severity="error",
        subject=route.name,
    )


def _only_redirects(function: Function) -> bool:
    last = function.body[-1]
    return (
        isinstance(last, ast.Return)
        and last.value is not None
        and ("RedirectResponse" in ast.unparse(last.value))
    )


def _privileged(route: Route, backend: Backend) -> Iterator[Finding]:
    if backend.is_guarded_by_middleware or not _reaches_privilege(route, backend):
        return
    yield route.module.finding(
        SERVICE_ROLE,
        route.decorator,
        f"{route.name} uses the service-role key, past every policy, and anybody may call it.",
        "Ask who is calling, and read with that person's own claims.",
        severity="error",
        subject=route.name,
    )


def _reaches_privilege(route: Route, backend: Backend) -> bool:
    """Whether a route, or a function of the project that it calls, uses the service role."""
    if _uses_privilege(route.function, backend):
        return True
    for node in own_nodes(route.function):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            for _, function in backend.functions.get(name, ()):
                if _uses_privilege(function, backend):
                    return True
    return any(
        _uses_privilege(function, backend)
        for dependency in backend.dependencies_of(route.function)
        for _, function in backend.functions.get(ast.unparse(dependency).rpartition(".")[2], ())
    )


def _uses_privilege(function: Function, backend: Backend) -> bool:
    for node in own_nodes(function):
        name = getattr(node, "id", getattr(node, "attr", ""))
        if not isinstance(name, str):
            continue
        if _PRIVILEGED.search(name):
            return True
        held = backend.aliases.get(name)
        # `supabase = create_client(URL, SERVICE_ROLE_KEY)` at the top of a module.
        if isinstance(held, ast.Call) and re.search(
            r"service_?role", ast.unparse(held), re.IGNORECASE
        ):
            return True
    return False


def _from_input(route: Route, backend: Backend) -> Iterator[Finding]:
    if route.method not in _WRITES or _ABOUT_PEOPLE.search(route.path):
        return
    if _is_for_admins(route, backend) or backend.refuses(route):
        return
    if not backend.has_identity(backend.application_of(route.module)):
        return
    compared = _compared_names(route.function)
    for parameter, default in parameters(route.function):
        annotation = ast.unparse(parameter.annotation) if parameter.annotation else ""
        source = f"{annotation} {ast.unparse(default) if default is not None else ''}"
        if _OWNER.match(parameter.arg):
            told = re.search(r"\b(Form|Body|Query)\b", source)
            in_path = f"{{{parameter.arg}" in route.path or "Depends" in source
            own_alias = annotation.rpartition(".")[2] in backend.aliases
            is_query = not told and not in_path and not own_alias
            if (told or is_query) and parameter.arg not in compared:
                yield _finding(route, parameter, parameter.arg)
        model = backend.classes.get(annotation.rpartition(".")[2])
        if model is not None:
            yield from _of_body(route, parameter.arg, model, compared)


def _of_body(route: Route, body: str, model: ast.ClassDef, compared: set[str]) -> Iterator[Finding]:
    fields = {
        statement.target.id
        for statement in model.body
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    }
    owners = {name for name in fields if _OWNER.match(name)}
    principals = {name for name in _dependent_names(route) if name != body}
    for node in own_nodes(route.function):
        if not isinstance(node, ast.Attribute) or getattr(node.value, "id", "") != body:
            continue
        with_principal = any(
            isinstance(one, ast.Call) and principals & _argument_names(one)
            for one in route.module.ancestors(node)
        )
        if node.attr in owners and node.attr not in compared and not with_principal:
            yield _finding(route, node, f"{body}.{node.attr}")
            return


def _dependent_names(route: Route) -> set[str]:
    """Return the parameters that name a person."""
    return {one.arg for one, _ in parameters(route.function) if _PERSON.search(one.arg)}


def _argument_names(call: ast.Call) -> set[str]:
    """Return the variables that are given to a call whole: whoever takes both may compare them."""
    values = [*call.args, *(one.value for one in call.keywords)]
    return {one.id for one in values if isinstance(one, ast.Name)}


def _finding(route: Route, node: ast.arg | ast.expr, name: str) -> Finding:
    # An `arg` has a place as an expression has.
    anchor = node if isinstance(node, ast.expr) else (node.annotation or route.decorator)
    return route.module.finding(
        FROM_INPUT,
        anchor,
        f"{route.name} believes {name}: whoever calls chooses whose it is.",
        "Take it from the session or the token, and refuse the member in the input.",
        severity="error",
        subject=f"{route.name} {name}",
    )


def _compared_names(function: Function) -> set[str]:
    """Return the names that an `if` holds against something, such as the signed-in person."""
    found: set[str] = set()
    for node in own_nodes(function):
        if isinstance(node, ast.Compare):
            for one in ast.walk(node):
                if isinstance(one, ast.Name):
                    found.add(one.id)
                elif isinstance(one, ast.Attribute):
                    found.add(one.attr)
    return found


def _is_for_admins(route: Route, backend: Backend) -> bool:
    given = keyword(route.decorator, "dependencies")
    named = [*backend.dependencies_of(route.function), *([given] if given is not None else [])]
    return any(_ADMIN.search(ast.unparse(one)) for one in named) or bool(
        _ADMIN_PATH.search(f"{route.path} {route.module.path}")
    )


def _unchecked(route: Route, backend: Backend) -> Iterator[Finding]:
    """Find routes that ask who is calling, take an id, and never use the answer."""
    if "{" not in route.path or _is_for_admins(route, backend):
        return
    used = {node.id for node in own_nodes(route.function) if isinstance(node, ast.Name)}
    body = " ".join(ast.unparse(statement) for statement in route.function.body)
    if not _TOUCHES.search(body):
        return
    people = [
        parameter
        for parameter, default in parameters(route.function)
        if _PERSON.search(parameter.arg)
        and f"{{{parameter.arg}" not in route.path
        and _is_dependency(parameter, default, backend)
        and not (route.method not in _WRITES and _is_unused_on_purpose(route.module, parameter))
    ]
    if people and not any(parameter.arg in used for parameter in people):
        yield route.module.finding(
            UNCHECKED,
            route.decorator,
            f"{route.name} asks who is calling and never uses it: any id of anybody's is accepted.",
            "Look the row up by its id and its owner, or open the transaction with the "
            "caller's claims.",
            severity="error" if route.method in _WRITES else "warning",
            subject=route.name,
        )


def _is_unused_on_purpose(module: Module, parameter: ast.arg) -> bool:
    """Whether the code says so: `_user`, or a comment to a linter. Reads may be for all."""
    return parameter.arg.startswith("_") or "noqa" in module.lines[parameter.lineno - 1]


def _is_dependency(parameter: ast.arg, default: ast.expr | None, backend: Backend) -> bool:
    text = ast.unparse(default) if default is not None else ""
    annotation = ast.unparse(parameter.annotation) if parameter.annotation is not None else ""
    held = backend.aliases.get(annotation.rpartition(".")[2])
    text += annotation + (ast.unparse(held) if held is not None else "")
    return re.search(r"\b(Depends|Security)\(", text) is not None
