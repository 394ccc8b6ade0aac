"""The route class of every Lockstitch route: strict bytes in, bytes out, problems on the way."""

from collections.abc import Callable, Coroutine
from copy import copy
from inspect import isasyncgenfunction, iscoroutinefunction
from time import perf_counter
from typing import Annotated, Any

from anyio import to_thread
from fastapi import params
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import solve_dependencies
from fastapi.routing import APIRoute, _effective_route_context_var
from pydantic import BaseModel, TypeAdapter
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from lockstitch.api.description import caller_parameter, describe, is_keyed
from lockstitch.api.event_stream import begin_events
from lockstitch.api.form_body import MULTIPART, FormBody
from lockstitch.api.idempotency import answer_once, read_key
from lockstitch.api.json_answer import JsonAnswer
from lockstitch.api.json_body import JsonBody
from lockstitch.api.plain_dependant import PlainDependant
from lockstitch.api.problems import owner_handles, problem_response, violations_of
from lockstitch.api.renewal import RENEWAL, renew_session
from lockstitch.api.services import Services, services
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

    # Whether a process works on so many of its requests at once and refuses the next.
    bounded = False

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        describe(self)

    def get_route_handler(self) -> Handler:
        """Return the function that answers a request."""
        # A router may be included with dependencies of its own: FastAPI then builds the handler
        # anew, in this context. To overlook it would drop the includer's guards.
        included = _effective_route_context_var.get()
        route = included if included is not None and included.original_route is self else self
        return Endpoint(self, route).handle


class BoundedRoute(ContractRoute):
    """A route of a model: what is in work at once is bounded."""

    bounded = True


class PredictionRoute(BoundedRoute):
    """The route of one prediction, which is compiled where nothing stands between."""


class Endpoint:
    """One endpoint as its route, or the route within an including router, describes it."""

    def __init__(self, original: ContractRoute, route: Any) -> None:
        self.path: str = route.path
        self.call = original.endpoint
        self.is_async = iscoroutinefunction(original.endpoint)
        self._yields = isasyncgenfunction(original.endpoint)
        self._bounded = original.bounded
        self.body_name, self.body = _body_of(route.dependant, original)
        self._dependant = _without_body(route.dependant)
        self.plain = PlainDependant.of(self._dependant)
        self._overrides = route.dependency_overrides_provider
        self._status = route.status_code or 200
        self._caller_name = caller_parameter(original) if is_keyed(original) else None
        model = route.response_model
        self._serializer = TypeAdapter(model) if model is not None else None

    async def handle(self, request: Request, answer: Handler | None = None) -> Response:
        """Return the answer to a request, errors included, and count its time.

        Args:
            request: The request.
            answer: Answers in the place of `answer`, or raises what that would raise.

        Raises:
            Exception: One that the application's owner handles.
        """
        began = perf_counter()
        running = services(request)
        try:
            response = await self._admitted(request, running, answer or self.answer)
        except (CallerGone, ClientDisconnect):
            # Nobody reads the answer; the log shows that the caller has gone.
            response = Response(status_code=_CALLER_GONE)
        except Exception as error:
            if owner_handles(request.app, error):
                raise
            response = problem_response(request, error)
        if RENEWAL in request.scope.get("state", ()) and response.status_code != _CALLER_GONE:
            await renew_session(request, response)
        running.metrics.requests.observe(
            request.method, self.path, response.status_code, perf_counter() - began
        )
        return response

    async def _admitted(self, request: Request, running: Services, answer: Handler) -> Response:
        if not self._bounded:
            return await answer(request)
        running.in_flight.enter()
        try:
            return await answer(request)
        finally:
            running.in_flight.leave()

    async def answer(self, request: Request) -> Response:
        """Return the answer to a request.

        Raises:
            LockstitchError: Why there is none.
        """
        if self.plain is None or self._is_overridden():
            return await self._answer_solved(request)
        values = await self.plain.solve(request)
        body = b""
        if self.body is not None:
            values[self.body_name], body = await _read(self.body, request)
        return await self._respond(request, values, body)

    async def _answer_solved(self, request: Request) -> Response:
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
        if self.body is not None:
            try:
                values[self.body_name], body = await _read(self.body, request)
            except InvalidRequest as error:
                violations += error.violations
        if violations:
            raise InvalidRequest(violations)
        response = await self._respond(request, values, body)
        response.headers.raw.extend(solved.response.headers.raw)
        response.background = response.background or solved.background_tasks
        return response

    def _is_overridden(self) -> bool:
        return bool(self._overrides and self._overrides.dependency_overrides)

    async def _respond(self, request: Request, values: dict[str, Any], body: bytes) -> Response:
        if self._yields:
            return await begin_events(request, self.call(**values))
        key = read_key(request) if self._caller_name is not None else None
        if key is None:
            return self.as_response(await self._run(values))
        return await answer_once(
            request,
            caller=values[self._caller_name or ""],
            key=key,
            body=body,
            run=lambda: self._run(values),
            respond=self.as_response,
        )

    async def _run(self, values: dict[str, Any]) -> Any:
        if self.is_async:
            return await self.call(**values)
        return await to_thread.run_sync(lambda: self.call(**values))

    def as_response(self, result: Any) -> Response:
        """Return what an endpoint returned as a response."""
        if isinstance(result, Response):
            return result
        if self._serializer is None:
            return Response(status_code=self._status)
        content = self._serializer.dump_json(result, by_alias=True, warnings="error")
        return JsonAnswer(content, self._status)


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
