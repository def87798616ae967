import json
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.dynamo import Item
from functions.ledger.model import Batch, Head
from functions.sequencer.tasks import ledger, sequence
from functions.wiring import Wiring
from tests.support.aws import Account, Aws
from tests.support.logs import TestLog


@pytest.fixture
def wiring(aws: Aws) -> Wiring:
    return Wiring(aws.settings, aws.dynamodb, aws.session)


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


def told(log: TestLog, name: str, now: datetime) -> tuple[str, Item]:
    (candidate,) = log.entered(now)
    item: Any = log.account.register.read(candidate.ref.partition, candidate.ref.key)
    return name, item


def without_its_last_batch(log: TestLog, now: datetime) -> None:
    """As after a crash behind the commit, and somebody took the batch away."""
    log.sequencer.sequence(log.entered(now), now=now)
    table, key = log.account.log(log.year).table, {"S": f"{log.account.id}#log#{log.year}"}
    table.client.delete_item(TableName=table.name, Key={"pk": key, "sk": {"S": "batch#000000000000"}})
    table.client.update_item(TableName=table.name, Key={"pk": key, "sk": {"S": "head"}}, UpdateExpression="REMOVE finished")


def waiting(wiring: Wiring, log: TestLog) -> list[dict[str, Any]]:
    queue = wiring.settings.ledger_queue
    bodies: list[dict[str, Any]] = []
    while messages := wiring.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
        for message in messages:
            wiring.sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            bodies.append(json.loads(message["Body"]))
    return [body for body in bodies if body["tenant"] == log.account.id and body["do"] == "sequence"]


def test_a_log_with_trouble_of_its_own_holds_up_no_other(
    wiring: Wiring, tenant: Account, neighbour: Account, now: datetime
) -> None:
    broken, sound = TestLog(tenant, now.year), TestLog(neighbour, now.year)
    without_its_last_batch(broken, now)
    entries = [told(broken, "1", now), told(sound, "2", now)]

    failed = sequence(entries, wiring=wiring)

    head = neighbour.log(now.year).head()
    (message,) = waiting(wiring, broken)
    assert failed == []
    assert head is not None
    assert head.size == 1
    assert len(message["refs"]) == 1
    with pytest.raises(LookupError):
        ledger(message, wiring=wiring)
    assert waiting(wiring, broken) == []


def test_a_head_that_cannot_be_read_holds_up_no_other(
    wiring: Wiring, tenant: Account, neighbour: Account, now: datetime
) -> None:
    broken, sound = TestLog(tenant, now.year), TestLog(neighbour, now.year)
    broken.sequencer.sequence(broken.entered(now), now=now)
    table, key = tenant.log(now.year).table, {"pk": {"S": f"{tenant.id}#log#{now.year}"}, "sk": {"S": "head"}}
    table.client.update_item(
        TableName=table.name,
        Key=key,
        UpdateExpression="SET #roots = :none",
        ExpressionAttributeNames={"#roots": "roots"},
        ExpressionAttributeValues={":none": {"B": bytes(64)}},  # two roots of a tree of one leaf
    )

    failed = sequence([told(broken, "1", now), told(sound, "2", now)], wiring=wiring)

    head = neighbour.log(now.year).head()
    assert failed == []
    assert head is not None
    assert head.size == 1


def test_what_waits_gets_its_place_once_the_trouble_is_over(wiring: Wiring, tenant: Account, now: datetime) -> None:
    log = TestLog(tenant, now.year)
    candidates = log.entered(now, 3)
    message = {"do": "sequence", "tenant": tenant.id, "refs": [str(candidate.ref) for candidate in candidates]}

    ledger(message, wiring=wiring)
    ledger(message, wiring=wiring)

    head = tenant.log(now.year).head()
    assert head is not None
    assert head.size == 3
    assert len(tenant.places.find([candidate.ref for candidate in candidates])) == 3


def test_a_signature_that_comes_early_is_asked_for_again(wiring: Wiring, tenant: Account, now: datetime) -> None:
    log = TestLog(tenant, now.year)
    message = {"do": "sign", "tenant": tenant.id, "year": now.year}
    log.sequencer.sequence(log.entered(now), now=now)
    ledger(message, wiring=wiring)
    log.sequencer.sequence(log.entered(now), now=now)

    ledger(message, wiring=wiring)

    head = tenant.log(now.year).head()
    assert head is not None
    assert (head.size, head.signed_size) == (2, 1)


def test_a_log_is_not_closed_before_its_time(wiring: Wiring, tenant: Account, now: datetime) -> None:
    log = TestLog(tenant, now.year)
    log.sequencer.sequence(log.entered(now), now=now)

    ledger({"do": "close", "tenant": tenant.id, "year": now.year}, wiring=wiring)

    head = tenant.log(now.year).head()
    assert head is not None
    assert not head.closed


def test_a_log_whose_time_is_over_is_closed_and_signed_to_its_end(wiring: Wiring, tenant: Account, now: datetime) -> None:
    year = now.year - 2
    log, then = TestLog(tenant, year), datetime(year, 12, 31, tzinfo=UTC)
    log.sequencer.sequence(log.entered(then, 2), now=then)

    for _ in range(2):
        ledger({"do": "close", "tenant": tenant.id, "year": year}, wiring=wiring)

    head = tenant.log(year).head()
    assert head is not None
    assert (head.closed, head.signed_size) == (True, 2)


def test_an_unheard_of_task_is_refused(wiring: Wiring, tenant: Account) -> None:
    with pytest.raises(LookupError):
        ledger({"do": "forget", "tenant": tenant.id}, wiring=wiring)


def test_whoever_signs_follows_up_on_the_last_batch_first(wiring: Wiring, tenant: Account, now: datetime) -> None:
    log = TestLog(tenant, now.year)
    rows, candidates = tenant.log(now.year), log.entered(now, 2)
    head = Head.new(tenant.origin(now.year), "receipts")
    assert rows.commit(Batch.of(candidates, head=head, now=now), head=head)

    ledger({"do": "sign", "tenant": tenant.id, "year": now.year}, wiring=wiring)

    after = rows.head()
    assert after is not None
    assert (after.finished, after.signed_size) == (1, 2)
    assert len(tenant.places.find([candidate.ref for candidate in candidates])) == 2
