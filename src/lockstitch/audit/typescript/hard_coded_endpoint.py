"""An address of a service that stands in the code."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from tree_sitter import Node

from lockstitch.audit.typescript.front import Front
from lockstitch.audit.typescript.nodes import (
    ancestors,
    arguments_of,
    callee_of,
    inner,
    text_of,
    text_value,
)
from lockstitch.audit.typescript.script import Script
from lockstitch.findings import Finding, Severity

RULE: Final = "hard-coded-endpoint"
# With a part of the host from elsewhere, as in `http://127.0.0.1:${port}`, it is not hard-coded.
FIXED_ADDRESS: Final = re.compile(r"^(https?|wss?)://[\w[][^{/]*(/|$|\?)", re.IGNORECASE)
_NAMES_A_SERVICE: Final = re.compile(
    r"(api|base|backend|server|service|endpoint|gateway|socket|ws|host).*(url|uri|base|host|origin"
    r"|endpoint|root|path)?$|^(url|uri|endpoint|origin)$",
    re.IGNORECASE,
)
_NOT_A_SERVICE: Final = re.compile(
    r"(doc|link|href|site|homepage|repo|issue|schema|namespace|xmlns|image|logo|icon|font|cdn|license"
    r"|terms|privacy|help|support|example|placeholder|canonical|metadata)",
    re.IGNORECASE,
)
# Made once, by others, and the same for everybody: nothing to configure.
_PUBLIC: Final = re.compile(
    r"(^|\.)(github\.com|githubusercontent\.com|googleapis\.com|stripe\.com|openai\.com"
    r"|anthropic\.com|npmjs\.org|pypi\.org|huggingface\.co|sentry\.io|w3\.org|cloudflare\.com"
    r"|unsplash\.com|jsdelivr\.net|unpkg\.com|slack\.com|discord\.com|telegram\.org"
    r"|microsoft\.com|microsoftonline\.com|google\.com|facebook\.com|amazonaws\.com|gitlab\.com"
    r"|apple\.com|linkedin\.com|twitter\.com|notion\.com|mistral\.ai|cohere\.(ai|com)"
    r"|replicate\.com|tavily\.com|deepseek\.com|openrouter\.ai)$"
)
_CALLERS: Final = re.compile(
    r"^(useSWR\w*|useFetch|\$fetch|createClient|createTRPC\w*|axios\.create|ky\.(create|extend)"
    r"|io|openapi\w*|createApi|fetchBaseQuery|request|sendBeacon|navigator\.sendBeacon)$"
)
_CONNECTIONS: Final = frozenset({"WebSocket", "EventSource", "ApolloClient", "HttpLink"})
_MEMBERS: Final = frozenset(
    {"baseURL", "baseUrl", "base_url", "apiUrl", "apiURL", "prefixUrl", "uri", "endpoint"}
)
FIX: Final = "Read it from the configuration, or call the page's own origin and let it forward."


def find(script: Script, front: Front) -> Iterator[Finding]:
    """Find addresses that requests go to."""
    requested = {
        node.id
        for request in front.requests.get(script.path, ())
        if request.url is not None
        for node in (request.url, *request.url.children)
    }
    for node in script.nodes["text"]:
        address = text_value(node)
        if address is None or not FIXED_ADDRESS.match(address) or is_public(address):
            continue
        if node.id in requested or _is_of_a_service(node):
            yield _finding(script, node, address)


def several(front: Front) -> Iterator[Finding]:
    """Find front ends whose clients call different services by fixed addresses."""
    bases: dict[str, tuple[Script, Node]] = {}
    for script in front.judged:
        for finding_node in _base_nodes(script, front):
            bases.setdefault(_origin(text_value(finding_node) or ""), (script, finding_node))
    if len(bases) < 2:  # noqa: PLR2004
        return
    first, *others = bases.items()
    for origin, (script, node) in others:
        finding = script.finding(
            "several-base-urls",
            node,
            f"This client calls {origin}, while another calls {first[0]}.",
            "Keep one client with one base URL; a service that is another has a name of its own.",
            subject=origin,
        )
        yield finding.model_copy(update={"related": (first[1][0].place(first[1][1]),)})


def _base_nodes(script: Script, front: Front) -> Iterator[Node]:
    # Only files that send requests are clients; a page that names an address is told above.
    if not front.requests.get(script.path):
        return
    for node in script.nodes["text"]:
        address = text_value(node)
        is_fixed = address is not None and FIXED_ADDRESS.match(address) and not is_public(address)
        if is_fixed and _is_of_a_service(node):
            yield node


def _finding(script: Script, node: Node, address: str) -> Finding:
    fallback = _falls_back(node)
    severity: Severity = "information" if fallback else "warning"
    message = (
        f"Where nothing is configured, {_origin(address)} is called."
        if fallback
        else f"The address {_origin(address)} stands in the code."
    )
    fix = "Fail at the start when it is not configured." if fallback else FIX
    return script.finding(RULE, node, message, fix, severity=severity, subject=_origin(address))


def _falls_back(node: Node) -> bool:
    around = node.parent
    if around is None or around.type not in {"binary_expression", "ternary_expression"}:
        return False
    return re.search(r"\benv\b|config|settings", text_of(around), re.IGNORECASE) is not None


def _is_of_a_service(node: Node) -> bool:
    for one in ancestors(node):
        if one.type == "variable_declarator":
            return _names_a_service(one.child_by_field_name("name"))
        if one.type == "pair":
            key = one.child_by_field_name("key")
            return key is not None and text_of(key).strip("'\"") in _MEMBERS
        if one.type in {"public_field_definition", "assignment_expression"}:
            named = one.child_by_field_name("name") or one.child_by_field_name("left")
            return _names_a_service(named)
        if one.type in {"call_expression", "new_expression"}:
            first = arguments_of(one)[:1]
            callee = callee_of(one)
            known = _CALLERS.match(callee) or callee in _CONNECTIONS
            return bool(known) and bool(first) and node.id in {first[0].id, inner(first[0]).id}
        if one.type in {"statement_block", "jsx_attribute", "jsx_element", "arrow_function"}:
            return False
    return False


def _names_a_service(name: Node | None) -> bool:
    if name is None:
        return False
    text = text_of(name).rpartition(".")[2].replace("_", "")
    return _NAMES_A_SERVICE.search(text) is not None and _NOT_A_SERVICE.search(text) is None


def _origin(address: str) -> str:
    parts = urlsplit(address.replace("{}", "x"))
    return f"{parts.scheme}://{parts.netloc}"


def is_public(address: str) -> bool:
    """Whether an address is that of a public service, the same for everybody."""
    try:
        return _PUBLIC.search(urlsplit(address).hostname or "") is not None
    except ValueError:
        return True
