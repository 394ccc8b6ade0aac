"""What a route of any FastAPI application can say of itself for its clients.

```python
@app.get("/models", **declare(pages(), fresh(seconds=30)))
async def list_models(cursor: str | None = None) -> ModelPage: ...
```
"""

from collections.abc import Collection
from datetime import date
from typing import Any, Literal

from fastapi import Depends, Response

from lockstitch.contract.extensions import (
    PREFIX,
    Audience,
    Batch,
    Deprecation,
    Extension,
    Fields,
    Freshness,
    Idempotency,
    Invalidates,
    Pages,
    Stream,
)


def declare(*facts: Extension, **openapi_extra: Any) -> dict[str, Any]:
    """Return the arguments of a route decorator that declare these facts.

    Args:
        facts: What `pages`, `fresh` and the other functions of this module return.
        openapi_extra: Further members of the operation, as FastAPI's `openapi_extra` takes them.
    """
    members = {
        f"{PREFIX}{fact.name}": fact.model_dump(mode="json", exclude_none=True) for fact in facts
    }
    dependencies = [_caching(fact) for fact in facts if isinstance(fact, Freshness)]
    for fact in facts:
        if isinstance(fact, Deprecation):
            members |= deprecated_members(fact)
            dependencies.append(_announcing(fact))
    arguments: dict[str, Any] = {"openapi_extra": {**members, **openapi_extra}}
    return arguments | ({"dependencies": dependencies} if dependencies else {})


def pages(*, cursor: str = "cursor", items: str = "items", next: str = "next_cursor") -> Pages:  # noqa: A002
    """Declare that the answer is a page, and how the next one is asked for."""
    return Pages(cursor=cursor, items=items, next=next)


def batch_twin(
    operation: str, *, limit: int = 100, items: str = "items", results: str = "items"
) -> Batch:
    """Declare the operation that takes many inputs of this one at once."""
    return Batch(operation=operation, limit=limit, items=items, results=results)


def selectable(parameter: str = "fields") -> Fields:
    """Declare the query parameter that cuts the answer down to some of its members."""
    return Fields(parameter=parameter)


def fresh(
    *, seconds: int, stale_on_error_seconds: int | None = None, shared: bool = False
) -> Freshness:
    """Declare how long the answer may be used; the route sends it as Cache-Control too.

    Unless it is shared, the answer also varies with Authorization and Cookie.
    """
    return Freshness(seconds=seconds, stale_on_error_seconds=stale_on_error_seconds, shared=shared)


def invalidates(*operations: str) -> Invalidates:
    """Declare the operation ids whose answers this write makes stale."""
    return Invalidates(operations)


def idempotent(by: Literal["key", "natural"] = "key") -> Idempotency:
    """Declare why the write may be repeated: by its Idempotency-Key, or without any harm."""
    return Idempotency(by)


def resumable_stream() -> Stream:
    """Declare that the events have positions, so that a reader can resume after a cut."""
    return Stream()


def audience(
    kind: str,
    *,
    role: str | None = None,
    scope: str | None = None,
    claims: Collection[str] | None = None,
) -> Audience:
    """Declare who may call, for documentation; it protects nothing by itself.

    Args:
        kind: `public`, `person`, `machine`, or a word of the application's own.
        role: The least role of a person.
        scope: The scope of a machine.
        claims: What the token of such a caller holds, such as `sub`; policies may read it.
    """
    told = None if claims is None else tuple(sorted(claims))
    return Audience(kind=kind, role=role, scope=scope, claims=told)


def deprecated(
    since: date,
    *,
    sunset: date | None = None,
    replacement: str | None = None,
    link: str | None = None,
) -> Deprecation:
    """Declare that the operation will go: since when, until when, and what to call instead.

    The route sends it as Deprecation, Sunset and Link too. `lockstitch.contract.versions.deprecate`
    does so for everything below a path, and for errors.
    """
    return Deprecation(since=since, sunset=sunset, replacement=replacement, link=link)


def deprecated_members(fact: Deprecation) -> dict[str, Any]:
    """Return the members of an operation that say so, in our words and in those of other tools."""
    members: dict[str, Any] = {
        "deprecated": True,
        f"{PREFIX}{fact.name}": fact.model_dump(mode="json", exclude_none=True),
    }
    if fact.sunset is not None:
        members["x-sunset"] = fact.sunset.isoformat()
    return members


def _announcing(deprecation: Deprecation) -> Any:
    def announce(response: Response) -> None:
        response.headers.update(deprecation.headers)

    return Depends(announce)


def _caching(freshness: Freshness) -> Any:
    def set_cache_control(response: Response) -> None:
        response.headers.setdefault("Cache-Control", freshness.cache_control)
        if not freshness.shared:
            # Who signs in next in the same browser must not be given this one's answer.
            response.headers.add_vary_header("Authorization")
            response.headers.add_vary_header("Cookie")

    return Depends(set_cache_control)
