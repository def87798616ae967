"""The register page by page: by time, document, section, subject and e-mail address."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import unquote

import pytest

from functions.ledger.leaf import leaf_hash
from tests.support.storefront import Shop, answered, decision, leaf_of
from tests.support.streams import Stream


def test_a_listing_is_read_to_its_end_page_by_page_without_a_gap_or_a_repetition(
    shop: Shop, stream: Stream, now: datetime
) -> None:
    acts = [decision(shop, now) for _ in range(103)]
    for act in acts:
        assert shop.browser().submit(act).status == 201
    stream.deliver()

    pages = []
    query: dict[str, str] | None = {}
    while query is not None:
        answer = shop.call("GET", "/register", query=query)
        pages.append([record["id"] for record in answer.json["records"]])
        query = {"cursor": answer.json["cursor"]} if answer.json["cursor"] else None

    assert [len(page) for page in pages] == [50, 50, 3]
    assert [one for page in pages for one in page] == [act["id"] for act in reversed(acts)]


def test_records_are_found_by_document_section_and_subject(
    shop: Shop, neighbours_shop: Shop, stream: Stream, now: datetime
) -> None:
    for one in (shop, neighbours_shop):
        one.publish_policy("terms", "contract_terms", {"bg": "Условия"})
        one.publish_policy("offers", "consent_declaration", {"bg": "Оферти"})
    in_checkout, in_newsletter, in_banner = (
        answered("terms", now),
        answered("offers", now, section="newsletter"),
        decision(shop, now),
    )
    answers = [shop.browser().submit(act) for act in (in_checkout, in_newsletter, in_banner)]
    neighbours_shop.browser().submit(answered("terms", now))
    stream.deliver()

    def ids(**query: str) -> list[str]:
        return [record["id"] for record in shop.register(**query)]

    assert ids(policy="terms") == [in_checkout["id"]]
    assert ids(policy="offers") == [in_newsletter["id"]]
    assert ids(section="newsletter") == [in_newsletter["id"]]
    assert ids(site="main") == ids()
    assert ids(site="other") == []
    assert ids(section="banner") == [in_banner["id"]]
    assert ids(subject=leaf_of(answers[2])["sid"]) == [in_banner["id"]]
    assert ids(policy="nothing") == []
    assert len(ids()) == 3


def test_a_period_bounds_every_listing(shop: Shop, stream: Stream, now: datetime) -> None:
    first, second = shop.browser().submit(decision(shop, now)), shop.browser().submit(decision(shop, now))
    stream.deliver()
    newest, oldest = shop.register()

    assert [record["id"] for record in shop.register(**{"from": newest["at"]})] == [leaf_of(second)["id"]]
    assert [record["id"] for record in shop.register(until=newest["at"])] == [leaf_of(first)["id"]]
    assert shop.register(**{"from": newest["at"], "until": oldest["at"]}) == []


@pytest.mark.parametrize(
    "query",
    [
        {"from": "yesterday"},
        {"from": "2026-11-25T09:00:00"},
        {"until": "2026-13-01T00:00:00Z"},
        {"cursor": "x"},
        {"cursor": "AAAA" * 20},
        {"section": "kitchen"},
        {"policy": "Terms!"},
        {"subject": "ann@example.com"},
        {"policy": "terms", "section": "checkout"},
    ],
)
def test_a_question_that_makes_no_sense_is_refused_in_words(shop: Shop, query: dict[str, str]) -> None:
    answer = shop.call("GET", "/register", query=query)

    assert answer.status == 422
    assert answer.json["violations"]
    assert not any(len(value) > 3 and unquote(value) in answer.text for name, value in query.items() if name == "subject")


def test_an_erased_subject_leaves_the_record_and_no_personal_data(shop: Shop, stream: Stream, now: datetime) -> None:
    act = decision(shop, now, "performance")
    answer = shop.browser().submit(act, identity={"email": "ann@example.com", "name": "Ann"})
    stream.deliver()
    from app import wiring

    wiring.dynamodb.delete_item(
        TableName=wiring.settings.vault_table,
        Key={"pk": {"S": f"{shop.tenant}#subject#{leaf_of(answer)['sid']}"}, "sk": {"S": "key"}},
    )
    (record,) = shop.register()

    assert record["state"] == "erased"
    assert record["identity"] == {"email": None, "name": None, "verification": "claimed"}
    assert record["ip"] is None
    assert record["device"] is None
    assert record["receipt"] == answer.json["records"][0]["receipt"]


def forged(leaf: bytes) -> dict[str, bytes]:
    """A leaf that says otherwise, with the hash that fits it: all that somebody without the receipt key can do."""
    changed = leaf.replace(b'"performance":true', b'"performance":false')
    assert changed != leaf
    return {"leaf": changed, "leaf_hash": leaf_hash(changed)}


TAMPERING: dict[str, Callable[[dict[str, bytes]], dict[str, bytes | None]]] = {
    "another leaf": lambda had: {"leaf": forged(had["leaf"])["leaf"]},
    "another leaf and its hash": lambda had: {**forged(had["leaf"])},
    "half a leaf": lambda had: {"leaf": had["leaf"][:50]},
    "an empty leaf": lambda _: {"leaf": b"{}"},
    "a leaf that is a list": lambda _: {"leaf": b"[1]"},
    "a leaf that is not UTF-8": lambda _: {"leaf": b"\xff"},
    "another hash": lambda had: {"leaf_hash": had["leaf_hash"][::-1]},
    "another signature": lambda had: {"signature": had["signature"][::-1]},
    "no leaf": lambda _: {"leaf": None},
    "no hash": lambda _: {"leaf_hash": None},
    "no signature": lambda _: {"signature": None},
    "other sealed data": lambda had: {"sealed": had["sealed"][::-1]},
    "no sealed data": lambda _: {"sealed": None},
}


@pytest.mark.parametrize("how", TAMPERING)
def test_a_record_that_was_tampered_with_says_so_and_hides_no_other(
    shop: Shop, stream: Stream, now: datetime, how: str
) -> None:
    act, untouched = decision(shop, now, "performance"), decision(shop, now)
    browser = shop.browser()
    browser.submit(act, identity={"email": "ann@example.com"})
    browser.submit(untouched)
    stream.deliver()
    tamper(shop, act["id"], TAMPERING[how])

    listed = {record["id"]: record for record in shop.register()}
    found = shop.call("POST", "/register/search", {"email": "ann@example.com"}).json["records"]

    assert listed[untouched["id"]]["state"] == "whole"
    assert listed[act["id"]]["state"] == "altered"
    assert shop.call("GET", f"/register/{act['id']}").json == listed[act["id"]] == found[0]
    assert browser.post({"acts": [act], "identity": {"email": "ann@example.com"}}).status == 409
    if "sealed" not in how:
        assert listed[act["id"]] == {"id": act["id"], "state": "altered"}


def tamper(shop: Shop, record: str, change: Callable[[dict[str, bytes]], dict[str, bytes | None]]) -> None:
    """As somebody does who may write to the table and has no key."""
    from app import wiring
    from functions.ids import RecordId
    from functions.ledger.kinds import shard

    key = {"pk": {"S": f"{shop.tenant}#{shard(RecordId(record))}"}, "sk": {"S": record}}
    item = wiring.dynamodb.get_item(TableName=wiring.settings.register_table, Key=key)["Item"]
    had = {name: value["B"] for name, value in item.items() if "B" in value}
    for name, value in change(had).items():
        if value is None:
            del item[name]
        else:
            item[name] = {"B": value}
    wiring.dynamodb.put_item(TableName=wiring.settings.register_table, Item=item)


def test_a_record_that_was_taken_away_is_listed_as_missing(shop: Shop, stream: Stream, now: datetime) -> None:
    act = decision(shop, now)
    shop.browser().submit(act)
    stream.deliver()
    from app import wiring
    from functions.ids import RecordId
    from functions.ledger.kinds import shard

    key = {"pk": {"S": f"{shop.tenant}#{shard(RecordId(act['id']))}"}, "sk": {"S": act["id"]}}
    wiring.dynamodb.delete_item(TableName=wiring.settings.register_table, Key=key)

    assert shop.register() == [{"id": act["id"], "state": "missing"}]


def test_an_address_is_found_in_whatever_case_and_never_stands_in_a_url(shop: Shop, stream: Stream, now: datetime) -> None:
    act = decision(shop, now)
    shop.browser().submit(act, identity={"email": "Ann@EXAMPLE.com"})
    stream.deliver()

    for typed in ("Ann@example.COM", "ann@example.com", "ANN@EXAMPLE.COM"):
        found = shop.call("POST", "/register/search", {"email": typed}).json["records"]
        assert [record["id"] for record in found] == [act["id"]]
        assert found[0]["identity"]["email"] == "Ann@example.com"
    assert shop.call("POST", "/register/search", {"email": "anna@example.com"}).json["records"] == []
