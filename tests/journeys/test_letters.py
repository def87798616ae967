"""What is told to the account's contact address, by way of the queue: a new API key, and the day's checkpoint."""

import json
from datetime import datetime
from html import unescape
from types import ModuleType
from typing import Any

import pytest

from functions.anchors.tasks import anchor_logs
from functions.cli.accounts import open_account
from functions.ledger.checkpoint import opened
from tests.support.aws import Aws
from tests.support.storefront import Shop
from tests.support.streams import Stream


@pytest.fixture
def queue(aws: Aws) -> Any:
    return aws.session.create_client("sqs")


def waiting(aws: Aws, queue: Any, shop: Shop) -> list[dict[str, Any]]:
    """What waits for a shop, as Lambda gets it."""
    answer = queue.receive_message(QueueUrl=aws.settings.mail_queue, MaxNumberOfMessages=10)
    return [
        {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": {},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:mail",
        }
        for message in answer.get("Messages", [])
        if shop.tenant in message["Body"]
    ]


def sent() -> list[Any]:
    from moto.core.models import DEFAULT_ACCOUNT_ID
    from moto.ses.models import ses_backends

    return list(ses_backends[DEFAULT_ACCOUNT_ID]["eu-central-1"].sent_messages)


def test_the_owner_reads_of_a_new_key_and_the_queue_holds_no_address(aws: Aws, app: ModuleType, queue: Any, shop: Shop) -> None:
    made = shop.call("POST", "/keys", {"label": "Счетоводство", "role": "auditor"}).json
    records, before = waiting(aws, queue, shop), len(sent())

    answer = app.mail({"Records": records}, None)

    assert answer == {"batchItemFailures": []}
    assert json.loads(records[0]["body"]) == {"tenant": shop.tenant, "kind": "key-issued", "about": made["prefix"]}
    (mail,) = sent()[before:]
    assert mail.destinations["ToAddresses"] == ["owner@example.com"]
    assert made["key"] not in str(vars(mail))


def test_a_letter_about_nothing_fails_alone(app: ModuleType, aws: Aws, queue: Any, shop: Shop) -> None:
    shop.call("POST", "/keys", {"label": "One", "role": "auditor"})
    (good,) = waiting(aws, queue, shop)
    bad = good | {"messageId": "bad", "body": json.dumps(json.loads(good["body"]) | {"about": "ffffffffffff"})}

    answer = app.mail({"Records": [bad, good]}, None)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "bad"}]}


def test_the_owner_keeps_the_days_checkpoint_as_it_was_signed(
    aws: Aws, app: ModuleType, queue: Any, stream: Stream, shop: Shop, now: datetime
) -> None:
    stream.deliver()
    stream.sign()
    anchor_logs(shop.tenant, wiring=app.wiring, now=now)
    anchor_logs(shop.tenant, wiring=app.wiring, now=now)
    records, before = waiting(aws, queue, shop), len(sent())

    answer = app.mail({"Records": records}, None)

    assert answer == {"batchItemFailures": []}
    assert [json.loads(record["body"]) for record in records] == [
        {"tenant": shop.tenant, "kind": "checkpoint", "about": f"{now.year} 1"}
    ]
    (mail,) = sent()[before:]
    note = unescape(mail.body.partition("<pre")[2].partition(">")[2].partition("</pre>")[0])  # moto keeps the HTML
    assert mail.destinations["ToAddresses"] == ["owner@example.com"]
    assert opened(note.encode(), app.wiring.signing(shop.tenant, now.year).signer.verifier).size == 1


def test_a_letter_about_another_accounts_checkpoint_finds_none(
    aws: Aws, app: ModuleType, queue: Any, stream: Stream, shop: Shop, now: datetime
) -> None:
    stream.deliver()
    stream.sign()
    anchor_logs(shop.tenant, wiring=app.wiring, now=now)
    (mine,) = waiting(aws, queue, shop)
    neighbour = open_account("Thyme", profile={"contact_email": "thyme@example.com"}, wiring=app.wiring, now=now)[0]
    theirs = mine | {"messageId": "theirs", "body": json.dumps(json.loads(mine["body"]) | {"tenant": neighbour})}

    answer = app.mail({"Records": [theirs]}, None)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "theirs"}]}
