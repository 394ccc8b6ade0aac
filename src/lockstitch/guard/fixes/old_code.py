"""A function of the base with what it uses, fit to stand in the revision."""

import ast
import builtins
import json
import re
from dataclasses import dataclass, field

from lockstitch.contract.document import Operation
from lockstitch.guard.fixes.calls import call_code
from lockstitch.guard.fixes.case import Case
from lockstitch.guard.fixes.edits import NeedImport
from lockstitch.guard.fixes.registrations import registrations
from lockstitch.guard.fixes.source_file import SourceFile
from lockstitch.guard.sources.syntax import Function

_BUILT_IN = frozenset(dir(builtins))
_WORD = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class OldCode:
    """Definitions in the order in which they must stand; the last one is the function.

    `state` names the variables of before that it keeps for itself, `following` the functions that
    stood behind it.
    """

    pieces: tuple[str, ...]
    imports: tuple[NeedImport, ...]
    state: tuple[str, ...]
    following: tuple[str, ...]


def old_code(case: Case, operation: Operation, file: str) -> OldCode | None:
    """Return the code of an operation's function in the base, if it stands in that file."""
    base, now = case.before(file), case.now(file)
    at = _registered(base, operation)
    if at is None:
        return None
    function, decorator = at
    collector = _Collector(case, file, now)
    # The router is that of the revision, whatever else was changed about it.
    registrar = next(iter(_names(decorator.func)), "")
    collector.seen |= {(file, function.name), (file, registrar)}
    collector.need(function, file)
    if _defining(now, function.name) is not None:
        collector.renamed[function.name] = _v1(function.name)
    marked = _marked(base, decorator, operation, renamed=function.name in collector.renamed)
    pieces = [collector.code(name, node) for name, node in collector.found]
    pieces.append(_wrapped(_renamed(base, function, collector.renamed, marked)))
    order = [node.name for node in base.tree.body if isinstance(node, Function)]
    place = order.index(function.name)
    return OldCode(
        pieces=tuple(pieces),
        imports=tuple(collector.imports),
        state=tuple(
            name
            for _, node in collector.found
            if isinstance(node, ast.Assign | ast.AnnAssign)
            for name in _targets(node)
        ),
        following=tuple(order[place + 1 :]),
    )


@dataclass(slots=True)
class _Collector:
    """Collects definitions of the base that the revision has not, each behind what it uses.

    They come to stand in the file `target`; `found` tells in which file of the base each one was.
    """

    case: Case
    target: str
    now: SourceFile
    renamed: dict[str, str] = field(default_factory=dict)
    found: list[tuple[str, ast.stmt]] = field(default_factory=list)
    imports: list[NeedImport] = field(default_factory=list)
    seen: set[tuple[str, str]] = field(default_factory=set)
    _files: dict[str, SourceFile] = field(default_factory=dict)

    def code(self, file: str, node: ast.stmt) -> str:
        """Return the code of a definition of the base under the new names."""
        return _renamed(self._base(file), node, self.renamed)

    def need(self, node: ast.AST, file: str) -> None:
        """Collect what a piece of the base uses."""
        for name in sorted(_names(node) - _BUILT_IN):
            if (file, name) not in self.seen:
                self.seen.add((file, name))
                self._need(name, file)

    def _need(self, name: str, file: str) -> None:
        node = _defining(self._base(file), name)
        if isinstance(node, ast.ImportFrom):
            self._need_import(node, name, file)
        elif node is not None and not isinstance(node, ast.Import):
            self._need_definition(node, name, file)

    def _need_definition(self, node: ast.stmt, name: str, file: str) -> None:
        imports, seen = len(self.imports), set(self.seen)
        self.need(node, file)
        after = _defining(self.case.now(file), name)
        same = after is not None and ast.unparse(node) == ast.unparse(after)
        if same and not _names(node) & self.renamed.keys():
            # It is used as it stands, with whatever it uses.
            del self.imports[imports:]
            self.seen = seen
            if file != self.target:
                self._import(_module_of(file, self.target), name)
            return
        if _defining(self.now, name) is not None:
            self.renamed[name] = f"{name}V1" if isinstance(node, ast.ClassDef) else _v1(name)
        if (file, node) not in self.found:
            self.found.append((file, node))

    def _need_import(self, node: ast.ImportFrom, name: str, file: str) -> None:
        origin = _file_of(node, file, self.case)
        alias = next(one for one in node.names if name in {one.name, one.asname})
        if origin is None:
            if not node.level:
                self._import(node.module or "", name)
        elif alias.asname is None:
            self._need(name, origin)

    def _import(self, module: str, name: str) -> None:
        if _defining(self.now, name) is None:
            self.imports.append(NeedImport(self.target, module, name))

    def _base(self, file: str) -> SourceFile:
        if file not in self._files:
            self._files[file] = self.case.before(file)
        return self._files[file]


def _file_of(node: ast.ImportFrom, file: str, case: Case) -> str | None:
    """Return the file of the project that an import is from."""
    folders = file.split("/")[: -node.level] if node.level else []
    parts = [*folders, *(node.module or "").split(".")]
    path = "/".join(part for part in parts if part)
    return next(
        (one for one in (f"{path}.py", f"{path}/__init__.py") if one in case.base_texts), None
    )


def _module_of(file: str, target: str) -> str:
    """Return the name under which one file of the project imports another."""
    parts = file.removesuffix(".py").removesuffix("/__init__").split("/")
    if parts[:-1] == target.split("/")[:-1] and len(parts) > 1:
        return f".{parts[-1]}"
    return ".".join(parts)


def _v1(name: str) -> str:
    return f"{name}_V1" if name.isupper() else f"{name}_v1"


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
    arguments: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
    end = max(base.end(one) for one in arguments)
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
    for text in _quoted_annotations(node):
        new = _WORD.sub(lambda found: names.get(found[0], found[0]), base.code(text))
        replacements.append((base.start(text), base.end(text), new))
    decorators = node.decorator_list if isinstance(node, ast.ClassDef | Function) else []
    first = min([node.lineno, *(one.lineno for one in decorators)])
    if isinstance(node, ast.ClassDef | Function) and node.name in names:
        start = base.text.index(node.name, base.start(node) + len("def "))
        replacements.append((start, start + len(node.name), names[node.name]))
    begin, end = base.line_start(first), base.end(node)
    pieces, done = [], begin
    for start, stop, new in sorted(set(replacements)):
        pieces += [base.text[done:start], new]
        done = stop
    return "".join((*pieces, base.text[done:end]))


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
    texts = (str(one.value) for one in _quoted_annotations(node))
    return found | {name for text in texts for name in _WORD.findall(text)}


def _quoted_annotations(node: ast.AST) -> list[ast.Constant]:
    """Return the strings that stand for types, as a class is named before it is defined."""
    annotations = [
        annotation
        for one in ast.walk(node)
        for annotation in (getattr(one, "annotation", None), getattr(one, "returns", None))
        if isinstance(annotation, ast.expr)
    ]
    values = {
        id(part)
        for annotation in annotations
        for one in ast.walk(annotation)
        if isinstance(one, ast.Subscript) and "Literal" in ast.unparse(one.value)
        for part in ast.walk(one.slice)
    }
    return [
        one
        for annotation in annotations
        for one in ast.walk(annotation)
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and id(one) not in values
    ]


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
