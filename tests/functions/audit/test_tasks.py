import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from io import StringIO
from typing import Any

import pytest

from functions import telemetry
from functions.audit.tasks import audit, begin
from functions.dynamo import Table
from functions.ledger.kinds import EntryRef
from functions.tenants.directory import Directory
from functions.wiring import Wiring
from tests.functions.audit.history import History
from tests.support.aws import Account


@pytest.fixture
def wiring(tenant: Account) -> Wiring:
    Directory(Table(tenant.aws.dynamodb, tenant.aws.settings.workspace_table)).enter(tenant.id)
    return replace(Wiring.from_environment(), settings=tenant.aws.settings)


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What the logger writes, wherever that went before."""
    told = StringIO()
    (handler,) = logging.getLogger(telemetry.NAME).handlers
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(told)
    yield told
    handler.setStream(before)


ENOUGH_MS = 900_000
WAITING = "ApproximateNumberOfMessages"


def waiting(wiring: Wiring) -> list[dict[str, Any]]:
    """Messages of the audit's queue, taken out."""
    queue, bodies = wiring.settings.audit_queue, []
    while messages := wiring.sqs.receive_message(QueueUrl=queue).get("Messages", []):
        for message in messages:
            wiring.sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            bodies.append(json.loads(message["Body"]))
    return bodies


def leg(wiring: Wiring, *, pages: int) -> None:
    """Audit so many pages, from where the message says."""
    (body,) = waiting(wiring)
    left = iter([ENOUGH_MS] * pages)
    audit(body, wiring=wiring, time_left_ms=lambda: next(left, 0))


def test_an_audit_without_a_finding_says_nothing(
    tenant: Account, wiring: Wiring, now: datetime, capsys: pytest.CaptureFixture[str], log: StringIO
) -> None:
    History.of(tenant, now)

    begin(wiring=wiring)
    leg(wiring, pages=10_000)

    assert waiting(wiring) == []
    assert (capsys.readouterr().out, log.getvalue()) == ("", "")


def test_it_goes_on_by_messages_and_tells_of_each_finding_once(
    tenant: Account, wiring: Wiring, now: datetime, capsys: pytest.CaptureFixture[str], log: StringIO
) -> None:
    history, legs = History.of(tenant, now), 0
    history.locator(1, index={"N": "2"})
    history.put(EntryRef("nonsense", "vera@example.com"), b"nothing")

    begin(wiring=wiring)
    while (
        wiring.sqs.get_queue_attributes(QueueUrl=wiring.settings.audit_queue, AttributeNames=[WAITING])["Attributes"][WAITING]
        != "0"
    ):
        leg(wiring, pages=2)
        legs += 1

    counted = [json.loads(line)["AuditDisagrees"] for line in capsys.readouterr().out.splitlines()]
    messages = [json.loads(line)["message"] for line in log.getvalue().splitlines()]
    assert legs > 2
    assert counted == [
        [1.0],
        [2.0],
    ]  # the locator where the log says it should lead, then where it leads, and the row of no kind
    assert messages == ["the audit disagrees: locator"] * 2
    assert "vera" not in log.getvalue()
