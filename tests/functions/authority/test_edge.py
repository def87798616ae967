import pytest
from chalice.app import AuthRequest, Request

from functions.authority.edge import MerchantApi, answer
from functions.authority.model import Caller, Scope
from functions.errors import Forbidden, Invalid
from functions.ids import TenantId
from functions.web import Access, Call, Operation, Reply

CALLER = Caller(TenantId("aaaaaaaaaaaa"), "key:0123456789ab", frozenset({Scope.POLICIES_READ, Scope.BANNER_READ}))
ARN = "arn:aws:execute-api:eu-central-1:000000000000:api/api/GET/v1/admin/policies"


def callers(token: str) -> Caller | None:
    return CALLER if token == "good" else None


def request_of(context: dict[str, object]) -> Request:
    return Request(
        {
            "requestContext": {"httpMethod": "GET", "resourcePath": "/v1/admin/x", "path": "/v1/admin/x", **context},
            "multiValueQueryStringParameters": None,
            "headers": {},
            "pathParameters": {},
            "body": None,
            "stageVariables": None,
            "isBase64Encoded": False,
        }
    )


def operation(path: str = "/v1/admin/x", scope: str | None = "policies:read") -> Operation:
    return Operation("GET", path, Access.MERCHANT, "x", {200: None}, scope)


def view(_call: Call) -> Reply:
    return Reply(200, None)


@pytest.mark.parametrize("header", ["Bearer good", "bearer good", "BEARER good"])
def test_a_good_token_opens_the_merchant_routes_and_says_for_whom(header: str) -> None:
    request = AuthRequest("TOKEN", header, ARN)

    told = answer(request, callers=callers).to_dict(request)

    assert told["principalId"] == "key:0123456789ab"
    assert told["context"] == {"tenant": "aaaaaaaaaaaa", "name": "key:0123456789ab", "scopes": "banner:read policies:read"}
    [statement] = told["policyDocument"]["Statement"]
    assert statement["Resource"] == ["arn:aws:execute-api:eu-central-1:000000000000:api/api/*/v1/admin/*"]


@pytest.mark.parametrize(
    "header", ["", "good", "Bearer", "Bearer ", "Bearer  good", "Bearer bad", "Basic good", "Bearer good ", "Bearer\tgood"]
)
def test_any_other_header_opens_no_route_at_all_and_is_not_repeated(header: str) -> None:
    request = AuthRequest("TOKEN", header, ARN)

    told = answer(request, callers=callers).to_dict(request)

    assert told["policyDocument"]["Statement"][0]["Resource"] == []
    assert (told["principalId"], told["context"]) == ("nobody", {})


@pytest.fixture
def api() -> MerchantApi:
    return MerchantApi(__name__, authorizer=object())  # type: ignore[arg-type]  # only carried along here


@pytest.mark.parametrize(
    "declared", [operation(scope=None), operation("/v1/x"), operation("/v1/administrators"), operation("/v1/admin")]
)
def test_an_operation_without_a_scope_or_out_of_reach_cannot_be_mounted(api: MerchantApi, declared: Operation) -> None:
    with pytest.raises(LookupError):
        api.mount(declared, view)

    assert api.operations == []


@pytest.mark.parametrize("context", [{}, {"authorizer": None}, {"authorizer": {}}, {"authorizer": {"principalId": "x"}}])
def test_a_request_that_nobody_vouched_for_is_refused(api: MerchantApi, context: dict[str, object]) -> None:
    with pytest.raises(Forbidden):
        api.admit(operation(), request_of(context))


def test_a_caller_without_the_scope_is_refused_and_one_with_it_goes_on(api: MerchantApi) -> None:
    context: dict[str, object] = {
        "authorizer": {"tenant": "aaaaaaaaaaaa", "name": "key:x", "scopes": "policies:read banner:read"}
    }

    admitted = api.admit(operation(), request_of(context))

    assert admitted.who == Caller(TenantId("aaaaaaaaaaaa"), "key:x", frozenset({Scope.POLICIES_READ, Scope.BANNER_READ}))
    with pytest.raises(Forbidden):
        api.admit(operation(scope="policies:write"), request_of(context))


def test_a_caller_with_no_scope_holds_nothing(api: MerchantApi) -> None:
    with pytest.raises(Forbidden):
        api.admit(operation(), request_of({"authorizer": {"tenant": "aaaaaaaaaaaa", "name": "key:x", "scopes": ""}}))


def test_a_tenant_that_cannot_be_one_is_refused(api: MerchantApi) -> None:
    with pytest.raises(Invalid):
        api.admit(operation(), request_of({"authorizer": {"tenant": "a#b", "name": "key:x", "scopes": "policies:read"}}))
