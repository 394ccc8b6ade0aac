"""Where a TypeScript project sends requests."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from tree_sitter import Node

from lockstitch.audit.typescript.nodes import (
    FUNCTIONS,
    ancestors,
    arguments_of,
    callee_of,
    calls_in,
    function_of,
    inner,
    is_component,
    member,
    name_of_function,
    text_of,
    text_value,
    walk,
)
from lockstitch.audit.typescript.script import Script, is_test
from lockstitch.contract.usage.front_end import FrontEnd

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
IDEMPOTENT_METHODS: Final = SAFE_METHODS | {"PUT", "DELETE"}

_FETCH: Final = frozenset({"fetch", "window.fetch", "globalThis.fetch", "self.fetch"})
_VERBS: Final = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request"})
_WITH_BODY: Final = frozenset({"post", "put", "patch"})
_LIBRARIES: Final = {
    "axios": "axios",
    "ky": "ky",
    "got": "got",
    "superagent": "superagent",
    "ofetch": "ofetch",
}
_CACHE: Final = re.compile(
    r"^(useSWR\w*|use\w*Quer(y|ies)|\w*queryOptions|infiniteQueryOptions|prefetch\w*|fetchQuery"
    r"|ensureQueryData|createApi|unstable_cache)$"
)
_HIDDEN: Final = re.compile(r"(^|/)\.")
# A longer line was written by a bundler, not by a person.
_LONGEST_LINE: Final = 3000


@dataclass(frozen=True, eq=False)
class Request:
    """A call that sends a request."""

    script: Script
    call: Node
    library: str
    url: Node | None
    options: Node | None
    # None where the code decides it at run time.
    method: str | None

    @property
    def has_unknown_options(self) -> bool:
        """Whether the options come from elsewhere."""
        return self.options is not None and self.options.type != "object"


@dataclass(eq=False)
class Front:
    """All scripts of a project and what is known across them."""

    front_end: FrontEnd
    mentioned: dict[re.Pattern[bytes], bool] = field(default_factory=dict)

    @cached_property
    def scripts(self) -> dict[str, Script]:
        """Path → script, without what a bundler wrote and what lies in hidden folders."""
        return {
            name: Script(source)
            for name, source in self.front_end.sources.items()
            if not _HIDDEN.search(name) and max(map(len, source.code.split(b"\n"))) <= _LONGEST_LINE
        }

    @cached_property
    def judged(self) -> list[Script]:
        """The scripts that people wrote and that are no tests."""
        return [
            one for one in self.scripts.values() if not is_test(one.path) and not one.is_generated
        ]

    def mentions(self, pattern: re.Pattern[bytes]) -> bool:
        """Whether the text of any script has the pattern; each is searched for once."""
        if pattern not in self.mentioned:
            self.mentioned[pattern] = any(
                pattern.search(script.source.code) for script in self.judged
            )
        return self.mentioned[pattern]

    @cached_property
    def requests(self) -> dict[str, list[Request]]:
        """Path → the requests that its code sends."""
        return {script.path: list(self._requests(script)) for script in self.judged}

    @cached_property
    def instances(self) -> dict[str, dict[str, Node]]:
        """Path → name → the call that makes an axios (or alike) instance."""
        found: dict[str, dict[str, Node]] = {}
        for script in self.judged:
            for name, declarators in script.variables.items():
                made = inner(declarators[0].child_by_field_name("value") or declarators[0])
                if made.type == "call_expression" and re.fullmatch(
                    r"(axios|ky|got|ofetch|\$fetch)\.(create|extend)", callee_of(made)
                ):
                    found.setdefault(script.path, {})[name] = made
        return found

    @cached_property
    def api_names(self) -> dict[str, set[str]]:
        """Path → the names of functions and objects in it that send requests when called."""
        names: dict[str, set[str]] = {
            path: {name for one in sent for name in holders(one.call)}
            for path, sent in self.requests.items()
        }
        # A function that calls such a function is one as well; three levels are enough.
        for _ in range(3):
            before = sum(map(len, names.values()))
            for script in self.judged:
                names.setdefault(script.path, set()).update(self._callers(script, names))
            if before == sum(map(len, names.values())):
                break
        return names

    @cached_property
    def cached_names(self) -> set[str]:
        """The names that are called or given to a cache of queries, which tries reads again."""
        return {
            text_of(node)
            for script in self.judged
            for call in script.nodes["call"]
            if _CACHE.match(callee_of(call).rpartition(".")[2])
            for node in walk(call)
            if node.type in {"identifier", "property_identifier"}
        }

    def is_api_call(self, script: Script, call: Node) -> bool:
        """Whether a call ends in a request: `fetch()`, `getTodos()`, `todoService.find()`."""
        is_request = any(one.call == call for one in self.requests.get(script.path, ()))
        return is_request or self._reaches(script, call, self.api_names)

    def _reaches(self, script: Script, call: Node, names: dict[str, set[str]]) -> bool:
        root, *rest = callee_of(call).split(".")
        if root == "this" and rest:
            return rest[0] in names.get(script.path, ())
        if root in script.imports:
            module, exported = script.imports[root]
            target = self.resolve(script, module)
            if target is None:
                return False
            known = names.get(target.path, set())
            if exported == "*":
                return bool(rest) and rest[0] in known
            return bool(known) if exported == "default" else exported in known
        return root in names.get(script.path, ())

    def resolve(self, script: Script, module: str) -> Script | None:
        """Return the script that an import names, or None when it is a package."""
        name = self.front_end.resolve(script.path, module)
        return self.scripts.get(name) if name is not None else None

    def _callers(self, script: Script, names: dict[str, set[str]]) -> Iterator[str]:
        for call in script.nodes["call"]:
            if self._reaches(script, call, names):
                yield from holders(call)

    def _requests(self, script: Script) -> Iterator[Request]:
        local = _local_names(script)
        for call in script.nodes["call"]:
            callee = callee_of(call)
            if callee in _FETCH and "fetch" not in local:
                yield _fetch(script, call)
                continue
            root, _, verb = callee.rpartition(".")
            library = self._library(script, root or callee)
            if library is not None and (not root or verb in _VERBS):
                yield _library_call(script, call, library, verb if root else "")

    def _library(self, script: Script, name: str) -> str | None:
        if name in self.instances.get(script.path, ()):
            return "instance"
        module, exported = script.imports.get(name, ("", ""))
        if module in _LIBRARIES and exported in {"default", name}:
            return _LIBRARIES[module]
        target = self.resolve(script, module) if module else None
        if target is None:
            return None
        made = self.instances.get(target.path, {})
        return "instance" if (made if exported == "default" else exported in made) else None

    def instance_of(self, request: Request) -> Node | None:
        """Return the call that made the instance through which a request goes."""
        root = callee_of(request.call).rpartition(".")[0]
        if root in self.instances.get(request.script.path, ()):
            return self.instances[request.script.path][root]
        module, exported = request.script.imports.get(root, ("", ""))
        target = self.resolve(request.script, module) if module else None
        made = self.instances.get(target.path, {}) if target is not None else {}
        return made.get(exported) or next(iter(made.values()), None)


def _local_names(script: Script) -> set[str]:
    """Return which of the platform's names the file declares itself, as an injected `fetch`."""
    names = {"fetch"} & (script.imports.keys() | script.functions.keys())
    patterns = [
        pattern
        for kind, member_name in (("variable", "name"), ("function", "parameters"))
        for node in script.nodes[kind]
        if (pattern := node.child_by_field_name(member_name)) is not None
        and b"fetch" in (pattern.text or b"")
    ]
    declares = {"identifier", "shorthand_property_identifier_pattern"}
    if any(
        node.text == b"fetch" and node.type in declares
        for pattern in patterns
        for node in walk(pattern)
    ):
        names.add("fetch")
    return names


def _fetch(script: Script, call: Node) -> Request:
    given = arguments_of(call)
    options = _object(script, given[1]) if len(given) > 1 else None
    method: str | None = "GET"
    if options is not None:
        method = _method_in(options) if options.type == "object" else None
    return Request(script, call, "fetch", given[0] if given else None, options, method)


def _library_call(script: Script, call: Node, library: str, verb: str) -> Request:
    given = arguments_of(call)
    if verb in {"", "request"}:
        url = given[0] if given else None
        options = _object(script, given[-1]) if given else None
        method = _method_in(options) if options is not None and options.type == "object" else None
        if options is not None and options.type == "object" and options == url:
            url = member(options, "url")
        return Request(script, call, library, url, options, method)
    index = 2 if verb in _WITH_BODY and library in {"axios", "instance"} else 1
    options = _object(script, given[index]) if len(given) > index else None
    return Request(script, call, library, given[0] if given else None, options, verb.upper())


def _method_in(options: Node) -> str | None:
    value = member(options, "method")
    if value is None:
        return None if any(one.type == "spread_element" for one in options.children) else "GET"
    text = text_value(value)
    return text.upper() if text is not None else None


def _object(script: Script, node: Node) -> Node:
    """Return the object literal that a node is, or that the variable holds which it names."""
    node = inner(node)
    if node.type == "identifier":
        for declarator in script.variables.get(text_of(node), ()):
            value = declarator.child_by_field_name("value")
            same = function_of(declarator) in {function_of(node), None}
            if value is not None and inner(value).type == "object" and same:
                return inner(value)
    return node


def holders(call: Node) -> Iterator[str]:
    """Yield the names by which the function that calls can be reached from elsewhere."""
    for one in ancestors(call):
        if one.type in FUNCTIONS:
            name = name_of_function(one)
            if is_component(one) or (name.startswith("use") and name[3:4].isupper()):
                return
            if name:
                yield name
        elif one.type == "variable_declarator":
            # An object of functions, or an instance of a class.
            value = one.child_by_field_name("value")
            if value is not None and inner(value).type == "object":
                yield text_of(one.child_by_field_name("name") or one)
        elif one.type in {"class_declaration", "class"}:
            name_node = one.child_by_field_name("name")
            if name_node is not None:
                yield text_of(name_node)
                yield from _instances_of(text_of(name_node), one)


def _instances_of(name: str, definition: Node) -> Iterator[str]:
    root = definition
    while root.parent is not None:
        root = root.parent
    for node in walk(root):
        if node.type == "new_expression" and callee_of(node) == name:
            holder = node.parent
            if holder is not None and holder.type == "variable_declarator":
                yield text_of(holder.child_by_field_name("name") or holder)


def sends(front: Front, script: Script, scope: Node) -> list[Node]:
    """Return the calls within a scope that end in a request."""
    return [call for call in calls_in(scope) if front.is_api_call(script, call)]
