"""The register's stream, read from moto and handed to the function that Lambda would call, when the test says so."""

from base64 import b64encode
from types import ModuleType
from typing import Any, cast

from tests.support.aws import Aws


class Stream:
    """What was written since this object was made."""

    def __init__(self, aws: Aws, app: ModuleType) -> None:
        self.app = app
        self.client = cast("Any", aws.session.create_client("dynamodbstreams"))
        self.sqs = cast("Any", aws.session.create_client("sqs"))
        table = aws.dynamodb.describe_table(TableName=aws.settings.register_table)["Table"]
        shards = self.client.describe_stream(StreamArn=table["LatestStreamArn"])["StreamDescription"]["Shards"]
        self.iterator = self.client.get_shard_iterator(
            StreamArn=table["LatestStreamArn"], ShardId=shards[-1]["ShardId"], ShardIteratorType="LATEST"
        )["ShardIterator"]

    def records(self) -> list[dict[str, Any]]:
        """As Lambda writes them: binaries in base64."""
        answer = self.client.get_records(ShardIterator=self.iterator)
        self.iterator = answer["NextShardIterator"]
        return [_as_lambda_has_it(record) for record in answer["Records"]]

    def deliver(self, records: list[dict[str, Any]] | None = None) -> list[str]:
        """Hand over what is new, or these, and what follows; gives the sequence numbers of those that failed."""
        failed = self.sequence(self.records() if records is None else records)
        self.settle()
        return failed

    def sequence(self, records: list[dict[str, Any]]) -> list[str]:
        """Hand over to the sequencer alone."""
        return _named(self.app.sequence({"Records": records}, None))

    def watch(self, records: list[dict[str, Any]] | None = None) -> list[str]:
        """Hand over to the watcher."""
        return _named(self.app.watch({"Records": self.records() if records is None else records}, None))

    def settle(self) -> None:
        """Hand on the batches that were committed, as their queue does."""
        for body in self.queue(self.app.wiring.settings.batch_queue):
            assert self.app.project(_message(body), None) == {"batchItemFailures": []}

    def sign(self) -> None:
        """Make the signatures that were asked for, whenever they are due."""
        for body in self.queue(self.app.wiring.settings.ledger_queue):
            assert self.app.ledger(_message(body), None) == {"batchItemFailures": []}

    def queue(self, url: str) -> list[str]:
        """What waits in a queue, taken out; what is delayed comes when its time has come."""
        bodies: list[str] = []
        while messages := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            for message in messages:
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                bodies.append(message["Body"])
        return bodies


def _as_lambda_has_it(record: dict[str, Any]) -> dict[str, Any]:
    told = dict(record["dynamodb"])
    told["ApproximateCreationDateTime"] = told["ApproximateCreationDateTime"].timestamp()
    for image in ("Keys", "NewImage", "OldImage"):
        if image in told:
            told[image] = {name: _value(value) for name, value in told[image].items()}
    return {**record, "dynamodb": told, "eventSourceARN": "arn:aws:dynamodb:eu-central-1:000000000000:table/register/stream/1"}


def _value(value: dict[str, Any]) -> dict[str, Any]:
    return {"B": b64encode(value["B"]).decode()} if "B" in value else value


def _named(answer: dict[str, Any]) -> list[str]:
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def _message(body: str) -> dict[str, Any]:
    return {"Records": [{"messageId": "1", "body": body, "eventSource": "aws:sqs", "receiptHandle": "1"}]}
