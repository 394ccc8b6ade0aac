"""Where a contract document comes from."""

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from lockstitch.contract.bundling import bundled
from lockstitch.contract.pointers import child
from lockstitch.contract.revisions import is_revision, read_revision
from lockstitch.errors import UnreadableDocument

FETCH_SECONDS = 30.0
_APPLICATION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")

# JSON has no such numbers, though Python reads them; a number of 1e999 is infinite as well.
_CONSTANT = re.compile(r"[:\[,-]\s*-?(?:NaN|Infinity|[\d.]+[eE]\+?\d{3})")
# YAML 1.1 reads `no` as false, `2024-01-01` as a date and `0o17` or `1:30` as numbers. A contract
# is JSON in another spelling (YAML 1.2), so only JSON's own scalars are recognised.
_JSON_SCALARS = {
    "tag:yaml.org,2002:bool": (r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    "tag:yaml.org,2002:null": (r"^(?:null|Null|NULL|~|)$", ["~", "n", "N", ""]),
    "tag:yaml.org,2002:int": (r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    "tag:yaml.org,2002:float": (
        r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)(?:[eE][-+]?[0-9]+)?$",
        "-+.0123456789",
    ),
    "tag:yaml.org,2002:merge": (r"^(?:<<)$", "<"),
}


class ReadSource(dict[str, Any]):
    """A parsed document in which all is JSON and every reference is local."""


def read_source(source: str | Path | Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the parsed document that `source` names.

    Args:
        source: A JSON or YAML file, the URL of one, `git:REF:path`, or a document that is parsed
            already. Files that it refers to are read as well.

    Raises:
        UnreadableDocument: It is not there, or does not hold one JSON object.
    """
    if isinstance(source, ReadSource):
        return source
    if isinstance(source, Mapping):
        refuse_constants(source)
        return ReadSource(bundled(source, "", _parsed))
    document = _parsed(source)
    if not isinstance(document, dict):
        raise UnreadableDocument(f"{source} does not hold a JSON object.")
    name = source if isinstance(source, str) else source.as_posix()
    return ReadSource(bundled(document, name, _parsed))


def _parsed(source: str | Path) -> Any:
    return _parse(_text(source), source)


def refuse_constants(document: Any) -> None:
    """Refuse what Python reads as numbers and JSON does not have.

    Raises:
        UnreadableDocument: There is one; the message has its JSON pointer.
    """
    waiting: list[tuple[str, Any]] = [("", document)]
    while waiting:
        pointer, node = waiting.pop()
        if isinstance(node, float) and not math.isfinite(node):
            raise UnreadableDocument(f"{node} is no number of JSON.", pointer=pointer)
        if isinstance(node, dict):
            waiting += [(child(pointer, name), inner) for name, inner in node.items()]
        elif isinstance(node, list):
            waiting += [(child(pointer, place), one) for place, one in enumerate(node)]


def is_url(source: str | Path) -> bool:
    """Whether the source is fetched over HTTP."""
    return str(source).startswith(("http://", "https://"))


def is_application_name(source: str) -> bool:
    """Whether the source is spelt as `module:attribute`."""
    return _APPLICATION.fullmatch(source) is not None


def fetch_text(url: str) -> str:
    """Return what a URL answers.

    Raises:
        UnreadableDocument: Nothing answers within 30 s, or not with success.
    """
    import httpx2

    try:
        answer = httpx2.get(url, follow_redirects=True, timeout=FETCH_SECONDS)
    except httpx2.HTTPError as error:
        raise UnreadableDocument(f"{url} cannot be fetched: {error}") from error
    if not answer.is_success:
        raise UnreadableDocument(f"{url} answers with status {answer.status_code}.")
    return answer.text


def _text(source: str | Path) -> str:
    if is_url(source):
        return fetch_text(str(source))
    if is_revision(source):
        return read_revision(str(source))
    return _read_text(Path(source))


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableDocument(f"{path} cannot be read: {error}") from error


def _parse(text: str, path: str | Path) -> Any:
    try:
        document = _load(text)
        json.dumps(document, ensure_ascii=False).encode()
        if _CONSTANT.search(text):
            refuse_constants(document)
    except UnicodeEncodeError as error:
        raise UnreadableDocument(f"{path} holds half of a surrogate pair.") from error
    except RecursionError as error:
        raise UnreadableDocument(f"{path} is nested too deeply, or contains itself.") from error
    except (ValueError, TypeError, yaml.YAMLError) as error:
        raise UnreadableDocument(f"{path} is neither JSON nor YAML: {error}") from error
    return document


def _load(text: str) -> Any:
    if text.lstrip().startswith("{"):
        return json.loads(text)
    return yaml.load(text, _loader())  # noqa: S506 - a subclass of the safe loader


def _loader() -> type[yaml.SafeLoader]:
    class JsonLoader(yaml.SafeLoader):
        yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own protocol

        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's own protocol
            # The keys of JSON are strings: `200:` is "200".
            self.flatten_mapping(node)
            for key, _ in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    problem = "a key must be a string"
                    raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            return {key.value: self.construct_object(value, deep) for key, value in node.value}

    for tag, (pattern, first) in _JSON_SCALARS.items():
        JsonLoader.add_implicit_resolver(tag, re.compile(pattern), list(first))
    return JsonLoader
