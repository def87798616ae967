"""A customer asks to be forgotten; then somebody looks for them in everything that is stored."""

import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from types import ModuleType
from typing import Any
from zipfile import ZipFile

import pytest

from functions import telemetry
from functions.erasures.tasks import retain
from functions.ids import SubjectId
from functions.ledger.leaf import leaf_hash
from functions.regimes.model import regimes
from tests.functions.erasures.acts import dump
from tests.support.aws import Aws
from tests.support.storefront import Browser, Shop, answered, decision, identity_token, leaf_of, uuid7
from tests.support.streams import Stream

EMAIL, NAME, AGENT = "forget-me@example.com", "Canary Bird", "CanaryBrowser/1.0"
CANARIES = (EMAIL, "forget-me", NAME, AGENT, "127.0.0.0", "127.0.0.1")
IDENTITY = {"email": EMAIL, "name": NAME}

Upkeep = Callable[[], None]
PackOf = Callable[[Shop, str], str]


@pytest.fixture
def upkeep(app: ModuleType, stream: Stream) -> Upkeep:
    """Does what waits in the upkeep's queue."""

    def done() -> None:
        for body in stream.queue(app.wiring.settings.upkeep_queue):
            record = {"messageId": "1", "body": body, "eventSource": "aws:sqs", "receiptHandle": "1"}
            assert found_in(body) == []
            assert app.upkeep({"Records": [record]}, None) == {"batchItemFailures": []}
        stream.deliver()

    return done


@pytest.fixture
def told(aws: Aws, capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[Shop], str]]:
    """All that is stored of a shop, in tables and buckets, and all that was logged and counted."""
    log = StringIO()
    (handler,) = logging.getLogger(telemetry.NAME).handlers
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(log)

    def objects_of(bucket: str, prefix: str = "") -> Iterator[bytes]:
        for page in aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for one in page.get("Contents", []):
                yield aws.s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()

    def everything(shop: Shop) -> str:
        out, err = capsys.readouterr()
        objects = [*objects_of(aws.settings.content_bucket), *objects_of(aws.settings.log_bucket)]
        assert objects
        objects += [file for pack in objects_of(aws.settings.export_bucket, f"{shop.tenant}/") for file in unpacked(pack)]
        assert "answered" in log.getvalue()
        return f"{dump(aws, shop.tenant)} {objects} {out} {err} {log.getvalue()}"

    yield everything
    handler.setStream(before)


def unpacked(pack: bytes) -> list[bytes]:
    with ZipFile(BytesIO(pack)) as archive:
        return [archive.read(name) for name in archive.namelist()]


@pytest.fixture
def pack_of(app: ModuleType, stream: Stream, now: datetime) -> PackOf:
    """Has a dispute pack made; gives its id."""

    def made(shop: Shop, record: str) -> str:
        asked = shop.call("POST", "/disputes", {"id": uuid7(now), "reason": "Claim 7/2026", "record": record}).json
        for body in stream.queue(app.wiring.settings.dispute_queue):
            record_of = {"messageId": "1", "body": body, "eventSource": "aws:sqs", "receiptHandle": "1"}
            assert app.dispute({"Records": [record_of]}, None) == {"batchItemFailures": []}
        assert shop.call("GET", f"/disputes/{asked['id']}").json["link"]
        return str(asked["id"])

    return made


def found_in(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text]


def customer(shop: Shop, stream: Stream, now: datetime) -> tuple[Browser, dict[str, Any]]:
    """A browser that has decided under an address, and what the register says of it."""
    browser = shop.browser()
    answer = browser.submit(decision(shop, now), identity=IDENTITY)
    assert answer.status == 201, answer.text
    stream.deliver()
    (record,) = search(shop)
    assert (record["state"], record["identity"]["email"]) == ("whole", EMAIL)
    return browser, record


def search(shop: Shop) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = shop.call("POST", "/register/search", {"email": EMAIL}).json["records"]
    return records


def ask(shop: Shop, how: str, **whom: str) -> dict[str, Any]:
    answer = shop.call("POST", "/erasures", {"how": how, "reason": "asked by letter of 1 March", **whom})
    assert answer.status == 202, answer.text
    asked: dict[str, Any] = answer.json
    return asked


def test_after_an_erasure_nobody_finds_the_customer_in_anything_and_every_proof_holds(
    shop: Shop,
    neighbours_shop: Shop,
    stream: Stream,
    upkeep: Upkeep,
    told: Callable[[Shop], str],
    pack_of: PackOf,
) -> None:
    now = datetime.now(UTC)
    browser, before = customer(shop, stream, now)
    _, theirs = customer(neighbours_shop, stream, now)
    pack, their_pack = pack_of(shop, before["id"]), pack_of(neighbours_shop, theirs["id"])
    assert {EMAIL, NAME} <= set(found_in(told(shop)))

    asked = ask(shop, "shred", record=before["id"])
    upkeep()

    assert (asked["id"], asked["state"]) == (before["subject"], "pending")
    (done,) = shop.call("GET", f"/erasures/{asked['id']}").json["erasures"]
    assert (done["state"], done["how"], done["reason"]) == ("done", "shredded", "asked by letter of 1 March")
    assert shop.call("GET", "/erasures").json["erasures"] == [done]
    assert search(shop) == []
    after = shop.call("GET", f"/register/{before['id']}").json
    assert (after["state"], after["identity"]["email"], after["ip"], after["device"]) == ("erased", None, None, None)
    assert after["receipt"] == before["receipt"]
    assert browser.submit(decision(shop, now)).status == 410
    everything = told(shop)
    assert before["subject"] in everything
    assert found_in(everything) == []
    dispute = shop.call("GET", f"/disputes/{pack}").json
    assert (dispute["state"], dispute["link"], dispute["reason"]) == ("gone", None, "Claim 7/2026")
    assert search(neighbours_shop) == [theirs]
    assert neighbours_shop.call("GET", f"/disputes/{their_pack}").json["link"]
    assert EMAIL in told(neighbours_shop)


def test_an_erasure_is_a_leaf_that_tells_of_nobody(aws: Aws, shop: Shop, stream: Stream, upkeep: Upkeep, now: datetime) -> None:
    _, record = customer(shop, stream, now)
    ask(shop, "shred", subject=record["subject"])
    upkeep()

    key = {"pk": {"S": f"{shop.tenant}#erasure"}, "sk": {"S": f"{record['subject']}#shredded"}}
    item = aws.dynamodb.get_item(TableName=aws.settings.register_table, Key=key)["Item"]

    says = json.loads(item["leaf"]["B"])
    assert set(says) == {"typ", "log", "at", "sid", "how", "why"}
    assert (says["typ"], says["how"], says["why"]) == ("consentinel/erasure/v1", "shredded", "request")
    assert says["log"] == leaf_of_record(record)["log"]
    assert item["leaf_hash"]["B"] == leaf_hash(item["leaf"]["B"])


def leaf_of_record(record: dict[str, Any]) -> dict[str, Any]:
    leaf: dict[str, Any] = json.loads(record["receipt"]["leaf"])
    return leaf


@pytest.mark.parametrize("how", ["shred", "restrict"])
def test_the_same_address_is_a_new_subject_that_nothing_links_to_the_old(
    shop: Shop, stream: Stream, upkeep: Upkeep, now: datetime, how: str
) -> None:
    _, old = customer(shop, stream, now)
    ask(shop, how, record=old["id"])
    upkeep()

    _, new = customer(shop, stream, now)

    assert new["subject"] != old["subject"]
    assert [one["id"] for one in search(shop)] == [new["id"]]
    assert shop.call("GET", f"/register/{old['id']}").json["state"] == "erased"


def test_a_customer_for_whom_the_shop_vouches_is_a_new_subject_too(
    shop: Shop, stream: Stream, upkeep: Upkeep, now: datetime
) -> None:
    secret = shop.call("POST", "/sites/main/identity-secrets").json

    def vouched() -> str:
        act = decision(shop, now)
        token = identity_token(shop, [act["id"]], now, secret, email=EMAIL)
        answer = shop.browser().submit(act, identity_token=token)
        assert answer.status == 201, answer.text
        stream.deliver()
        return str(leaf_of(answer)["sid"])

    old = vouched()
    assert vouched() == old
    ask(shop, "shred", subject=old)
    upkeep()

    assert vouched() != old


def test_what_is_restricted_is_for_the_dispute_path_alone_until_its_day(
    app: ModuleType, shop: Shop, neighbours_shop: Shop, stream: Stream, upkeep: Upkeep, now: datetime
) -> None:
    browser, record = customer(shop, stream, now)

    asked = ask(shop, "restrict", record=record["id"])
    upkeep()

    until = datetime.fromisoformat(asked["until"])
    disputes = app.wiring.disputes(shop.tenant)
    assert until - now > timedelta(days=max(one.limitation_days for one in regimes().values()))
    assert search(shop) == []
    assert shop.call("GET", f"/register/{record['id']}").json["state"] == "erased"
    assert browser.mine().json["records"][0]["state"] == "erased"
    assert disputes.subjects_with(EMAIL) == [record["subject"]]
    entry = app.wiring.records(shop.tenant).read(record["id"])
    kept = disputes.open_restricted(SubjectId(record["subject"]))
    assert kept.open(entry.sealed, leaf_hash=entry.leaf_hash)["name"] == NAME
    assert app.wiring.disputes(neighbours_shop.tenant).subjects_with(EMAIL) == []

    retain(shop.tenant, until.date() - timedelta(days=1), wiring=app.wiring, now=until - timedelta(days=1))
    assert disputes.subjects_with(EMAIL) == [record["subject"]]
    retain(shop.tenant, until.date(), wiring=app.wiring, now=until)
    assert disputes.subjects_with(EMAIL) == []


def test_a_pack_of_who_is_restricted_stays_until_they_are_shredded(
    app: ModuleType, shop: Shop, stream: Stream, upkeep: Upkeep, now: datetime, pack_of: PackOf
) -> None:
    _, record = customer(shop, stream, now)
    pack = pack_of(shop, record["id"])

    until = datetime.fromisoformat(ask(shop, "restrict", record=record["id"])["until"])
    upkeep()

    assert shop.call("GET", f"/disputes/{pack}").json["link"]
    retain(shop.tenant, until.date(), wiring=app.wiring, now=until)
    assert shop.call("GET", f"/disputes/{pack}").json["state"] == "gone"


def test_proof_that_nobody_needs_any_more_goes_by_itself_and_proof_of_what_holds_stays(
    app: ModuleType, shop: Shop, stream: Stream, now: datetime
) -> None:
    shop.publish_policy("offers", "consent_declaration", {"bg": "Оферти"})
    deciding, agreeing = shop.browser(), shop.browser()
    old = leaf_of(deciding.submit(decision(shop, now), identity=IDENTITY))
    agreeing.submit(decision(shop, now), identity=IDENTITY)
    agreed = leaf_of(agreeing.submit(answered("offers", now, section="newsletter"), identity=IDENTITY))
    stream.deliver()
    terms = list(regimes().values())
    needed = timedelta(days=max(one.reprompt_days for one in terms) + max(one.limitation_days for one in terms))

    retain(shop.tenant, (now + needed).date(), wiring=app.wiring, now=now + needed)
    assert {one["state"] for one in shop.register()} == {"whole"}
    for days in (1, 2):
        later = now + needed + timedelta(days=days)
        retain(shop.tenant, later.date(), wiring=app.wiring, now=later)

    states = {one["id"]: one["state"] for one in shop.register()}
    assert states[old["id"]] == "erased"
    assert states[agreed["id"]] == "whole"


@pytest.mark.parametrize(
    "body",
    [
        {"how": "shred", "reason": "x"},
        {"how": "shred", "reason": "x", "subject": "A" * 22, "record": "0199f0a0-0000-7000-8000-000000000001"},
        {"how": "shred", "reason": "", "subject": "A" * 22},
        {"how": "burn", "reason": "x", "subject": "A" * 22},
        {"how": "shred", "subject": "A" * 22},
        {"how": "shred", "reason": "x", "subject": "../x"},
    ],
)
def test_whoever_does_not_say_whom_how_and_why_is_refused_without_a_call(
    shop: Shop, body: dict[str, Any], aws_calls: list[str]
) -> None:
    shop.call("GET", "/erasures")
    aws_calls.clear()

    answer = shop.call("POST", "/erasures", body)

    assert answer.status == 422
    assert aws_calls == ["dynamodb.GetItem"]  # whose key it is


def test_nobody_can_have_a_neighbours_customer_erased(
    shop: Shop, neighbours_shop: Shop, stream: Stream, upkeep: Upkeep, now: datetime
) -> None:
    _, theirs = customer(neighbours_shop, stream, now)

    for whom in ({"subject": theirs["subject"]}, {"record": theirs["id"]}):
        answer = shop.call("POST", "/erasures", {"how": "shred", "reason": "x", **whom})
        assert answer.status == 404
    upkeep()

    assert search(neighbours_shop) == [theirs]
    assert shop.call("GET", f"/erasures/{theirs['subject']}").status == 404
