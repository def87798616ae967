"""A new API key is told to the account's contact address, by way of the queue."""

import json
from types import ModuleType
from typing import Any

import pytest

from tests.support.aws import Aws
from tests.support.storefront import Shop


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
