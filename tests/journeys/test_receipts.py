"""A receipt is promised at once and complete a minute later; whoever has it needs nobody to check it."""

import json
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from types import ModuleType
from typing import Any

from functions.cli import verify
from functions.ids import RecordId, SubjectId
from functions.ledger.checkpoint import opened
from functions.ledger.kinds import shard
from functions.ledger.leaf import leaf_hash
from functions.ledger.lines import unbase64
from functions.ledger.note import Verifier
from functions.ledger.proof import LogProof
from functions.ledger.tree import verify_consistency
from functions.vault.mark import Why
from tests.support.http import Answer
from tests.support.storefront import Browser, Shop, answered, decision, leaf_of, uuid7
from tests.support.streams import Stream

IDENTITY = {"email": "ann@example.com", "name": "Ann Lee"}


def mine(browser: Browser, path: str, **query: str) -> Answer:
    """Asked for by the shop's page, with this browser's token."""
    headers = browser.headers() | ({"Authorization": f"Bearer {browser.token}"} if browser.token else {})
    return browser.shop.http.send("GET", f"/v1{path}", headers=headers, query={"site": browser.shop.site, **query})


def checked(receipt: dict[str, Any]) -> verify.Verdict:
    return verify.check(json.dumps(receipt).encode(), verify.Brought())


def held(verdict: verify.Verdict) -> set[str]:
    return {finding.check for finding in verdict.findings if finding.standing is verify.Standing.HOLDS}


def sequenced(stream: Stream) -> None:
    assert stream.deliver() == []
    stream.sign()


def tamper(app: ModuleType, shop: Shop, record: str) -> None:
    key = {"pk": {"S": f"{shop.tenant}#{shard(RecordId(record))}"}, "sk": {"S": record}}
    table = app.wiring.settings.register_table
    item = app.wiring.dynamodb.get_item(TableName=table, Key=key)["Item"]
    leaf = item["leaf"]["B"].replace(b'"performance":true', b'"performance":false')
    assert leaf != item["leaf"]["B"]
    app.wiring.dynamodb.put_item(TableName=table, Item={**item, "leaf": {"B": leaf}, "leaf_hash": {"B": leaf_hash(leaf)}})


def test_a_receipt_is_promised_at_once_and_complete_when_the_log_has_signed(shop: Shop, stream: Stream, now: datetime) -> None:
    act, browser = decision(shop, now, "performance"), shop.browser()
    promise = browser.submit(act, identity=IDENTITY).json["records"][0]["receipt"]

    promised = mine(browser, f"/receipts/{act['id']}").json
    sequenced(stream)
    complete = mine(browser, f"/receipts/{act['id']}").json

    assert (promised["receipt"]["state"], promised["proof"], promised["anchors"]) == ("promised", None, [])
    assert complete["receipt"]["state"] == "complete"
    for receipt in (promised, complete):
        assert {name: receipt[name] for name in ("leaf", "leaf_hash", "note")} == {
            name: promise[name] for name in ("leaf", "leaf_hash", "note")
        }
        assert receipt["opening"]["personal"]["email"] == "ann@example.com"
        assert checked(receipt).exit_code == 0
    assert held(checked(promised)) == {"leaf_hash", "promise", "opening"}
    assert held(checked(complete)) == {"leaf_hash", "promise", "opening", "proof"}
    proof, log = LogProof.parse(complete["proof"]), Verifier.parse(complete["keys"]["log"])
    checkpoint = proof.verify(unbase64(complete["leaf_hash"]), log)
    assert checkpoint.origin == promise["log"]


def test_a_receipt_says_what_was_shown_in_the_words_of_the_standard(
    app: ModuleType, shop: Shop, stream: Stream, now: datetime
) -> None:
    shop.publish_policy("terms", "contract_terms", {"bg": "# Условия\n\nПлащате.\n"})
    profile = {"company": "Роза ЕООД", "registration_number": "202020202", "contact_email": "owner@example.com"}
    tenant = shop.call("GET", "/tenant").json
    shop.call("PUT", "/tenant", {**tenant, "profile": {**tenant["profile"], **profile}})
    answer, click, browser = answered("terms", now), decision(shop, now, "performance"), shop.browser()
    for act in (answer, click):
        assert browser.submit(act).status == 201
    sequenced(stream)

    of_answer, of_click = (mine(browser, f"/receipts/{act['id']}").json["receipt"] for act in (answer, click))

    (notice,) = of_answer["privacy_notices"]
    assert (notice["title"], notice["version"], notice["language"]) == ("Terms", 1, "bg")
    base = app.wiring.settings.cdn_base
    stands = app.wiring.content.read(notice["text"].removeprefix(f"{base}/"))
    assert sha256(stands).hexdigest() == notice["sha256"]
    assert b"<h1>" in app.wiring.content.read(notice["page"].removeprefix(f"{base}/"))
    assert of_answer["purposes"] == [{"purpose": "terms", "purpose_type": "contract_terms", "granted": True}]
    assert of_click["privacy_notices"] == []
    assert [purpose["purpose"] for purpose in of_click["purposes"] if purpose["granted"]] == ["necessary", "performance"]
    config = of_click["shown"]["config"]
    assert sha256(app.wiring.content.read(config["window"].removeprefix(f"{base}/"))).hexdigest() == config["sha256"]
    assert of_click["shown"]["build"] == shop.config["build"]
    for rendering in (of_answer, of_click):
        assert rendering["schema_version"] == "ISO/IEC TS 27560:2023"
        assert rendering["pii_controllers"][0]["party_email"] == "owner@example.com"


def flipped(text: str, place: int) -> str:
    return text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]


SPOILT: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "the leaf": lambda had: {"leaf": had["leaf"].replace('"performance":true', '"performance":false')},
    "the hash": lambda had: {"leaf_hash": flipped(had["leaf_hash"], 3)},
    "the promise": lambda had: {"note": flipped(had["note"], len(had["note"]) - 20)},
    "the proof": lambda had: {"proof": flipped(had["proof"], len(had["proof"]) - 20)},
    "the salt": lambda had: {"opening": had["opening"] | {"salt": flipped(had["opening"]["salt"], 3)}},
    "the address": lambda had: {"opening": had["opening"] | {"personal": {**had["opening"]["personal"], "ip": "::/48"}}},
}


def test_a_receipt_is_refused_after_one_change(shop: Shop, stream: Stream, now: datetime) -> None:
    act, browser = decision(shop, now, "performance"), shop.browser()
    browser.submit(act, identity=IDENTITY)
    sequenced(stream)
    receipt = mine(browser, f"/receipts/{act['id']}").json

    spoilt = {part: receipt | change(receipt) for part, change in SPOILT.items()}

    assert checked(receipt).exit_code == 0
    assert receipt not in spoilt.values()
    assert {part: checked(one).exit_code for part, one in spoilt.items()} == dict.fromkeys(SPOILT, 1)


def test_the_merchant_gets_any_receipt_of_the_account_without_its_personal_data(
    shop: Shop, stream: Stream, now: datetime
) -> None:
    act, browser = decision(shop, now, "performance"), shop.browser()
    browser.submit(act, identity=IDENTITY)
    sequenced(stream)

    receipt = shop.call("GET", f"/receipts/{act['id']}")

    assert receipt.status == 200
    assert "opening" not in receipt.json
    assert "ann@example.com" not in receipt.text
    assert "opening" not in held(checked(receipt.json))
    assert checked(receipt.json).exit_code == 0
    own = mine(browser, f"/receipts/{act['id']}").json
    assert own.pop("opening")
    assert own == receipt.json


def test_nobody_else_gets_a_receipt_and_all_refusals_look_alike(
    shop: Shop, neighbours_shop: Shop, stream: Stream, now: datetime
) -> None:
    act, browser, other = decision(shop, now), shop.browser(), shop.browser()
    browser.submit(act, identity=IDENTITY)
    other.submit(decision(shop, now))
    neighbour = neighbours_shop.browser()
    neighbour.submit(decision(neighbours_shop, now))
    sequenced(stream)

    answers = [
        mine(other, f"/receipts/{act['id']}"),
        mine(other, f"/receipts/{uuid7(now)}"),
        mine(neighbour, f"/receipts/{act['id']}"),
        neighbours_shop.call("GET", f"/receipts/{act['id']}"),
        neighbours_shop.call("GET", f"/receipts/{uuid7(now)}"),
    ]

    assert {(answer.status, answer.text) for answer in answers} == {(404, answers[0].text)}
    assert mine(shop.browser(), f"/receipts/{act['id']}").status == 401


def test_an_editors_key_gets_no_receipts(shop: Shop, now: datetime) -> None:
    key = shop.call("POST", "/keys", {"label": "texts", "role": "editor"}).json["key"]
    editor = Shop(shop.http, shop.tenant, key, shop.site)

    answers = [editor.call("GET", path) for path in (f"/receipts/{uuid7(now)}", f"/logs/{now.year}/checkpoint")]

    assert [answer.status for answer in answers] == [403, 403]


def test_what_cannot_be_a_record_a_year_or_a_size_costs_no_call(shop: Shop, now: datetime, aws_calls: list[str]) -> None:
    shop.call("GET", "/register")
    aws_calls.clear()

    answers = [
        shop.call("GET", path, query=query)
        for path, query in (
            ("/receipts/ann@example.com", None),
            ("/logs/1999/checkpoint", None),
            (f"/logs/{now.year + 1}/checkpoint", None),
            ("/logs/now/checkpoint", None),
            (f"/logs/{now.year}/consistency", None),
            (f"/logs/{now.year}/consistency", {"from": "2", "to": "1"}),
            (f"/logs/{now.year}/consistency", {"from": "0", "to": "1"}),
            (f"/logs/{now.year}/consistency", {"from": "-1", "to": "9" * 30}),
        )
    ]

    assert [answer.status for answer in answers] == [422, 404, 404, 404, 422, 422, 422, 422]
    assert aws_calls == ["dynamodb.GetItem"] * len(answers)  # whose key it is


def test_reading_a_receipt_signs_nothing(shop: Shop, stream: Stream, now: datetime, aws_calls: list[str]) -> None:
    act, browser = decision(shop, now), shop.browser()
    browser.submit(act)
    sequenced(stream)
    aws_calls.clear()

    receipts = [mine(browser, f"/receipts/{act['id']}").json for _ in range(2)]

    assert receipts[0] == receipts[1]
    assert not [call for call in aws_calls if "Sign" in call or "Put" in call or "Update" in call]


def test_of_an_erased_subject_the_proof_holds_and_nothing_is_opened(
    app: ModuleType, shop: Shop, stream: Stream, now: datetime
) -> None:
    act, browser = decision(shop, now, "performance"), shop.browser()
    subject = SubjectId(leaf_of(browser.submit(act, identity=IDENTITY))["sid"])
    sequenced(stream)
    before = mine(browser, f"/receipts/{act['id']}").json

    app.wiring.shredder(shop.tenant).shred(subject, why=Why.REQUEST, now=now)
    after = mine(browser, f"/receipts/{act['id']}").json

    opening = before.pop("opening")
    assert after == before
    assert held(checked(after)) >= {"leaf_hash", "promise", "proof"}
    assert checked(after).exit_code == 0
    # What the subject took home beforehand still opens the commitment.
    assert "opening" in held(checked(after | {"opening": opening}))


def test_of_a_record_that_was_altered_there_is_no_receipt(app: ModuleType, shop: Shop, stream: Stream, now: datetime) -> None:
    act, browser = decision(shop, now, "performance"), shop.browser()
    browser.submit(act)
    sequenced(stream)

    tamper(app, shop, act["id"])

    assert mine(browser, f"/receipts/{act['id']}").status == 404
    refused = shop.call("GET", f"/receipts/{act['id']}")
    assert refused.status == 404
    assert "not what was signed" in refused.json["detail"]


def test_whoever_kept_a_checkpoint_is_shown_that_the_log_only_grew(
    app: ModuleType, shop: Shop, neighbours_shop: Shop, stream: Stream, now: datetime
) -> None:
    browser = shop.browser()
    browser.submit(decision(shop, now))
    sequenced(stream)
    year = now.year
    kept = shop.call("GET", f"/logs/{year}/checkpoint").json
    act = decision(shop, now)
    browser.submit(act)
    stream.deliver()
    app.wiring.signing(shop.tenant, year).sign(now=now)
    receipt = mine(browser, f"/receipts/{act['id']}").json

    newest = shop.call("GET", f"/logs/{year}/checkpoint").json
    sizes = {"from": str(kept["size"]), "to": str(newest["size"])}
    grown, grown_for_subject = (
        shop.call("GET", f"/logs/{year}/consistency", query=sizes),
        mine(browser, f"/logs/{year}/consistency", **sizes),
    )

    assert grown.json == grown_for_subject.json
    assert grown.json["checkpoint"] == newest["checkpoint"]
    log = Verifier.parse(receipt["keys"]["log"])
    old, new = (opened(one["checkpoint"].encode(), log) for one in (kept, newest))
    hashes = [unbase64(one) for one in grown.json["consistency"]]
    verify_consistency(old.size, new.size, hashes, old.root, new.root)
    brought = verify.Brought(checkpoint=kept["checkpoint"], consistency=tuple(hashes))
    assert verify.check(json.dumps(receipt).encode(), brought).exit_code == 0
    forged = (bytes(32), *hashes[1:])
    brought = verify.Brought(checkpoint=kept["checkpoint"], consistency=forged)
    assert verify.check(json.dumps(receipt).encode(), brought).exit_code == 1
    unsigned = {"from": str(kept["size"]), "to": str(newest["size"] + 1)}
    assert shop.call("GET", f"/logs/{year}/consistency", query=unsigned).status == 404
    assert neighbours_shop.call("GET", f"/logs/{year}/checkpoint").status == 404
