"""A visitor decides in the banner or at a box; the register proves it, and nobody else sees it."""

import json
from base64 import b64decode
from datetime import datetime, timedelta

import pytest

from functions.consents.receipt import signer_of
from functions.ledger.leaf import leaf_hash
from functions.ledger.note import Unverified, Verifier, open_note
from tests.support.aws import Aws
from tests.support.storefront import UA, Browser, Shop, answered, decision, identity_token, leaf_of, uuid7
from tests.support.streams import Stream


def items(aws: Aws, shop: Shop, record: str) -> list[object]:
    """Every item of the register under a record's id, in whatever partition of the tenant."""
    pages = aws.dynamodb.get_paginator("scan").paginate(TableName=aws.settings.register_table, ConsistentRead=True)
    found = [item for page in pages for item in page["Items"]]
    return [item for item in found if item["sk"]["S"] == record and item["pk"]["S"].startswith(shop.tenant)]


def test_the_register_shows_every_field_of_an_act(shop: Shop, stream: Stream, now: datetime) -> None:
    shop.publish_policy("terms", "contract_terms", {"bg": "# Условия\n\nТекст.", "en": "# Terms\n\nText."})
    act = answered("terms", now)

    answer = shop.browser().submit(act, identity={"email": "Ann@Example.COM", "name": "Ann Lee"})
    stream.deliver()

    assert answer.status == 201
    (record,) = shop.register()
    assert record["policy"]["id"] == "terms"
    assert record["policy"]["version"] == 1
    assert record["policy"]["title"] == "Terms"
    assert record["policy"]["language"] == "bg"
    assert record["identity"] == {"email": "Ann@example.com", "name": "Ann Lee", "verification": "claimed"}
    assert record["section"] == "checkout"
    assert record["act"] == "given"
    assert record["ip"] == "127.0.0.0/24"
    assert record["device"]["user_agent"] == UA
    assert len(record["device"]["imprint"]) == 16
    assert record["last_action_at"] == record["at"]
    assert abs(datetime.fromisoformat(record["at"]) - now) < timedelta(minutes=1)
    assert record["state"] == "whole"
    assert record["receipt"] == answer.json["records"][0]["receipt"]
    assert shop.call("GET", f"/register/{act['id']}").json == record


def test_the_same_act_again_gets_the_first_receipt_and_leaves_one_item(aws: Aws, shop: Shop, now: datetime) -> None:
    act, browser = decision(shop, now, "performance"), shop.browser()
    first = browser.post({"acts": [act]})

    again = browser.post({"acts": [act]})

    assert (first.status, again.status) == (201, 200)
    assert again.json["records"][0]["receipt"] == first.json["records"][0]["receipt"]
    assert again.json["subject_token"] == first.json["subject_token"]
    assert len(items(aws, shop, act["id"])) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"act": "given", "categories": dict.fromkeys(("necessary", "performance", "functional", "targeting"), True)},
        {"at_client": 1},
        {"previous": "019a0000-0000-7000-8000-000000000000"},
    ],
)
def test_other_content_under_the_same_id_is_a_conflict_and_changes_nothing(
    aws: Aws, shop: Shop, now: datetime, change: dict[str, object]
) -> None:
    act, browser = decision(shop, now, "performance"), shop.browser()
    first = browser.post({"acts": [act]})
    before = items(aws, shop, act["id"])

    second = browser.post({"acts": [act | change]})

    assert (first.status, second.status) == (201, 409)
    assert items(aws, shop, act["id"]) == before


def test_another_name_under_the_same_id_is_a_conflict_too(shop: Shop, now: datetime) -> None:
    act, browser = decision(shop, now), shop.browser()
    browser.post({"acts": [act], "identity": {"name": "Ann"}})

    second = browser.post({"acts": [act], "identity": {"name": "Bob"}})

    assert second.status == 409


def test_a_receipt_is_signed_and_a_changed_leaf_does_not_fit_it(aws: Aws, shop: Shop, now: datetime) -> None:
    receipt = shop.browser().submit(decision(shop, now, "performance")).json["records"][0]["receipt"]
    verifier = signer_of(aws.roots.unwrap(shop.tenant), log_host=aws.settings.log_host).verifier

    opened = open_note(receipt["note"].encode(), [verifier])

    leaf = receipt["leaf"].encode()
    kind, log, record, hashed, seconds = opened.text.splitlines()
    assert (kind, log, seconds) == ("consentinel/receipt/v1", receipt["log"], "60")
    assert record == json.loads(leaf)["id"]
    assert b64decode(hashed) == leaf_hash(leaf)
    assert leaf_hash(leaf.replace(b'"performance":true', b'"performance":false')) != b64decode(hashed)
    with pytest.raises(Unverified):
        open_note(receipt["note"].replace(hashed, hashed[::-1]).encode(), [verifier])


def test_a_receipt_and_its_leaf_hold_no_personal_data(shop: Shop, now: datetime) -> None:
    identity = {"email": "canary@example.com", "name": "Canary Bird"}

    answer = shop.browser().submit(decision(shop, now), identity=identity)

    for canary in ("canary", "Canary", "127.0.0", "Mozilla"):
        assert canary not in answer.text


def test_a_form_of_several_boxes_is_a_record_each_under_one_submission(shop: Shop, stream: Stream, now: datetime) -> None:
    shop.publish_policy("terms", "contract_terms", {"bg": "Условия"})
    shop.publish_policy("marketing", "consent_declaration", {"bg": "Декларация"})
    submission = uuid7(now)

    answer = shop.browser().submit(answered("terms", now), answered("marketing", now, act="refused"), submission=submission)
    stream.deliver()

    assert [record["status"] for record in answer.json["records"]] == [201, 201]
    records = shop.register()
    assert {record["submission"] for record in records} == {submission}
    assert {record["policy"]["id"]: record["act"] for record in records} == {"terms": "given", "marketing": "refused"}


def test_of_several_acts_the_good_ones_are_entered_and_the_answer_says_which_were_not(shop: Shop, now: datetime) -> None:
    shop.publish_policy("terms", "contract_terms", {"bg": "Условия"})

    answer = shop.browser().submit(answered("terms", now), answered("nothing", now), submission=uuid7(now))

    assert answer.status == 207
    first, second = answer.json["records"]
    assert (first["status"], second["status"]) == (201, 422)
    assert second["problem"]["violations"][0]["pointer"] == "/acts/1/policy/version"


def test_the_last_action_is_that_of_the_newest_act_on_the_same_document(shop: Shop, stream: Stream, now: datetime) -> None:
    shop.publish_policy("terms", "contract_terms", {"bg": "Условия"})
    browser = shop.browser()
    browser.submit(answered("terms", now))
    browser.submit(answered("terms", now, act="renewed"))
    browser.submit(decision(shop, now))

    stream.deliver()

    categories, second, first = shop.register()
    assert first["subject"] == second["subject"] == categories["subject"]
    assert first["last_action_at"] == second["at"] > first["at"]
    assert categories["last_action_at"] == categories["at"]


def test_a_browser_reads_its_own_records_and_nobody_elses(shop: Shop, stream: Stream, now: datetime) -> None:
    mine, other = shop.browser(), shop.browser()
    act = decision(shop, now, "targeting")
    mine.submit(act)
    other.submit(decision(shop, now))
    stream.deliver()

    own = mine.mine()

    assert [record["id"] for record in own.json["records"]] == [act["id"]]
    assert mine.mine(f"/{act['id']}").status == 200
    assert other.mine(f"/{act['id']}").status == 404
    assert [record["id"] for record in other.mine().json["records"]] != [act["id"]]


def test_a_subject_token_of_the_neighbour_or_none_opens_nothing(shop: Shop, neighbours_shop: Shop, now: datetime) -> None:
    browser, theirs = shop.browser(), neighbours_shop.browser()
    browser.submit(decision(shop, now))
    theirs.submit(decision(neighbours_shop, now))

    borrowed = Browser(shop, theirs.token).mine()

    assert borrowed.status == 401
    assert "access-control-allow-origin" in borrowed.headers
    assert Browser(shop).mine().status == 401
    assert Browser(shop, f"{browser.token}x").mine().status == 401


def test_who_knows_an_acts_id_and_not_its_browsers_secret_gets_nothing_of_it(shop: Shop, now: datetime) -> None:
    victim, other = shop.browser(), shop.browser()
    act = decision(shop, now, "performance")
    mine = victim.submit(act, identity={"email": "ann@example.com"})

    answers = [
        other.post({"acts": [decision(shop, now)], "submission": act["id"]}),
        other.post({"acts": [decision(shop, now)], "submission": act["id"], "secret": "A" * 22}),
        Browser(shop).post({"acts": [act], "identity": {"email": "ann@example.com"}}),
    ]

    assert [answer.status for answer in answers] == [201, 201, 409]
    assert all(answer.json.get("subject_token") != mine.json["subject_token"] for answer in answers)
    assert all(leaf_of(answer)["sid"] != leaf_of(mine)["sid"] for answer in answers[:2])
    assert other.post({"acts": [decision(shop, now)], "subject_token": None}).status == 422


def test_a_browser_without_a_token_and_without_a_secret_is_told_what_is_missing(shop: Shop, now: datetime) -> None:
    answer = shop.http.send(
        "POST",
        "/v1/consents",
        {"acts": [decision(shop, now)]},
        headers=shop.browser().headers(),
        query={"site": shop.site},
    )

    assert answer.status == 422
    assert answer.json["violations"][0]["pointer"] == "/secret"


def test_an_act_that_the_shop_vouched_for_is_no_way_into_its_subject(shop: Shop, now: datetime) -> None:
    secret = shop.call("POST", "/sites/main/identity-secrets").json
    act, more = decision(shop, now), decision(shop, now, "targeting")
    token = identity_token(shop, [act["id"]], now, secret)
    vouched = shop.browser().submit(act, identity_token=token)

    joined = shop.browser().post({"acts": [more], "submission": act["id"]})
    replayed = shop.browser().post({"acts": [more], "submission": act["id"], "identity_token": token})

    assert vouched.status == 201
    assert leaf_of(joined)["sid"] != leaf_of(vouched)["sid"]
    assert replayed.status == 422


def test_a_retry_of_what_the_shop_vouched_for_gets_the_first_receipt(shop: Shop, now: datetime) -> None:
    secret = shop.call("POST", "/sites/main/identity-secrets").json
    act = decision(shop, now)
    token = identity_token(shop, [act["id"]], now, secret)

    first, again = (shop.browser().submit(act, identity_token=token) for _ in range(2))

    assert (first.status, again.status) == (201, 200)
    assert first.json["records"][0]["receipt"] == again.json["records"][0]["receipt"]


def test_the_key_that_receipts_are_signed_by_is_public(shop: Shop, neighbours_shop: Shop, now: datetime) -> None:
    receipt = shop.browser().submit(decision(shop, now)).json["records"][0]["receipt"]

    def key(of: Shop) -> Verifier:
        answer = of.http.send("GET", "/v1/receipts/key", query={"site": of.site})
        return Verifier.parse(answer.json["key"])

    assert open_note(receipt["note"].encode(), [key(shop)]).verified
    with pytest.raises(Unverified):
        open_note(receipt["note"].encode(), [key(neighbours_shop)])


def test_the_leaf_names_the_config_that_was_shown_by_its_hash(shop: Shop, now: datetime) -> None:
    leaf = leaf_of(shop.browser().submit(decision(shop, now)))

    assert leaf["cfg"] == {"ver": 1, "sha256": shop.config["sha256"]}


def test_the_neighbour_sees_no_byte_of_it(shop: Shop, neighbours_shop: Shop, stream: Stream, now: datetime) -> None:
    act = decision(shop, now, "targeting")
    answer = shop.browser().submit(act, identity={"email": "canary@example.com"})
    stream.deliver()
    leaf = leaf_of(answer)

    seen = [
        neighbours_shop.call("GET", "/register"),
        neighbours_shop.call("GET", f"/register/{act['id']}"),
        neighbours_shop.call("GET", "/register", query={"subject": leaf["sid"]}),
        neighbours_shop.call("POST", "/register/search", {"email": "canary@example.com"}),
    ]

    assert [answer.status for answer in seen] == [200, 404, 200, 200]
    assert not any(act["id"] in answer.text or "canary" in answer.text for answer in seen)
    assert [record["id"] for record in shop.register()] == [act["id"]]


def test_an_address_typed_by_a_visitor_is_only_claimed_and_a_token_of_the_shops_server_makes_it_verified(
    shop: Shop, stream: Stream, now: datetime
) -> None:
    secret = shop.call("POST", "/sites/main/identity-secrets").json
    typed, vouched = decision(shop, now), decision(shop, now, "performance")
    token = identity_token(shop, [vouched["id"]], now, secret)

    claimed = shop.browser().submit(typed, identity={"email": "ann@example.com"})
    verified = shop.browser().submit(vouched, identity_token=token)
    stream.deliver()

    assert (claimed.status, verified.status) == (201, 201)
    assert leaf_of(claimed)["sid"] != leaf_of(verified)["sid"]
    assert "subject_token" not in verified.json
    found = shop.call("POST", "/register/search", {"email": "ann@example.com"}).json["records"]
    assert {record["id"]: record["identity"]["verification"] for record in found} == {
        typed["id"]: "claimed",
        vouched["id"]: "token",
    }


def test_delivering_the_stream_again_in_any_order_changes_nothing(shop: Shop, stream: Stream, now: datetime) -> None:
    browser = shop.browser()
    browser.submit(decision(shop, now), identity={"email": "ann@example.com"})
    browser.submit(decision(shop, now, "performance"))
    records = stream.records()
    stream.deliver(records)
    before = shop.register()

    failed = stream.deliver([*reversed(records), *records])

    assert failed == []
    assert shop.register() == before
    assert len(shop.call("POST", "/register/search", {"email": "ann@example.com"}).json["records"]) == 1
