"""A whole source: its imports, its exports, its types and its code."""

from tree_sitter import Node

from lockstitch.contract.usage.lowering import expressions, functions, markup
from lockstitch.contract.usage.lowering.expressions import literal_text
from lockstitch.contract.usage.lowering.scopes import Scope, Sheet, declared_names, text_of
from lockstitch.contract.usage.lowering.statements import lower_block
from lockstitch.contract.usage.lowering.types import lower_interface, lower_type
from lockstitch.contract.usage.syntax import (
    Bind,
    Call,
    Declaration,
    Free,
    Function,
    Imported,
    Markup,
    Member,
    MemberPattern,
    Module,
    NamePattern,
    Operation,
    Spread,
)

_HANDLERS = {**expressions.HANDLERS, **functions.HANDLERS, **markup.HANDLERS}
_TOP = (0, 0)
_LOADERS = ("getServerSideProps", "getStaticProps", "getInitialProps")
_TYPES = {"interface_declaration", "type_alias_declaration"}


def lower_module(root: Node, file: str) -> Module:
    """Return a source with its names resolved and its control flow laid flat."""
    sheet = Sheet(file, _HANDLERS)
    top = Function(name="", file=file, at=(0, 0))
    scope = Scope(sheet, top)
    statements = root.named_children
    for statement in statements:
        if statement.type == "import_statement":
            _import(statement, scope)
    _declare_types(root, sheet)
    body = list(lower_block(statements, scope))
    for statement in statements:
        if statement.type == "export_statement":
            body += _export(statement, scope)
    _export_assigned(body, sheet)
    body += _loaded_pages(sheet)
    top.body = tuple(body)
    return Module(
        file=file,
        top=top,
        exports=sheet.exports,
        stars=tuple(sheet.stars),
        types=sheet.types,
        type_imports=sheet.type_imports,
    )


def _loaded_pages(sheet: Sheet) -> list[Operation]:
    """Render a page of the Pages Router as Next.js does: with what its loader returns."""
    page = sheet.exports.get("default")
    loaders = [sheet.exports[name] for name in _LOADERS if name in sheet.exports]
    if page is None:
        return []
    return [
        Markup(page, (Spread(Member(Call(loader, (), (), _TOP), "props", _TOP)),), (), _TOP)
        for loader in loaders
    ]


def _import(statement: Node, scope: Scope) -> None:
    source = statement.child_by_field_name("source")
    if source is None:
        return
    path = literal_text(source)
    for clause in statement.named_children:
        for child in clause.named_children if clause.type == "import_clause" else ():
            if child.type == "identifier":
                _declare_import(text_of(child), path, "default", scope)
            elif child.type == "namespace_import":
                _declare_import(text_of(child.named_children[0]), path, "*", scope)
            elif child.type == "named_imports":
                for specifier in child.named_children:
                    _specifier(specifier, path, scope)


def _specifier(node: Node, path: str, scope: Scope) -> None:
    name, alias = node.child_by_field_name("name"), node.child_by_field_name("alias")
    if name is not None:
        _declare_import(text_of(alias if alias is not None else name), path, text_of(name), scope)


def _declare_import(local: str, path: str, name: str, scope: Scope) -> None:
    scope.names[local] = Imported(path, name)
    scope.sheet.type_imports[local] = (path, name)


def _declare_types(root: Node, sheet: Sheet) -> None:
    """Gather types wherever they stand: one declared within a function is as good as a module's."""
    pending = list(root.named_children)
    while pending:
        node = pending.pop()
        if node.type in _TYPES:
            _declare_type(node, sheet)
        elif node.type in {"export_statement", "ambient_declaration"} or node.type in {
            "function_declaration",
            "statement_block",
        }:
            pending += node.named_children


def _declare_type(node: Node, sheet: Sheet) -> None:
    name = node.child_by_field_name("name")
    if name is None:
        return
    listed = node.child_by_field_name("type_parameters")
    parameters = tuple(
        text_of(inner)
        for child in (listed.named_children if listed is not None else ())
        if (inner := child.child_by_field_name("name")) is not None
    )
    is_interface = node.type == "interface_declaration"
    value = node.child_by_field_name("value")
    found = lower_interface(node) if is_interface else lower_type(value)
    spelled = text_of(name)
    sheet.types[spelled] = Declaration(spelled, parameters, found, sheet.file)


def _export(statement: Node, scope: Scope) -> list[Operation]:
    source = statement.child_by_field_name("source")
    if source is not None:
        _reexport(statement, literal_text(source), scope.sheet)
        return []
    declaration = statement.child_by_field_name("declaration")
    is_default = any(child.type == "default" for child in statement.children)
    if declaration is not None:
        names = list(declared_names(declaration))
        for name in names:
            found = scope.find(name)
            if found is not None:
                scope.sheet.exports["default" if is_default else name] = found
        return _default(declaration, scope) if is_default and not names else []
    value = statement.child_by_field_name("value")
    if value is not None:
        return _default(value, scope)
    _export_names(statement, scope)
    return []


def _default(node: Node, scope: Scope) -> list[Operation]:
    target = scope.declare("default export")
    scope.sheet.exports["default"] = target
    return [Bind(NamePattern(target), scope.lower(node))]


def _export_names(statement: Node, scope: Scope) -> None:
    for clause in statement.named_children:
        for specifier in clause.named_children if clause.type == "export_clause" else ():
            name = specifier.child_by_field_name("name")
            alias = specifier.child_by_field_name("alias")
            if name is None:
                continue
            outside = text_of(alias if alias is not None else name)
            found = scope.find(text_of(name))
            if found is not None:
                scope.sheet.exports[outside] = found
            if text_of(name) in scope.sheet.type_imports:
                scope.sheet.type_imports[outside] = scope.sheet.type_imports[text_of(name)]


def _reexport(statement: Node, path: str, sheet: Sheet) -> None:
    clauses = [
        c for c in statement.named_children if c.type in {"export_clause", "namespace_export"}
    ]
    if not clauses:
        sheet.stars.append(path)
    for clause in clauses:
        if clause.type == "namespace_export":
            sheet.exports[text_of(clause.named_children[0])] = Imported(path, "*")
            continue
        for specifier in clause.named_children:
            name = specifier.child_by_field_name("name")
            alias = specifier.child_by_field_name("alias")
            if name is not None:
                outside = text_of(alias if alias is not None else name)
                sheet.exports[outside] = Imported(path, text_of(name))
                sheet.type_imports.setdefault(outside, (path, text_of(name)))


def _export_assigned(body: list[Operation], sheet: Sheet) -> None:
    """Read `module.exports = value` and `exports.name = value`."""
    for operation in body:
        pattern = getattr(operation, "target", None)
        if not isinstance(pattern, MemberPattern) or pattern.name is None:
            continue
        owner = pattern.object
        is_module = isinstance(owner, Free) and owner.name == "module"
        value = getattr(operation, "value", None)
        if value is None:
            continue
        if is_module and pattern.name == "exports":
            sheet.exports["default"] = value
        elif isinstance(owner, Free) and owner.name == "exports":
            sheet.exports[pattern.name] = value
