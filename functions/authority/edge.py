"""The authorizer in front of merchant routes, and the Blueprint whose every operation stands behind it."""

from typing import Any, Protocol

from chalice.app import AuthRequest, AuthResponse, ChaliceAuthorizer, Request

from functions.authority.model import Caller, Scope
from functions.errors import Forbidden
from functions.ids import TenantId
from functions.web import Access, Admission, Api, Operation, View

# How long the gateway may go on trusting an answer: a revoked key is dead after this many seconds.
TTL_SECONDS = 60
ROUTES = ("/v1/admin/*",)


class Callers(Protocol):
    """Tells whom a bearer token speaks for."""

    def __call__(self, token: str) -> Caller | None: ...


def answer(request: AuthRequest, *, callers: Callers) -> AuthResponse:
    """What the gateway is told of a token; a policy for no route at all is a 403."""
    scheme, _, token = request.token.partition(" ")
    caller = callers(token) if scheme.lower() == "bearer" else None
    if caller is None:
        return AuthResponse(routes=[], principal_id="nobody")
    context = {"tenant": str(caller.tenant), "name": caller.name, "scopes": " ".join(sorted(caller.scopes))}
    return AuthResponse(routes=[*ROUTES], principal_id=caller.name, context=context)


class MerchantApi(Api):
    """Operations of the account's own people and keys; each declares the scope that it asks for."""

    access = Access.MERCHANT

    def __init__(self, import_name: str, authorizer: ChaliceAuthorizer) -> None:
        super().__init__(import_name)
        self.authorizer_function = authorizer

    def authorizer_of(self) -> ChaliceAuthorizer:
        return self.authorizer_function

    def mount(self, operation: Operation, view: View) -> None:
        """Raises `LookupError` for an operation without a scope, so that none is open by oversight."""
        if operation.scope is None or not operation.path.startswith("/v1/admin/"):
            raise LookupError(f"{operation.id} has no scope, or stands outside the authorizer's reach.")
        super().mount(operation, view)

    def admit(self, operation: Operation, request: Request) -> Admission:
        """The caller that the authorizer put into the request; raises `Forbidden`."""
        context: dict[str, Any] = request.context.get("authorizer") or {}
        if "tenant" not in context:
            raise Forbidden("Nobody has vouched for this request.")
        scopes = frozenset(map(Scope, context["scopes"].split()))
        caller = Caller(TenantId.parse(context["tenant"]), context["name"], scopes)
        caller.must_hold(Scope(operation.scope or ""))
        return Admission(caller)
