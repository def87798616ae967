"""Who may call what, what a browser may read of the answer, and that the documents about it say the same."""

import json
from datetime import datetime
from types import ModuleType

import pytest

from functions.authority.model import SCOPES, Role, Scope
from functions.web import Access, Operation
from infra import openapi
from tests.support.http import Http
from tests.support.storefront import ORIGIN, Shop, decision

PUBLIC = {
    "get_v1_banner",
    "get_v1_policies_policy",
    "get_v1_receipts_key",
    "get_v1_policies_policy_versions",
    "get_v1_policies_policy_versions_version",
    "get_v1_policies_policy_versions_version_texts_language",
    "post_v1_consents",
}
SUBJECT = {
    "get_v1_me_consents",
    "get_v1_me_consents_record",
    "get_v1_receipts_record",
    "get_v1_logs_year_consistency",
}

RECORD = "019a0000-0000-7000-8000-000000000000"


def operations(app: ModuleType) -> list[Operation]:
    return [one for api in app.apis for one in api.operations if one.method != "OPTIONS"]


def test_every_route_is_declared_public_or_stands_behind_an_authority(app: ModuleType) -> None:
    by_id = {one.id: one for api in app.apis for one in api.operations}

    for path, methods in app.app.routes.items():
        for method, entry in methods.items():
            operation = by_id[entry.view_name]
            assert (operation.path, operation.method) == (path, method)
            match operation.access:
                case Access.MERCHANT:
                    assert entry.authorizer is not None, path
                    assert operation.scope in set(Scope), path
                case Access.SUBJECT:
                    assert method == "OPTIONS" or operation.id in SUBJECT
                case Access.PUBLIC:
                    assert method == "OPTIONS" or operation.id in PUBLIC
            assert (entry.authorizer is not None) == path.startswith("/v1/admin/"), path


def test_no_merchants_route_answers_without_a_key_or_with_one_that_is_none(app: ModuleType, http: Http) -> None:
    for operation in operations(app):
        if operation.access is Access.MERCHANT:
            path = operation.path.replace("{", "").replace("}", "")
            bare = http.send(operation.method, path)
            wrong = http.send(operation.method, path, headers={"Authorization": "Bearer ck_aaaaaaaaaaaa_000000000000.x"})
            assert (bare.status, wrong.status) == (401, 403), path


@pytest.mark.parametrize("role", Role)
def test_a_key_can_do_what_its_role_may_and_nothing_else(app: ModuleType, shop: Shop, role: Role) -> None:
    key = shop.call("POST", "/keys", {"label": "For a test", "role": role.value}).json["key"]

    for operation in operations(app):
        if operation.access is Access.MERCHANT and operation.method == "GET":
            names = {
                "site": "main",
                "policy": "terms",
                "record": RECORD,
                "dispute": RECORD,
                "subject": "A" * 22,
                "year": "2026",
            }
            path = operation.path.format(**names)
            answer = shop.http.send("GET", path, headers={"Authorization": f"Bearer {key}"})
            assert (answer.status == 403) == (Scope(operation.scope or "") not in SCOPES[role]), path


def test_a_key_cannot_make_one_that_may_do_more(shop: Shop) -> None:
    limited = shop.call("POST", "/keys", {"label": "Keys", "role": "owner", "scopes": ["keys:write"]}).json["key"]
    headers = {"Authorization": f"Bearer {limited}"}

    more = shop.http.send("POST", "/v1/admin/keys", {"label": "More", "role": "owner"}, headers=headers)
    same = shop.http.send(
        "POST", "/v1/admin/keys", {"label": "Same", "role": "owner", "scopes": ["keys:write"]}, headers=headers
    )

    assert (more.status, same.status) == (403, 201)


def test_a_revoked_key_is_refused_and_the_neighbours_opens_its_own_account_only(shop: Shop, neighbours_shop: Shop) -> None:
    made = shop.call("POST", "/keys", {"label": "Short-lived", "role": "auditor"}).json
    headers = {"Authorization": f"Bearer {made['key']}"}
    before = shop.http.send("GET", "/v1/admin/sites", headers=headers)

    revoked = shop.call("DELETE", f"/keys/{made['prefix']}")

    assert (before.status, revoked.status) == (200, 200)
    assert shop.http.send("GET", "/v1/admin/sites", headers=headers).status == 403
    assert neighbours_shop.call("DELETE", f"/keys/{made['prefix']}").status == 404
    assert shop.site not in neighbours_shop.call("GET", "/sites").text


def test_a_preflight_names_exactly_the_sites_origin_and_the_paths_methods(shop: Shop) -> None:
    answer = shop.http.send("OPTIONS", "/v1/consents", headers={"Origin": ORIGIN}, query={"site": shop.site})

    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-methods"] == "POST"
    assert answer.headers["vary"] == "Origin"
    assert "access-control-allow-credentials" not in answer.headers


def test_a_foreign_origin_gets_no_cors_header_and_a_problem_of_the_sites_own_does(shop: Shop) -> None:
    query = {"site": shop.site}

    foreign = shop.http.send("OPTIONS", "/v1/consents", headers={"Origin": "https://evil.example"}, query=query)
    own = shop.http.send("POST", "/v1/consents", {}, headers={"Origin": ORIGIN}, query=query)

    assert foreign.status == 403
    assert "access-control-allow-origin" not in foreign.headers
    assert own.status == 422
    assert own.headers["access-control-allow-origin"] == ORIGIN


def test_the_address_of_a_visitor_is_the_gateways_word_and_not_the_visitors(shop: Shop, now: datetime) -> None:
    act = decision(shop, now)

    shop.browser().post({"acts": [act]}, headers={"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9"})

    assert shop.call("GET", f"/register/{act['id']}").json["ip"] == "127.0.0.0/24"


def test_the_openapi_document_is_what_the_app_does(app: ModuleType) -> None:
    made = json.dumps(openapi.document(app.apis), indent=1, ensure_ascii=False) + "\n"

    assert openapi.TARGET.read_text("utf-8") == made, "run `make openapi`"
