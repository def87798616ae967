"""The edge of HTTP: one way in for a request, one way out for an answer, one map from errors to problem documents.

Every operation is declared with who may call it, what it takes and what it answers; routing, the OpenAPI document and the test
that nothing is open by accident are all made from that declaration.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, cast

from chalice.app import Blueprint, ChaliceAuthorizer, Request, Response

from functions import errors, strict_json, telemetry
from functions.schema import Schema

MAX_BODY = 16 * 1024
MAX_TEXT_BODY = 1024 * 1024
MAX_QUERY_VALUE = 200

PROBLEMS: Mapping[type[errors.ConsentinelError], tuple[int, str]] = {
    errors.Malformed: (400, "The request cannot be read"),
    errors.Unauthenticated: (401, "Not signed in"),
    errors.Forbidden: (403, "Not allowed"),
    errors.NotFound: (404, "Not found"),
    errors.Conflict: (409, "Conflict"),
    errors.Gone: (410, "Erased"),
    errors.TooLarge: (413, "Too large"),
    errors.UnsupportedMediaType: (415, "Not JSON"),
    errors.Invalid: (422, "Cannot be processed"),
}


class Access(StrEnum):
    """Who may call an operation."""

    PUBLIC = "public"
    SUBJECT = "subject"
    MERCHANT = "merchant"


ALWAYS_KNOWN: Mapping[Access, frozenset[str]] = {
    Access.PUBLIC: frozenset({"site"}),
    Access.SUBJECT: frozenset({"site"}),
    Access.MERCHANT: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a view answers; `body` is rendered as JSON, `counted` becomes metrics."""

    status: int
    body: object
    headers: Mapping[str, str] = field(default_factory=dict)
    counted: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Admission:
    """That a call may go on: for whom, and the headers that every answer to it carries."""

    who: Any
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path, as declared."""

    method: str
    path: str
    access: Access
    summary: str
    answers: Mapping[int, Schema | None]
    scope: str | None = None
    body: Schema | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    limit: int = MAX_BODY

    @property
    def id(self) -> str:
        """Method and path in one word; also the name that Chalice knows the view by."""
        words = self.path.replace("{", "").replace("}", "").replace("-", "_").split("/")
        return "_".join([self.method.lower(), *filter(None, words)])


@dataclass(frozen=True, slots=True)
class Call:
    """A request as a view sees it: single-valued, size-limited and checked."""

    operation: Operation
    request: Request
    who: Any

    @property
    def source_ip(self) -> str:
        """What the gateway saw; X-Forwarded-For is the caller's word and is never read."""
        return str(self.request.context["identity"]["sourceIp"])

    def header(self, name: str) -> str:
        return str(self.request.headers.get(name, ""))

    def query(self, name: str) -> str | None:
        values = query_values(self.request, name)
        if len(values) > 1:
            raise errors.Malformed(f"The query parameter {name} is there more than once.")
        if values and len(values[0]) > MAX_QUERY_VALUE:
            raise errors.Malformed(f"The query parameter {name} is longer than {MAX_QUERY_VALUE} characters.")
        return values[0] if values else None

    def body(self) -> Any:  # noqa: ANN401 - its form is the operation's schema
        """Raises `UnsupportedMediaType`, `TooLarge`, `Malformed` or `Invalid`, in that order."""
        if self.header("content-type").partition(";")[0].strip().lower() != "application/json":
            raise errors.UnsupportedMediaType("The body has to be declared as Content-Type: application/json.")
        raw = cast("bytes", self.request.raw_body)
        if len(raw) > self.operation.limit:
            raise errors.TooLarge(f"The body may have {self.operation.limit} bytes at the most.")
        document = strict_json.parse(raw)
        if self.operation.body is not None:
            self.operation.body.check(document)
        return document


View = Callable[..., Reply]


def query_values(request: Request, name: str) -> Sequence[str]:
    parameters = request.query_params
    return parameters.getlist(name) if parameters is not None and name in parameters else ()


class Api(Blueprint):
    """A Blueprint whose views take a `Call`, give a `Reply` and may raise any of `errors`.

    Chalice answers a plain exception with 500 before a middleware sees it, so errors become problem documents here.
    """

    access: Access

    def __init__(self, import_name: str) -> None:
        super().__init__(import_name)
        self.operations: list[Operation] = []

    def admit(self, operation: Operation, request: Request) -> Admission:
        """Say for whom the call goes on, or raise; runs before anything else of the request is looked at."""
        raise NotImplementedError

    def identified(self, _operation: Operation, _request: Request, admission: Admission) -> Any:  # noqa: ANN401 - as `admit` has it
        """Who calls, where admission alone does not tell; what is raised here is answered with the admission's headers."""
        return admission.who

    def authorizer_of(self) -> ChaliceAuthorizer | None:
        return None

    def operation(  # noqa: PLR0913 - a declaration; every part has a name
        self,
        method: str,
        path: str,
        *,
        summary: str,
        answers: Mapping[int, Schema | None],
        scope: str | None = None,
        body: Schema | None = None,
        query: Mapping[str, str] | None = None,
        limit: int = MAX_BODY,
    ) -> Callable[[View], View]:
        """Declare a view.

        Args:
            method: the HTTP method.
            path: from `/v1` on; `{name}` parts are handed to the view by name.
            summary: one line for the OpenAPI document.
            answers: the schema of each status that is not a problem; None for an answer without a body.
            scope: what a merchant's role or key must hold.
            body: the schema of the request's body.
            query: name and meaning of each query parameter.
            limit: bytes of body at the most.
        """
        declared = Operation(method, path, self.access, summary, answers, scope, body, query or {}, limit)

        def declare(view: View) -> View:
            self.mount(declared, view)
            return view

        return declare

    def mount(self, operation: Operation, view: View) -> None:
        def handler(**path: str) -> Response:
            return self.answer(operation, view, path)

        handler.__name__ = operation.id
        options: dict[str, Any] = {"methods": [operation.method], "name": operation.id, "content_types": []}
        authorizer = self.authorizer_of()
        if authorizer is not None:
            options["authorizer"] = authorizer
        self.route(operation.path, **options)(handler)
        self.operations.append(operation)

    def answer(self, operation: Operation, view: View, path: Mapping[str, str]) -> Response:
        request = self.current_request
        headers: Mapping[str, str] = {}
        try:
            admission = self.admit(operation, request)
            headers = admission.headers
            _check_query(operation, request)
            who = self.identified(operation, request, admission)
            reply = view(Call(operation, request, who), **path)
        except errors.ConsentinelError as error:
            reply = problem(error)
        telemetry.count(Requests=1, **reply.counted)
        telemetry.logger.info("answered", extra={"operation": operation.id, "status": reply.status})
        return render(reply, headers)


def _check_query(operation: Operation, request: Request) -> None:
    """A parameter that nobody knows would be left out silently, and the answer would be to another question."""
    known = {*operation.query, *ALWAYS_KNOWN[operation.access]}
    if set(request.query_params or ()) - known:
        knows = f"knows the query parameters {', '.join(sorted(known))}" if known else "has no query parameters"
        raise errors.Malformed(f"This operation {knows}, and the request has another.")


def problem(error: errors.ConsentinelError) -> Reply:
    """RFC 9457: `status`, `title` and `detail`, and for `Invalid` the `violations` with their pointers."""
    status, title = next(PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS)
    body: dict[str, object] = {"type": "about:blank", "title": title, "status": status, "detail": error.detail}
    if isinstance(error, errors.Invalid) and error.violations:
        body["violations"] = [{"pointer": one.pointer, "expected": one.expected} for one in error.violations]
    return Reply(status, body, {"Content-Type": "application/problem+json"}, {"Refused": 1})


def render(reply: Reply, headers: Mapping[str, str]) -> Response:
    text = "" if reply.body is None else json.dumps(reply.body, ensure_ascii=False, separators=(",", ":"))
    always = {"Content-Type": "application/json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(status_code=reply.status, body=text, headers={**always, **headers, **reply.headers})


def our_fault(_event: object, get_response: Callable[[object], Response]) -> Response:
    """Middleware: the bare 500 that Chalice makes of an unforeseen exception, as a problem document."""
    response = get_response(_event)
    if response.status_code == 500:  # noqa: PLR2004
        telemetry.count(Faults=1)
        title = "That is our fault"
        detail = "Our handling of the request failed and has been logged. Trying again does no harm: nothing is done twice."
        body = {"type": "about:blank", "title": title, "status": 500, "detail": detail}
        return render(Reply(500, body, {"Content-Type": "application/problem+json"}), {})
    return response
