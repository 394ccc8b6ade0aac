"""All scripts of a project: where they send requests, and which names lead there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from tree_sitter import Node

from lockstitch.audit.typescript.nodes import callee_of, calls_in, inner, text_of, walk
from lockstitch.audit.typescript.requests import (
    Request,
    fetch_request,
    holders,
    library_request,
    local_names,
)
from lockstitch.audit.typescript.script import Script, is_test
from lockstitch.contract.usage.front_end import FrontEnd

_FETCH: Final = frozenset({"fetch", "window.fetch", "globalThis.fetch", "self.fetch"})
_VERBS: Final = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request"})
_LIBRARIES: Final = frozenset({"axios", "ky", "got", "superagent", "ofetch"})
_CACHE: Final = re.compile(
    r"^(useSWR\w*|use\w*Quer(y|ies)|\w*queryOptions|infiniteQueryOptions|prefetch\w*|fetchQuery"
    r"|ensureQueryData|createApi|unstable_cache)$"
)
_HIDDEN: Final = re.compile(r"(^|/)\.")
# A longer line was written by a bundler, not by a person.
_LONGEST_LINE: Final = 3000


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
        local = local_names(script)
        for call in script.nodes["call"]:
            callee = callee_of(call)
            if callee in _FETCH and "fetch" not in local:
                yield fetch_request(script, call)
                continue
            root, _, verb = callee.rpartition(".")
            library = self._library(script, root or callee)
            if library is not None and (not root or verb in _VERBS):
                yield library_request(script, call, library, verb if root else "")

    def _library(self, script: Script, name: str) -> str | None:
        if name in self.instances.get(script.path, ()):
            return "instance"
        module, exported = script.imports.get(name, ("", ""))
        if module in _LIBRARIES and exported in {"default", name}:
            return module
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


def sends(front: Front, script: Script, scope: Node) -> list[Node]:
    """Return the calls within a scope that end in a request."""
    return [call for call in calls_in(scope) if front.is_api_call(script, call)]
