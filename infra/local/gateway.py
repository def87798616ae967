"""API Gateway on one machine: a request becomes the event that Lambda would be called with, and its answer a response.

Chalice's own local server resets connections at sixteen clients; its router and its authorizer are the ones used here.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

from chalice.app import Chalice
from chalice.local import (
    ForbiddenError,
    LambdaContext,
    LocalChalice,
    LocalGatewayAuthorizer,
    LocalGatewayException,
    NotAuthorizedError,
    RouteMatcher,
)

from infra.template import part

STAGE = "live"
MAX_BODY = 10 * 1024 * 1024
TIMEOUT_MS = 29_000
Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """As it came over the wire: `target` is path and query, still encoded; header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    source_ip: str


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


class Gateway:
    """Calls one app from many threads.

    Chalice keeps the current request on the app object; its local subclass keeps one for each thread.
    """

    def __init__(self, app: Chalice) -> None:
        app.__class__ = LocalChalice
        self.app = app
        self.matcher = RouteMatcher(list(app.routes))
        self.authorizer = LocalGatewayAuthorizer(app)
        self.refusals: Mapping[str, Any] = part("api.yaml")["Resources"]["RestAPI"]["Properties"]["GatewayResponses"]

    def answer(self, request: Request) -> Response:
        if len(request.body) > MAX_BODY:
            return self._refusal("REQUEST_TOO_LARGE")
        event = self._event(request)
        if event is None:
            return self._refusal("MISSING_AUTHENTICATION_TOKEN")  # what the gateway takes an unknown address for
        context = lambda_context("api", TIMEOUT_MS)
        try:
            event, context = self.authorizer.authorize(request.target, event, context)
        except NotAuthorizedError:
            return self._refusal("UNAUTHORIZED")
        except ForbiddenError:
            return self._refusal("ACCESS_DENIED")
        except LocalGatewayException:
            return self._refusal("DEFAULT_5XX", 500)
        return _response(self.app(event, context))

    def _event(self, request: Request) -> Event | None:
        """None where there is no such operation."""
        try:
            match = self.matcher.match_route(request.target)
        except ValueError:
            return None
        if request.method not in self.app.routes[match.route]:
            return None
        path = request.target.partition("?")[0]
        # An empty token is none to the gateway.
        headers = {name: value for name, value in request.headers.items() if value or name != "authorization"}
        text, binary = _body(request, self.app.api.binary_types)
        return {
            "resource": match.route,
            "path": path,
            "httpMethod": request.method,
            "headers": headers,
            "multiValueHeaders": {name: [value] for name, value in headers.items()},
            "queryStringParameters": {name: values[-1] for name, values in match.query_params.items()} or None,
            "multiValueQueryStringParameters": match.query_params or None,
            "pathParameters": {name: unquote(value) for name, value in match.captured.items()} or None,
            "stageVariables": None,
            "requestContext": {
                "httpMethod": request.method,
                "resourcePath": match.route,
                "path": path,
                "stage": STAGE,
                "requestId": str(uuid4()),
                "identity": {"sourceIp": request.source_ip, "userAgent": request.headers.get("user-agent")},
            },
            "body": text,
            "isBase64Encoded": binary,
        }

    def _refusal(self, kind: str, status: int = 400) -> Response:
        """As infra/api.yaml words it."""
        said = self.refusals[kind]
        headers = [(name, value.strip("'")) for name, value in said["ResponseParameters"]["Headers"].items()]
        return Response(int(said.get("StatusCode", status)), headers, said["ResponseTemplates"]["application/json"].encode())


def lambda_context(function: str, timeout_ms: int) -> LambdaContext:
    return LambdaContext(function_name=function, memory_size=1024, max_runtime_ms=timeout_ms)


def _body(request: Request, binary_types: list[str]) -> tuple[str | None, bool]:
    if not request.body:
        return None, False
    if request.headers.get("content-type", "").partition(";")[0].strip() in binary_types:
        return b64encode(request.body).decode(), True
    return request.body.decode("utf-8", "replace"), False


def _response(said: dict[str, Any]) -> Response:
    headers = [(name, str(value)) for name, value in said["headers"].items()]
    headers += [(name, str(value)) for name, values in said["multiValueHeaders"].items() for value in values]
    body = said["body"] or ""
    return Response(said["statusCode"], headers, b64decode(body) if said.get("isBase64Encoded") else body.encode())
