"""From a queue to its function, as Lambda's poller does it."""

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.local.pump.sources import Record, Source
from infra.local.resources import REGION

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

MAX_BATCH = 10
LONGEST_PAUSE_S = 10
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class QueuePoller:
    """Deletes what was handled. What failed comes again, and after the queue's `maxReceiveCount` goes to its dead letters.

    On AWS a failed message stays hidden for the queue's visibility timeout; here for some seconds, because somebody waits.
    """

    source: Source
    client: "SQSClient"
    longest_pause_s: int = LONGEST_PAUSE_S

    def poll(self) -> bool:
        """Take one batch; tells whether there was anything."""
        url = self._url()
        batch = min(self.source.batch_size, MAX_BATCH)
        answer = self.client.receive_message(
            QueueUrl=url, MaxNumberOfMessages=batch, MessageSystemAttributeNames=["All"], MessageAttributeNames=["All"]
        )
        messages = answer.get("Messages", [])
        if messages:
            self._settle(url, messages, self._failed(messages))
        return bool(messages)

    def _url(self) -> str:
        name = self.source.properties["Queue"].rpartition(":")[2]
        return self.client.get_queue_url(QueueName=name)["QueueUrl"]

    def _failed(self, messages: "list[MessageTypeDef]") -> set[str]:
        records = [record_of(message, self.source.properties["Queue"]) for message in messages]
        try:
            return self.source.failed(records, lambda record: str(record["messageId"]))
        except Exception:  # whatever a function raises fails its batch, as on Lambda
            log.exception("%s failed with %d messages; they come again", self.source.name, len(records))
            return {record["messageId"] for record in records}

    def _settle(self, url: str, messages: "list[MessageTypeDef]", failed: set[str]) -> None:
        for message in messages:
            handle = message["ReceiptHandle"]
            if message["MessageId"] not in failed:
                self.client.delete_message(QueueUrl=url, ReceiptHandle=handle)
                continue
            pause = min(int(message["Attributes"]["ApproximateReceiveCount"]), self.longest_pause_s)
            self.client.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=pause)


def record_of(message: "MessageTypeDef", queue: str) -> Record:
    """As Lambda hands messages over."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {name: _attribute(dict(one)) for name, one in message.get("MessageAttributes", {}).items()},
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue,
        "awsRegion": REGION,
    }


def _attribute(value: dict[str, object]) -> dict[str, object]:
    return {name[0].lower() + name[1:]: part for name, part in value.items()}
