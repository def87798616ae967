"""The register page by page: by time, document, section, subject and e-mail address."""

from datetime import datetime
from urllib.parse import unquote

import pytest

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


@pytest.mark.parametrize("attribute", ["leaf", "leaf_hash", "sealed"])
def test_a_record_that_was_tampered_with_says_so(shop: Shop, stream: Stream, now: datetime, attribute: str) -> None:
    act = decision(shop, now, "performance")
    shop.browser().submit(act)
    stream.deliver()
    from app import wiring
    from functions.consents.table import partition
    from functions.ids import RecordId

    key = {"pk": {"S": f"{shop.tenant}#{partition(RecordId(act['id']))}"}, "sk": {"S": act["id"]}}
    item = wiring.dynamodb.get_item(TableName=wiring.settings.register_table, Key=key)["Item"]
    value = item[attribute]["B"]
    changed = (
        value.replace(b'"performance":true', b'"performance":null')
        if attribute == "leaf"
        else bytes([value[0] ^ 1]) + value[1:]
    )
    wiring.dynamodb.put_item(TableName=wiring.settings.register_table, Item=item | {attribute: {"B": changed}})

    (record,) = shop.register()

    assert changed != value
    assert record["state"] == "altered"


def test_a_record_that_was_taken_away_is_listed_as_missing(shop: Shop, stream: Stream, now: datetime) -> None:
    act = decision(shop, now)
    shop.browser().submit(act)
    stream.deliver()
    from app import wiring
    from functions.consents.table import partition
    from functions.ids import RecordId

    key = {"pk": {"S": f"{shop.tenant}#{partition(RecordId(act['id']))}"}, "sk": {"S": act["id"]}}
    wiring.dynamodb.delete_item(TableName=wiring.settings.register_table, Key=key)

    assert shop.register() == [{"id": act["id"], "state": "missing"}]


def test_an_address_is_searched_in_its_one_form_and_never_stands_in_a_url(shop: Shop, stream: Stream, now: datetime) -> None:
    act = decision(shop, now)
    shop.browser().submit(act, identity={"email": "Ann@EXAMPLE.com"})
    stream.deliver()

    found = shop.call("POST", "/register/search", {"email": "Ann@example.COM"}).json["records"]
    other = shop.call("POST", "/register/search", {"email": "ann@example.com"}).json["records"]

    assert [record["id"] for record in found] == [act["id"]]
    assert other == []
