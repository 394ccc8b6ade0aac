"""The route class of every Lockstitch route: strict bytes in, bytes out, problems on the way."""

from collections.abc import Callable, Coroutine
from copy import copy
from inspect import isasyncgenfunction, iscoroutinefunction
from typing import Annotated, Any

from anyio import to_thread
from fastapi import params
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import solve_dependencies
from fastapi.routing import APIRoute, _effective_route_context_var
from pydantic import BaseModel, TypeAdapter
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from lockstitch.api.batch_body import Batch, BatchBody
from lockstitch.api.description import caller_parameter, describe, is_keyed
from lockstitch.api.event_stream import begin_events
from lockstitch.api.form_body import MULTIPART, FormBody
from lockstitch.api.idempotency import answer_once, read_key
from lockstitch.api.json_body import JsonBody
from lockstitch.api.problems import owner_handles, problem_response, violations_of
from lockstitch.api.renewal import renew_session
from lockstitch.api.services import services
from lockstitch.errors import CallerGone, InvalidRequest, RouteNotReady

_CALLER_GONE = CallerGone.status

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ContractRoute(APIRoute):
    """A route that keeps its contract to the letter.

    The caller is identified before the body is read; a JSON body is validated from its bytes and
    a multipart form as it arrives, both strictly; the answer is serialised once, to bytes; every
    error is a problem document, unless the application's owner handles errors of that kind. An
    endpoint that yields the JSON of events, as bytes, is answered as `event_stream` says.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        describe(self)

    def get_route_handler(self) -> Handler:
        """Return the function that answers a request."""
        # A router may be included with dependencies of its own: FastAPI then builds the handler
        # anew, in this context. To overlook it would drop the includer's guards.
        included = _effective_route_context_var.get()
        route = included if included is not None and included.original_route is self else self
        answer = _Endpoint(self, route).answer

        async def handle(request: Request) -> Response:
            try:
                response = await answer(request)
            except (CallerGone, ClientDisconnect):
                # Nobody reads the answer; the log shows that the caller has gone.
                return Response(status_code=_CALLER_GONE)
            except Exception as error:
                if owner_handles(request.app, error):
                    raise
                response = problem_response(request, error)
            await renew_session(request, response)
            return response

        return handle


class _Endpoint:
    """One endpoint as its route, or the route within an including router, describes it."""

    def __init__(self, original: ContractRoute, route: Any) -> None:
        self._call = original.endpoint
        self._is_async = iscoroutinefunction(original.endpoint)
        self._yields = isasyncgenfunction(original.endpoint)
        self._body_name, self._body = _body_of(route.dependant, original)
        self._dependant = _without_body(route.dependant)
        self._overrides = route.dependency_overrides_provider
        self._status = route.status_code or 200
        self._caller_name = caller_parameter(original) if is_keyed(original) else None
        model = route.response_model
        self._serializer = TypeAdapter(model) if model is not None else None

    async def answer(self, request: Request) -> Response:
        solved = await solve_dependencies(
            request=request,
            dependant=self._dependant,
            dependency_overrides_provider=self._overrides,
            async_exit_stack=request.scope["fastapi_inner_astack"],
            embed_body_fields=False,
        )
        values = dict(solved.values)
        violations = violations_of(solved.errors)
        body = b""
        if self._body is not None:
            try:
                values[self._body_name], body = await _read(self._body, request)
            except InvalidRequest as error:
                violations += error.violations
        if violations:
            raise InvalidRequest(violations)
        response = await self._respond(request, values, body)
        response.headers.raw.extend(solved.response.headers.raw)
        response.background = response.background or solved.background_tasks
        return response

    async def _respond(self, request: Request, values: dict[str, Any], body: bytes) -> Response:
        if self._yields:
            return await begin_events(request, self._call(**values))
        key = read_key(request) if self._caller_name is not None else None
        if key is None:
            return self._as_response(await self._run(values))
        return await answer_once(
            request,
            caller=values[self._caller_name or ""],
            key=key,
            body=body,
            run=lambda: self._run(values),
            respond=self._as_response,
        )

    async def _run(self, values: dict[str, Any]) -> Any:
        if self._is_async:
            return await self._call(**values)
        return await to_thread.run_sync(lambda: self._call(**values))

    def _as_response(self, result: Any) -> Response:
        if isinstance(result, Response):
            return result
        if self._serializer is None:
            return Response(status_code=self._status)
        content = self._serializer.dump_json(result, by_alias=True, warnings="error")
        return Response(content, self._status, media_type="application/json")


async def _read(body: JsonBody | FormBody, request: Request) -> tuple[Any, bytes]:
    """Return the validated body, and bytes that are the same for the same body alone."""
    settings = request.app.state.lockstitch_settings
    if isinstance(body, JsonBody):
        content = await body.read(request, settings.max_body_bytes, settings.body_seconds)
        return body.validate(content, settings.max_json_depth), content
    return await body.read(
        request,
        services(request).storage,
        limit_bytes=settings.max_dataset_bytes,
        still_seconds=settings.body_seconds,
        # It closes after the answer: what the route did not keep of the files is then removed.
        cleanup=request.scope["fastapi_inner_astack"],
    )


def _body_of(dependant: Dependant, route: APIRoute) -> tuple[str, JsonBody | FormBody | None]:
    fields = dependant.body_params
    if not fields:
        return "", None
    field = fields[0]
    annotation: Any = field.field_info.annotation
    if len(fields) > 1:
        raise RouteNotReady(
            f"{route.path}: a Lockstitch route takes one JSON body or one form. "
            "Put the fields in one model."
        )
    if isinstance(field.field_info, params.Form):
        return field.name, FormBody(_form_model(field.field_info, annotation, route))
    if isinstance(annotation, type) and issubclass(annotation, Batch):
        return field.name, BatchBody(annotation)
    constraints = field.field_info.metadata
    return field.name, JsonBody(Annotated[annotation, *constraints] if constraints else annotation)


def _form_model(form: params.Form, annotation: Any, route: APIRoute) -> type[BaseModel]:
    is_model = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    if not is_model or form.media_type != MULTIPART:
        raise RouteNotReady(
            f"{route.path}: the form of a Lockstitch route is one model and multipart: "
            f"Annotated[Model, Form(media_type={MULTIPART!r})]."
        )
    model: type[BaseModel] = annotation
    return model


def _without_body(dependant: Dependant) -> Dependant:
    bodyless = copy(dependant)
    bodyless.body_params = []
    return bodyless
