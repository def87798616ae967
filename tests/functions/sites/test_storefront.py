import json
from typing import Any

import pytest
from chalice.app import Chalice
from chalice.test import Client, HTTPResponse

from functions.errors import NotFound
from functions.ids import SiteKey, TenantId
from functions.sites.model import Site
from functions.sites.storefront import StorefrontApi
from functions.sites.subject import Bearer, SubjectApi
from functions.vault.model import TenantKeys
from functions.web import Call, Reply

ROSA = Site(SiteKey("pk_aaaaaaaaaaaa_main"), "Rosa", ("https://rosa.example", "http://localhost:8080"))
THYME = Site(SiteKey("pk_bbbbbbbbbbbb_main"), "Thyme", ("https://thyme.example",))
SITES = {site.key: site for site in (ROSA, THYME)}
KEYS = {site.key.tenant: TenantKeys(site.key.tenant, bytes([number]) * 32) for number, site in enumerate(SITES.values())}
ANN = KEYS[ROSA.key.tenant].pseudonym("0199f0a0-0000-7000-8000-000000000001")
TOKEN = KEYS[ROSA.key.tenant].subject_token(ANN)
OWN = {"Origin": "https://rosa.example"}


def site_by(key: SiteKey) -> Site:
    if key not in SITES:
        raise NotFound("There is no site by this key.")
    return SITES[key]


def tokens_of(tenant: TenantId) -> TenantKeys:
    return KEYS[tenant]


def said(call: Call) -> Reply:
    who = call.who
    return Reply(200, {"who": [who.tenant, who.subject] if isinstance(who, Bearer) else who.key})


@pytest.fixture(scope="module")
def client() -> Client:
    app = Chalice("storefront", configure_logs=False)
    public, subject = (
        StorefrontApi("public", site_by),
        SubjectApi("subject", site_by, tokens_of, pages="https://cdn.example/files"),
    )
    public.operation("GET", "/texts", summary="read", answers={200: None})(said)
    public.operation("POST", "/texts", summary="write", answers={200: None})(said)
    subject.operation("GET", "/mine", summary="read", answers={200: None})(said)
    subject.operation("POST", "/mine", summary="write", answers={200: None})(said)
    app.register_blueprint(public)
    app.register_blueprint(subject)
    return Client(app)


def send(client: Client, method: str, path: str, headers: dict[str, str] | None = None) -> HTTPResponse:
    return client.http.request(method, path, headers=headers or {})


def body(response: HTTPResponse) -> dict[str, Any]:
    return dict(json.loads(response.body))


@pytest.mark.parametrize("origin", ROSA.origins)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_page_of_the_site_may_call_and_read_the_answer(client: Client, method: str, origin: str) -> None:
    response = send(client, method, f"/texts?site={ROSA.key}", {"Origin": origin})

    assert (response.status_code, body(response)) == (200, {"who": ROSA.key})
    assert response.headers["Access-Control-Allow-Origin"] == origin
    assert response.headers["Vary"] == "Origin"
    assert "Access-Control-Allow-Credentials" not in response.headers


@pytest.mark.parametrize(
    "origin",
    [
        "https://thyme.example",
        "http://rosa.example",
        "https://rosa.example:8443",
        "https://sub.rosa.example",
        "https://rosa.example.evil.example",
        "https://evilrosa.example",
        "https://ROSA.example",
        "https://rosa.example/",
        "null",
        "*",
        "",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_a_page_from_elsewhere_may_not_and_reads_nothing(client: Client, method: str, origin: str) -> None:
    response = send(client, method, f"/texts?site={ROSA.key}", {"Origin": origin})

    assert response.status_code == 403
    assert "Access-Control-Allow-Origin" not in response.headers
    assert origin not in body(response)["detail"] or origin in {"", "*"}


def test_reading_needs_no_origin_and_gives_no_page_a_right_to_the_answer(client: Client) -> None:
    response = send(client, "GET", f"/texts?site={ROSA.key}")

    assert response.status_code == 200
    assert response.headers["Vary"] == "Origin"
    assert "Access-Control-Allow-Origin" not in response.headers


def test_writing_needs_an_origin(client: Client) -> None:
    assert send(client, "POST", f"/texts?site={ROSA.key}").status_code == 403


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        (f"?site={ROSA.key}&site={ROSA.key}", 400),
        (f"?site={ROSA.key}&site={THYME.key}", 400),
        ("?site=", 422),
        ("?site=pk_x", 422),
        (f"?site={ROSA.key}%0A", 422),
        ("?site=pk_cccccccccccc_main", 404),
        ("?site=pk_aaaaaaaaaaaa_other", 404),
    ],
)
def test_a_request_that_names_no_site_or_nobodys_is_refused(client: Client, query: str, status: int) -> None:
    response = send(client, "GET", f"/texts{query}", OWN)

    assert (response.status_code, response.headers["Content-Type"]) == (status, "application/problem+json")


def test_a_preflight_names_the_origin_and_exactly_the_paths_methods(client: Client) -> None:
    response = send(client, "OPTIONS", f"/texts?site={ROSA.key}", OWN)

    assert (response.status_code, response.body) == (204, b"")
    assert response.headers["Access-Control-Allow-Origin"] == "https://rosa.example"
    assert response.headers["Access-Control-Allow-Methods"] == "GET, POST"
    assert response.headers["Access-Control-Allow-Headers"] == "content-type, authorization"
    assert int(response.headers["Access-Control-Max-Age"]) == 600


def test_a_subject_is_known_by_their_token(client: Client) -> None:
    response = send(client, "GET", f"/mine?site={ROSA.key}", {**OWN, "Authorization": f"Bearer {TOKEN}"})

    assert body(response) == {"who": [ROSA.key.tenant, ANN]}


@pytest.mark.parametrize(
    "header", ["", TOKEN, f"Basic {TOKEN}", "Bearer", "Bearer ", f"Bearer {TOKEN[:-1]}", f"Bearer {ANN}", f"Bearer  {TOKEN}"]
)
def test_without_their_token_nobody_is_known_and_the_page_can_read_why(client: Client, header: str) -> None:
    response = send(client, "GET", f"/mine?site={ROSA.key}", {**OWN, "Authorization": header})

    assert response.status_code == 401
    assert response.headers["Access-Control-Allow-Origin"] == "https://rosa.example"
    assert TOKEN not in response.body.decode()


def test_a_token_of_the_neighbour_is_none_here(client: Client) -> None:
    response = send(
        client, "GET", f"/mine?site={THYME.key}", {"Origin": "https://thyme.example", "Authorization": f"Bearer {TOKEN}"}
    )

    assert response.status_code == 401


def test_a_preflight_needs_no_token(client: Client) -> None:
    response = send(client, "OPTIONS", f"/mine?site={ROSA.key}", OWN)

    assert (response.status_code, response.headers["Access-Control-Allow-Methods"]) == (204, "GET, POST")


PAGES = {"Origin": "https://cdn.example"}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_platforms_own_page_may_act_for_a_subject_who_shows_their_token(client: Client, method: str) -> None:
    response = send(client, method, f"/mine?site={ROSA.key}", {**PAGES, "Authorization": f"Bearer {TOKEN}"})
    preflight = send(client, "OPTIONS", f"/mine?site={ROSA.key}", PAGES)

    assert body(response) == {"who": [ROSA.key.tenant, ANN]}
    for answer in (response, preflight):
        assert answer.headers["Access-Control-Allow-Origin"] == "https://cdn.example"
        assert answer.headers["Vary"] == "Origin"
        assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_it_may_neither_read_nor_write_what_the_shops_own_pages_do(client: Client, method: str) -> None:
    response = send(client, method, f"/texts?site={ROSA.key}", PAGES)

    assert response.status_code == 403
    assert "Access-Control-Allow-Origin" not in response.headers


def test_it_opens_nothing_of_the_neighbours_with_this_token_and_nothing_without_one(client: Client) -> None:
    neighbours = send(client, "GET", f"/mine?site={THYME.key}", {**PAGES, "Authorization": f"Bearer {TOKEN}"})
    nobodys = send(client, "GET", f"/mine?site={ROSA.key}", PAGES)

    assert (neighbours.status_code, nobodys.status_code) == (401, 401)
    assert neighbours.headers["Access-Control-Allow-Origin"] == "https://cdn.example"


@pytest.mark.parametrize(
    "origin",
    [
        "https://cdn.example/files",
        "https://cdn.example:8443",
        "http://cdn.example",
        "https://cdn.example.evil.example",
        "https://thyme.example",
        "https://CDN.example",
        "null",
        "",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_a_foreign_page_may_not_act_for_a_subject_even_with_the_token(client: Client, method: str, origin: str) -> None:
    response = send(client, method, f"/mine?site={ROSA.key}", {"Origin": origin, "Authorization": f"Bearer {TOKEN}"})

    assert response.status_code == 403
    assert "Access-Control-Allow-Origin" not in response.headers
