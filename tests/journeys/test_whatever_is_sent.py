"""Whatever is sent to an operation, it is answered as declared or refused in words; nothing of it is our fault."""

from collections import Counter
from datetime import datetime
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.web import Access, Operation
from tests.support.schemas import TEXT, changed, valid
from tests.support.storefront import Browser, Shop, decision

PATHS: dict[str, list[str]] = {
    "policy": ["terms", "nothing", "a" * 41],
    "site": ["main", "other", "Main!"],
    "record": ["019a0000-0000-7000-8000-000000000000", "x"],
    "version": ["1", "2", "0", "9" * 30, "-1", "x"],
    "language": ["bg", "xx", "b"],
    "prefix": ["0123456789ab", "x" * 300],
}
QUERIES = [
    "x",
    "",
    "2026-11-25T09:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "bg",
    "terms",
    "checkout",
    "1",
    "%00",
]


def words() -> st.SearchStrategy[str]:
    return st.sampled_from(QUERIES) | st.text(TEXT, max_size=30)


@st.composite
def paths(draw: st.DrawFn, operation: Operation) -> str:
    path = operation.path
    for name, values in PATHS.items():
        path = path.replace(f"{{{name}}}", draw(st.sampled_from(values)))
    return path


def queries(operation: Operation) -> st.SearchStrategy[dict[str, str]]:
    """One parameter at a time mostly, as most operations want it."""
    if not operation.query:
        return st.just({}) | st.just({"ann@example.com": "1"})
    names = st.sampled_from(sorted(operation.query))
    one = st.tuples(names, words()).map(lambda pair: dict([pair]))
    return one | st.dictionaries(names, words(), min_size=2, max_size=2) if len(operation.query) > 1 else one


def bodies(operation: Operation) -> st.SearchStrategy[Any]:
    if operation.body is None:
        return st.none()
    document = operation.body.document()
    return valid(document, document) | valid(document, document).flatmap(changed)


def send(shop: Shop, browser: Browser, operation: Operation, path: str, query: dict[str, str], body: Any) -> int:
    match operation.access:
        case Access.MERCHANT:
            headers = {"Authorization": f"Bearer {shop.key}"}
        case Access.SUBJECT:
            headers = browser.headers() | {"Authorization": f"Bearer {browser.token}"}
            query = {"site": shop.site} | query
        case Access.PUBLIC:
            headers = browser.headers()
            query = {"site": shop.site} | query
    return shop.http.send(operation.method, path, body, headers=headers, query=query).status


def test_no_operation_answers_with_a_fault_of_ours(app: ModuleType, shop: Shop, now: datetime) -> None:
    shop.publish_policy("terms", "contract_terms", {"bg": "Условия"})
    browser = shop.browser()
    browser.submit(decision(shop, now))
    operations = [one for api in app.apis for one in api.operations if one.method != "OPTIONS"]
    statuses: Counter[int] = Counter()

    def answered(operation: Operation) -> None:
        @given(paths(operation), queries(operation), bodies(operation))
        @settings(deadline=None, max_examples=20, database=None, suppress_health_check=list(HealthCheck))
        def each(path: str, query: dict[str, str], body: Any) -> None:
            status = send(shop, browser, operation, path, query, body)
            statuses[status] += 1
            assert status < 500, (operation.id, path, query, body)

        each()

    for operation in operations:
        answered(operation)

    assert {200, 201, 404, 409, 422} <= set(statuses)


@pytest.mark.parametrize(
    "raw", [b"\x00" * 100, b"{" * 9000, b'"' + b"\\u0000" * 2000 + b'"', b"[1e999]", b"9" * 9000, b"\xef\xbb\xbf{}"]
)
def test_bytes_that_are_hardly_json_are_refused_everywhere(app: ModuleType, shop: Shop, raw: bytes) -> None:
    for api in app.apis:
        for operation in api.operations:
            if operation.body is not None and operation.access is Access.MERCHANT:
                path = operation.path.format(site="main", policy="terms", record="x")
                answer = shop.http.send(operation.method, path, raw=raw, headers={"Authorization": f"Bearer {shop.key}"})
                assert answer.status in {400, 413, 422}, (operation.id, answer.status)
