"""Canaries in everything that a visitor sends; none may come out in a log line, a metric, an error, an address or a leaf."""

import logging
from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from types import ModuleType
from typing import Any

import pytest

from functions import telemetry
from tests.support.aws import Aws
from tests.support.storefront import Shop, answered, decision
from tests.support.streams import Stream

EMAIL, NAME, AGENT = "canary-mail@example.com", "Canary Bird", "CanaryBrowser/1.0"
CANARIES = (EMAIL, "canary-mail", NAME, "Canary", AGENT, "127.0.0.1")


def found_in(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text or b64encode(canary.encode()).decode() in text]


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What the logger writes, wherever that went before."""
    told = StringIO()
    (handler,) = logging.getLogger(telemetry.NAME).handlers
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(told)
    yield told
    handler.setStream(before)


@pytest.fixture
def broken_register(app: ModuleType, shop: Shop) -> Iterator[None]:  # noqa: ARG001 - the shop is set up before it breaks
    """AWS's client fails on the next insert, with an exception that quotes the visitor, as such exceptions do."""
    events = app.wiring.dynamodb.meta.events

    def fail(params: dict[str, Any], **_: Any) -> None:
        raise RuntimeError(f"cannot put {params} of {EMAIL} {NAME}")

    events.register("provide-client-params.dynamodb.PutItem", fail)
    yield
    events.unregister("provide-client-params.dynamodb.PutItem", fail)


def test_no_canary_comes_out_of_acts_refusals_and_indexing(
    shop: Shop, stream: Stream, now: datetime, capsys: pytest.CaptureFixture[str], log: StringIO
) -> None:
    identity, browser = {"email": EMAIL, "name": NAME}, shop.browser()
    shop.publish_policy("terms", "contract_terms", {"bg": "Условия"})

    answers = [
        browser.post({"acts": [answered("terms", now)], "identity": identity}, headers={"User-Agent": AGENT}),
        browser.post({"acts": [decision(shop, now)], "identity": identity}, headers={"User-Agent": AGENT}),
        browser.post({"acts": [answered("nothing", now)], "identity": identity}),
        browser.post({"acts": [answered("terms", now)], "identity": {"email": f"{EMAIL}@{EMAIL}", "name": NAME}}),
        browser.post({"acts": [answered("terms", now) | {EMAIL: NAME}], "identity": identity}),
    ]
    stream.deliver()

    assert [answer.status for answer in answers] == [201, 201, 422, 422, 422]
    out, err = capsys.readouterr()
    assert "ConsentsEntered" in out
    assert "post_v1_consents" in log.getvalue()
    assert found_in(out + err + log.getvalue()) == []
    assert not any(found_in(answer.text) for answer in answers)


@pytest.mark.usefixtures("broken_register")
def test_no_canary_comes_out_when_the_fault_is_ours(
    shop: Shop, now: datetime, capsys: pytest.CaptureFixture[str], log: StringIO
) -> None:
    answer = shop.browser().post(
        {"acts": [decision(shop, now)], "identity": {"email": EMAIL, "name": NAME}}, headers={"User-Agent": AGENT}
    )

    out, err = capsys.readouterr()
    assert answer.status == 500
    assert answer.json["title"] == "That is our fault"
    assert "Faults" in out
    assert "RuntimeError" in log.getvalue()
    assert "put_new" in log.getvalue()
    assert found_in(out + err + log.getvalue() + answer.text) == []


def test_no_canary_stands_in_the_clear_in_any_table(aws: Aws, shop: Shop, stream: Stream, now: datetime) -> None:
    identity = {"email": EMAIL, "name": NAME}
    shop.browser().post({"acts": [decision(shop, now)], "identity": identity}, headers={"User-Agent": AGENT})

    stream.deliver()

    for table in (aws.settings.register_table, aws.settings.ledger_table, aws.settings.vault_table):
        pages = aws.dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        items = [item for page in pages for item in page["Items"]]
        assert any(item["pk"]["S"].startswith(shop.tenant) for item in items)
        assert found_in(str(items)) == []
