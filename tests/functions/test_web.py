import json
from typing import Any

import pytest
from chalice.app import Chalice, Request
from chalice.test import Client, HTTPResponse

from functions import errors
from functions.schema import Schema
from functions.web import PROBLEMS, Access, Admission, Api, Call, Operation, Reply, our_fault, problem

CANARY = "canary-7f3a"
TENANT = Schema("tenants/schemas/tenant.json")
GOOD = {"version": 1, "name": "A", "profile": {}, "regimes": ["opt-in"], "ip_mode": "none"}
JSON = {"Content-Type": "application/json"}


class Open(Api):
    """An edge that lets everybody in."""

    access = Access.PUBLIC

    def admit(self, _operation: Operation, _request: Request) -> Admission:
        return Admission("anybody", {"X-Edge": "open"})


@pytest.fixture(scope="module")
def client() -> Client:
    app, api = Chalice("web", configure_logs=False), Open("web")
    app.log.disabled = True

    @api.operation("GET", "/query", summary="echo", answers={200: None}, query={"q": "echo"})
    def query(call: Call) -> Reply:
        return Reply(200, {"q": call.query("q"), "who": call.who, "ip": call.source_ip})

    @api.operation("POST", "/body", summary="echo", answers={200: None}, body=TENANT, limit=2000)
    def echo(call: Call) -> Reply:
        return Reply(200, call.body())

    @api.operation("GET", "/fail/{kind}", summary="fail", answers={200: None})
    def fail(_call: Call, kind: str) -> Reply:
        raise {"ours": ZeroDivisionError(CANARY), "yours": errors.AlreadyRecorded({"x": CANARY})}[kind]

    app.register_blueprint(api)
    app.register_middleware(our_fault, "http")
    return Client(app)


def post(client: Client, body: bytes, headers: dict[str, str] | None = None) -> HTTPResponse:
    return client.http.post("/body", body=body, headers=JSON if headers is None else headers)


def told(response: HTTPResponse) -> dict[str, Any]:
    return dict(json.loads(response.body))


def kinds() -> list[type[errors.ConsentinelError]]:
    found = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.ConsentinelError)]
    return [kind for kind in found if kind is not errors.ConsentinelError]


@pytest.mark.parametrize("kind", kinds())
def test_every_error_has_a_status_of_the_callers_making(kind: type[errors.ConsentinelError]) -> None:
    error = errors.AlreadyRecorded({}) if kind is errors.AlreadyRecorded else kind("The reason.")

    reply = problem(error)

    assert 400 <= reply.status < 500
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert isinstance(reply.body, dict)
    assert {"type", "title", "status", "detail"} == set(reply.body)
    assert (reply.body["status"], reply.body["detail"]) == (reply.status, error.detail)


def test_no_two_errors_share_a_status_but_one_that_is_a_kind_of_the_other() -> None:
    statuses = [status for status, _ in PROBLEMS.values()]

    assert len(set(statuses)) == len(statuses)


def test_violations_are_told_with_their_pointers() -> None:
    reply = problem(errors.Invalid("Wrong.", [errors.Violation("/a", "a text")]))

    assert isinstance(reply.body, dict)
    assert reply.body["violations"] == [{"pointer": "/a", "expected": "a text"}]


def test_a_good_body_reaches_the_view(client: Client) -> None:
    response = post(client, json.dumps(GOOD).encode())

    assert (response.status_code, told(response)) == (200, GOOD)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", {}, 415),
        (b"{", {"Content-Type": "text/plain"}, 415),
        (b"{", {"Content-Type": "application/jsonp"}, 415),
        (b"{", {"Content-Type": "text/plain; application/json"}, 415),
        (b" " * 2001, JSON, 413),
        (b"[" * 2001, JSON, 413),
        (b"", JSON, 400),
        (b"{", JSON, 400),
        (b'{"version": 1, "version": 1}', JSON, 400),
        (b"\xff", JSON, 400),
        (b"{}", JSON, 422),
        (b"[]", JSON, 422),
    ],
)
def test_a_bad_body_is_refused_at_the_first_thing_that_is_wrong(
    client: Client, body: bytes, headers: dict[str, str], status: int
) -> None:
    response = post(client, body, headers)

    assert (response.status_code, told(response)["status"]) == (status, status)
    assert response.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON", "application/json; charset=utf-8", "application/json;x=y"]
)
def test_json_is_json_however_it_is_declared(client: Client, kind: str) -> None:
    assert post(client, json.dumps(GOOD).encode(), {"Content-Type": kind}).status_code == 200


def test_a_body_of_just_the_limit_is_read(client: Client) -> None:
    body = json.dumps(GOOD).encode()

    assert post(client, body + b" " * (2000 - len(body))).status_code == 200
    assert post(client, body + b" " * (2001 - len(body))).status_code == 413


def test_every_answer_is_typed_and_kept_by_nobody(client: Client) -> None:
    for response in (client.http.get("/query"), client.http.get("/fail/yours"), post(client, b"{")):
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["X-Edge"] == "open"


@pytest.mark.parametrize(("query", "value"), [("", None), ("?q=", ""), ("?q=a%20b", "a b"), ("?site=x", None)])
def test_a_query_parameter_is_read_once(client: Client, query: str, value: str | None) -> None:
    assert told(client.http.get(f"/query{query}"))["q"] == value


@pytest.mark.parametrize("query", ["?other=1", "?q=1&ann@example.com=1"])
def test_a_query_parameter_that_nobody_knows_is_refused_and_not_repeated(client: Client, query: str) -> None:
    response = client.http.get(f"/query{query}")

    assert response.status_code == 400
    assert told(response)["detail"] == "This operation knows the query parameters q, site, and the request has another."


@pytest.mark.parametrize("query", ["?q=1&q=1", "?q=1&q=2", "?q=" + "x" * 5000])
def test_a_query_parameter_that_is_there_twice_or_endless_is_refused(client: Client, query: str) -> None:
    assert client.http.get(f"/query{query}").status_code == 400


def test_the_source_address_is_the_gateways_word(client: Client) -> None:
    response = client.http.get("/query", headers={"X-Forwarded-For": "203.0.113.9"})

    assert told(response)["ip"] != "203.0.113.9"


def test_what_is_our_fault_is_a_problem_document_that_tells_nothing_of_it(client: Client) -> None:
    response = client.http.get("/fail/ours")

    assert (response.status_code, told(response)["status"]) == (500, 500)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert CANARY not in response.body.decode()


def test_an_error_of_the_trade_tells_its_detail_and_not_what_it_carries(client: Client) -> None:
    response = client.http.get("/fail/yours")

    assert response.status_code == 409
    assert CANARY not in response.body.decode()


def test_an_operation_is_named_by_method_and_path() -> None:
    operation = Operation("PUT", "/v1/admin/sites/{site}/identity-secrets", Access.PUBLIC, "x", {})

    assert operation.id == "put_v1_admin_sites_site_identity_secrets"
