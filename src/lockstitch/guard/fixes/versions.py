"""A route that changed too much for a small fix: the old one stays, the new one moves to /v2.

The old function comes back from the source of the base, with those of the definitions that it
uses which have changed since; they get a name that ends in `V1` or `_v1`.
"""

import ast
import builtins
import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from lockstitch.contract.difference import Change
from lockstitch.contract.document import Operation
from lockstitch.guard.fixes.calls import call_code
from lockstitch.guard.fixes.case import Case
from lockstitch.guard.fixes.edits import AddAtEnd, AddBefore, Edit, NeedImport, SetDecorator
from lockstitch.guard.fixes.proposal import Proposal
from lockstitch.guard.fixes.registrations import registration_of, registrations
from lockstitch.guard.fixes.source_file import SourceFile
from lockstitch.guard.sources.syntax import Function

_BUILT_IN = frozenset(dir(builtins))


def version_route(case: Case, change: Change) -> Iterator[Proposal]:
    """Yield the fix that keeps the old route and moves the new one to a new version."""
    before, _ = case.operations(change)
    route = case.route(change)
    found = registration_of(case, route) if route else None
    if before is None or found is None:
        return
    old = _old_code(case, before, found.route.file)
    if old is None:
        return
    moved = json.dumps(f"/v2{found.path}")
    edits: tuple[Edit, ...] = (
        SetDecorator(found.route.file, found.route.function, found.code, first=moved),
        *(AddBefore(found.route.file, found.route.function, code) for code in old.pieces),
        *old.imports,
    )
    yield Proposal(
        kind="route-versioned",
        explanation=(
            f"`{before.method.upper()} {before.path}` is the route of before again, marked as "
            f"deprecated; the new one is `{found.prefix}/v2{found.path}`.{_shared_state(old)}"
        ),
        edits=edits,
    )


def restore_route(case: Case, change: Change) -> Iterator[Proposal]:
    """Yield the fix that brings a removed route back from the source of the base."""
    before, after = case.operations(change)
    if before is None or after is not None:
        return
    for name in sorted(case.base_texts):
        old = _old_code(case, before, name) if name in case.texts else None
        if old is None:
            continue
        yield Proposal(
            kind="route-restored",
            explanation=(
                f"`{before.method.upper()} {before.path}` is there again, marked as deprecated, "
                f"until no caller uses it any more.{_shared_state(old)}"
            ),
            edits=(*_at_its_place(case, name, old), *old.imports),
        )
        return


def _shared_state(old: "_OldCode") -> str:
    if not old.state:
        return ""
    words = ", ".join(f"`{name}`" for name in old.state)
    return f" It keeps {words} of its own: let both routes share what they store."


def _at_its_place(case: Case, name: str, old: "_OldCode") -> Iterator[Edit]:
    """Put the route before the one that followed it in the base, else at the end."""
    now = SourceFile(case.texts[name]).definitions
    following = next((one for one in old.following if one in now), None)
    if following is None:
        yield AddAtEnd(name, "\n\n\n".join(old.pieces))
    for code in old.pieces if following else ():
        yield AddBefore(name, following or "", code)


# The code of before


@dataclass(slots=True)
class _OldCode:
    pieces: tuple[str, ...]
    imports: tuple[NeedImport, ...]
    state: tuple[str, ...]
    following: tuple[str, ...]


@dataclass(slots=True)
class _Collector:
    """Collects definitions of the base that the revision has not, in the order of the file."""

    base: SourceFile
    revision: SourceFile
    file: str
    renamed: dict[str, str] = field(default_factory=dict)
    nodes: list[ast.stmt] = field(default_factory=list)
    imports: list[NeedImport] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def need(self, node: ast.AST) -> None:
        """Collect what a piece of the base uses."""
        for name in sorted(_names(node) - self.seen - _BUILT_IN):
            self.seen.add(name)
            self._need(name)

    def _need(self, name: str) -> None:
        before, after = _defining(self.base, name), _defining(self.revision, name)
        if before is None:
            return
        if isinstance(before, ast.Import | ast.ImportFrom):
            self._need_import(before, name, after)
            return
        self.need(before)
        used = _names(before) & self.renamed.keys()
        same = after is not None and self.base.code(before) == self.revision.code(after)
        if same and not used:
            return
        if after is not None:
            self.renamed[name] = f"{name}V1" if isinstance(before, ast.ClassDef) else _v1(name)
        if before not in self.nodes:
            self.nodes.append(before)

    def _need_import(
        self, before: ast.Import | ast.ImportFrom, name: str, after: ast.stmt | None
    ) -> None:
        if after is None and isinstance(before, ast.ImportFrom) and not before.level:
            self.imports.append(NeedImport(self.file, before.module or "", name))


def _v1(name: str) -> str:
    return f"{name}_V1" if name.isupper() else f"{name}_v1"


def _old_code(case: Case, operation: Operation, file: str) -> _OldCode | None:
    """Return the code of an operation's function in the base, fit to stand in the revision."""
    text = case.base_texts.get(file)
    if text is None:
        return None
    base, revision = SourceFile(text), SourceFile(case.texts[file])
    at = _registered(base, operation)
    if at is None:
        return None
    function, decorator = at
    collector = _Collector(base, revision, file)
    collector.seen.add(function.name)
    collector.need(function)
    if _defining(revision, function.name) is not None:
        collector.renamed[function.name] = _v1(function.name)
    collector.nodes.sort(key=lambda node: node.lineno)
    pieces = [_renamed(base, node, collector.renamed) for node in collector.nodes]
    marked = _marked(base, decorator, operation, renamed=function.name in collector.renamed)
    pieces.append(_wrapped(_renamed(base, function, collector.renamed, marked)))
    order = [node.name for node in base.tree.body if isinstance(node, Function)]
    place = order.index(function.name) if function.name in order else len(order)
    return _OldCode(
        pieces=tuple(pieces),
        imports=tuple(collector.imports),
        state=tuple(
            name
            for node in collector.nodes
            if isinstance(node, ast.Assign | ast.AnnAssign)
            for name in _targets(node)
        ),
        following=tuple(order[place + 1 :]),
    )


def _registered(base: SourceFile, operation: Operation) -> tuple[Function, ast.Call] | None:
    for node in base.tree.body:
        if not isinstance(node, Function) or not operation.id.startswith(node.name):
            continue
        for call, method, path in registrations(node):
            if method == operation.method and operation.path.endswith(path):
                return node, call
    return None


def _marked(
    base: SourceFile, call: ast.Call, operation: Operation, *, renamed: bool
) -> tuple[int, int, str]:
    """Return the replacement that marks the old decorator, and keeps the operation's id."""
    known = {one.arg for one in call.keywords}
    added = [] if "deprecated" in known else ["deprecated=True"]
    if renamed and "operation_id" not in known:
        added.append(f"operation_id={json.dumps(operation.id)}")
    end = base.end(call) - 1
    return end, end, "".join(f", {one}" for one in added)


def _renamed(
    base: SourceFile,
    node: ast.stmt,
    names: dict[str, str],
    marked: tuple[int, int, str] | None = None,
) -> str:
    """Return a definition's text with other names for what was renamed."""
    replacements = [marked] if marked else []
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and inner.id in names:
            start = base.start(inner)
            replacements.append((start, start + len(inner.id), names[inner.id]))
    decorators = node.decorator_list if isinstance(node, ast.ClassDef | Function) else []
    first = min([node.lineno, *(one.lineno for one in decorators)])
    if isinstance(node, ast.ClassDef | Function) and node.name in names:
        start = base.text.index(node.name, base.start(node) + len("def "))
        replacements.append((start, start + len(node.name), names[node.name]))
    begin, end = base.line_start(first), base.end(node)
    text, done = [], begin
    for start, stop, new in sorted(set(replacements)):
        text += [base.text[done:start], new]
        done = stop
    return "".join((*text, base.text[done:end]))


def _wrapped(code: str) -> str:
    """Return a function's code with its decorators on several lines where they are too long."""
    file = SourceFile(code)
    function = file.tree.body[0]
    for one in function.decorator_list if isinstance(function, Function) else ():
        if isinstance(one, ast.Call) and one.lineno == one.end_lineno:
            parts: list[ast.expr | ast.keyword] = [*one.args, *one.keywords]
            given = [file.code(part) for part in parts]
            file.replace(file.start(one), file.end(one), call_code(file.code(one.func), given, 1))
    return file.rendered()


def _names(node: ast.AST) -> set[str]:
    found = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    strings = (
        one.value
        for one in ast.walk(node)
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value.isidentifier()
    )
    # A class may be named by a string where it is not defined yet.
    return found | set(strings)


def _defining(file: SourceFile, name: str) -> ast.stmt | None:
    for node in file.tree.body:
        if isinstance(node, ast.ClassDef | Function) and node.name == name:
            return node
        if isinstance(node, ast.Assign | ast.AnnAssign) and name in _targets(node):
            return node
        if isinstance(node, ast.Import | ast.ImportFrom) and name in {
            one.asname or one.name for one in node.names
        }:
            return node
    return None


def _targets(node: ast.Assign | ast.AnnAssign) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [one.id for one in targets if isinstance(one, ast.Name)]
