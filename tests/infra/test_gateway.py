"""A request over HTTP becomes the event that API Gateway would make, and the answer comes back whole."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from threading import Barrier
from typing import Any, cast
from urllib.parse import quote

import pytest
from chalice.app import AuthRequest, AuthResponse, Chalice, Request, Response

from infra.local.api import ApiServer
from infra.local.gateway import MAX_BODY, Gateway

IMAGE = "image/png"
TOGETHER = 8
together = Barrier(TOGETHER, timeout=20)


def small_app() -> Chalice:
    app = Chalice("small", configure_logs=False)
    app.api.binary_types.append(IMAGE)

    def event() -> dict[str, Any]:
        return dict(cast("Request", app.current_request).to_original_event())

    @app.authorizer()
    def keys(request: AuthRequest) -> AuthResponse:
        return AuthResponse(routes=["*"] if request.token == "Bearer good" else [], principal_id="who", context={"may": "read"})

    @app.route("/echo/{name}", methods=["GET", "POST"], content_types=["application/json", "text/plain", IMAGE])
    def echo(name: str) -> dict[str, Any]:
        said = event()
        return {name: said[name] for name in ("path", "body", "isBase64Encoded", "headers", "requestContext")} | {
            "name": name,
            "query": said["multiValueQueryStringParameters"],
        }

    @app.route("/echo/{name}", methods=["OPTIONS"])
    def preflight(name: str) -> Response:
        return Response("", headers={"Access-Control-Allow-Origin": f"https://{name}.example"}, status_code=204)

    @app.route("/image", methods=["GET"])
    def image() -> Response:
        return Response(b"\x89PNG\xff", headers={"Content-Type": IMAGE})

    @app.route("/cookies", methods=["GET"])
    def cookies() -> Response:
        return Response("", headers={"Set-Cookie": ["a=1", "b=2"]})

    @app.route("/mine", methods=["GET"], authorizer=keys)
    def mine() -> dict[str, Any]:
        return dict(event()["requestContext"]["authorizer"])

    @app.route("/together", methods=["GET"])
    def at_once() -> str:
        before = event()["multiValueQueryStringParameters"]["n"][0]
        together.wait()
        return f"{before} {event()['multiValueQueryStringParameters']['n'][0]}"

    return app


class Http:
    def __init__(self, address: str) -> None:
        self.host = address.removeprefix("http://")

    def send(self, method: str, target: str, body: bytes | None = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        connection = HTTPConnection(self.host, timeout=20)
        try:
            connection.request(method, target, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def echo(self, target: str, body: bytes | None = None, **headers: str) -> dict[str, Any]:
        status, _, answer = self.send("POST" if body is not None else "GET", target, body, **headers)
        assert status == 200
        document: dict[str, Any] = json.loads(answer)
        return document


@pytest.fixture(scope="module")
def http() -> Iterator[Http]:
    server = ApiServer(port=0)
    server.start(Gateway(small_app()))
    yield Http(server.address)
    server.stop()


def test_a_body_in_utf_8_arrives_as_text(http: Http) -> None:
    said = http.echo("/echo/a", "Здравей".encode(), Content_Type="application/json")

    assert (said["body"], said["isBase64Encoded"]) == ("Здравей", False)


def test_a_body_of_a_binary_type_arrives_in_base64(http: Http) -> None:
    said = http.echo("/echo/a", b"\x89PNG\xff", Content_Type=IMAGE)

    assert (said["body"], said["isBase64Encoded"]) == ("iVBOR/8=", True)


def test_a_binary_answer_comes_back_as_it_was(http: Http) -> None:
    status, headers, body = http.send("GET", "/image", Accept=IMAGE)

    assert (status, headers["content-type"], body) == (200, IMAGE, b"\x89PNG\xff")


def test_a_query_parameter_that_is_repeated_has_all_its_values_in_order(http: Http) -> None:
    assert http.echo("/echo/a?x=1&y=&x=%D1%8E+2")["query"] == {"x": ["1", "ю 2"], "y": [""]}


def test_a_path_parameter_arrives_decoded(http: Http) -> None:
    assert http.echo(f"/echo/{quote('ю a/b', safe='')}")["name"] == "ю a/b"


def test_the_source_address_is_the_peers_whatever_it_says_of_itself(http: Http) -> None:
    said = http.echo("/echo/a", X_Forwarded_For="203.0.113.9", Forwarded="for=203.0.113.9")

    assert said["requestContext"]["identity"]["sourceIp"] == "127.0.0.1"
    assert said["headers"]["x-forwarded-for"] == "203.0.113.9"


def test_ten_megabytes_are_taken_and_one_byte_more_is_not(http: Http) -> None:
    taken, *_ = http.send("POST", "/echo/a", b"x" * MAX_BODY, Content_Type="text/plain")
    status, headers, body = http.send("POST", "/echo/a", b"x" * (MAX_BODY + 1), Content_Type="text/plain")

    assert (taken, status) == (200, 413)
    assert (headers["content-type"], json.loads(body)["title"]) == ("application/problem+json", "Too large")


def test_options_goes_to_the_apps_own_route(http: Http) -> None:
    status, headers, _ = http.send("OPTIONS", "/echo/shop", Origin="https://shop.example")

    assert (status, headers["access-control-allow-origin"]) == (204, "https://shop.example")


@pytest.mark.parametrize(
    ("method", "target"), [("GET", "/nowhere"), ("DELETE", "/echo/a"), ("OPTIONS", "/mine"), ("HEAD", "/mine")]
)
def test_what_is_no_operation_is_not_found(http: Http, method: str, target: str) -> None:
    status, headers, _ = http.send(method, target, Authorization="Bearer good")

    assert (status, headers["access-control-allow-origin"]) == (404, "*")


@pytest.mark.parametrize(
    ("headers", "status"), [({}, 401), ({"Authorization": "Bearer bad"}, 403), ({"Authorization": ""}, 401)]
)
def test_who_is_not_let_in_gets_the_gateways_answer(http: Http, headers: dict[str, str], status: int) -> None:
    answered, said, body = http.send("GET", "/mine", None, **headers)

    assert (answered, json.loads(body)["status"]) == (status, status)
    assert said["content-type"] == "application/problem+json"


def test_who_is_let_in_comes_with_what_the_authorizer_said(http: Http) -> None:
    _, _, body = http.send("GET", "/mine", Authorization="Bearer good")

    assert json.loads(body) == {"may": "read", "principalId": "who"}


def test_a_header_that_is_answered_twice_comes_back_twice(http: Http) -> None:
    connection = HTTPConnection(http.host)
    connection.request("GET", "/cookies")

    answer = connection.getresponse()

    assert answer.headers.get_all("Set-Cookie") == ["a=1", "b=2"]
    connection.close()


def test_requests_at_the_same_time_each_see_their_own(http: Http) -> None:
    with ThreadPoolExecutor(TOGETHER) as pool:
        answers = list(pool.map(lambda number: http.send("GET", f"/together?n={number}")[2].decode(), range(TOGETHER)))

    assert answers == [f"{number} {number}" for number in range(TOGETHER)]
