"""From a table's stream to its function, as Lambda's poller does it: in order, and nothing is passed over silently."""

import json
import logging
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from functions.clock import utc_now
from infra.local.pump.sources import Record, Source, wanted
from infra.local.resources import REGION

if TYPE_CHECKING:
    from mypy_boto3_dynamodbstreams.client import DynamoDBStreamsClient
    from mypy_boto3_dynamodbstreams.type_defs import RecordTypeDef
    from mypy_boto3_sqs.client import SQSClient

LONGEST_PAUSE_S = 5.0
FOREVER = -1
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a shard has been handled up to, in a file; a stream that was made anew is read from its beginning."""

    file: Path

    def read(self, stream: str, shard: str) -> str | None:
        if not self.file.exists():
            return None
        kept = json.loads(self.file.read_text("utf-8"))
        return kept["after"] if (kept["stream"], kept["shard"]) == (stream, shard) else None

    def write(self, stream: str, shard: str, after: str) -> None:
        """Whole or not at all; a position that is lost costs redelivery only."""
        writing = self.file.with_suffix(".writing")
        writing.write_text(json.dumps({"stream": stream, "shard": shard, "after": after}), "utf-8")
        writing.replace(self.file)


@dataclass
class StreamPoller:
    """Hands on what passes the filter, from the one shard that a local engine's stream has.

    A record that fails is tried again by itself, in its place, up to the template's `MaximumRetryAttempts` or until it has the
    template's `MaximumRecordAgeInSeconds`; then it is told to the failure destination, and the next one's turn comes.
    """

    source: Source
    client: "DynamoDBStreamsClient"
    sqs: "SQSClient"
    position: Position
    stopping: Event = field(default_factory=Event)
    iterator: str | None = None

    @property
    def stream(self) -> str:
        return str(self.source.properties["Stream"])

    def poll(self) -> bool:
        """Take one batch of the shard; tells whether there was anything."""
        shard = self.client.describe_stream(StreamArn=self.stream)["StreamDescription"]["Shards"][0]["ShardId"]
        iterator, self.iterator = self.iterator or self._begin(shard), None
        answer = self.client.get_records(ShardIterator=iterator, Limit=self.source.batch_size)
        records = [record_of(record, self.stream) for record in answer["Records"]]
        self._deliver([record for record in records if wanted(self.source, record)])
        if self.stopping.is_set() and records:
            return False  # what was cut short comes again
        if records:
            self.position.write(self.stream, shard, records[-1]["dynamodb"]["SequenceNumber"])
        self.iterator = answer.get("NextShardIterator")
        return bool(records)

    def _begin(self, shard: str) -> str:
        after = self.position.read(self.stream, shard)
        if after is not None:
            try:
                return self._iterator(shard, ShardIteratorType="AFTER_SEQUENCE_NUMBER", SequenceNumber=after)
            except self.client.exceptions.TrimmedDataAccessException:
                log.info("the stream of %s has forgotten its position", self.source.name)
        return self._iterator(shard, ShardIteratorType="TRIM_HORIZON")

    def _iterator(self, shard: str, **where: Any) -> str:  # noqa: ANN401 - as the client takes it
        return self.client.get_shard_iterator(StreamArn=self.stream, ShardId=shard, **where)["ShardIterator"]

    def _deliver(self, records: list[Record]) -> None:
        """Everything before the first failure is done; that one is isolated, the rest follows it."""
        while records and not self.stopping.is_set():
            first = self._first_failure(records)
            if first is None:
                return
            self._insist(records[first])
            records = records[first + 1 :]

    def _insist(self, record: Record) -> None:
        limit = self.source.properties.get("MaximumRetryAttempts", FOREVER)
        attempt = 1
        while not self.stopping.is_set():
            if self._first_failure([record]) is None:
                return
            if attempt == limit:
                self._tell(record, attempt, "RetryAttemptsExhausted")
                return
            if self._is_too_old(record):
                self._tell(record, attempt, "RecordAgeExceeded")
                return
            self.stopping.wait(min(0.1 * 2**attempt, LONGEST_PAUSE_S))
            attempt += 1

    def _first_failure(self, records: list[Record]) -> int | None:
        """A function that raises has failed its whole batch; halving finds the record it raises for."""
        try:
            failed = self.source.failed(records, _sequence_number)
        except Exception:  # whatever a function raises, as on Lambda
            log.exception("%s failed with %d records", self.source.name, len(records))
            return self._bisected(records)
        return next((index for index, record in enumerate(records) if _sequence_number(record) in failed), None)

    def _bisected(self, records: list[Record]) -> int | None:
        half = len(records) // 2
        if half == 0:
            return 0
        first = self._first_failure(records[:half])
        if first is not None:
            return first
        second = self._first_failure(records[half:])
        return None if second is None else half + second

    def _is_too_old(self, record: Record) -> bool:
        limit = int(self.source.properties.get("MaximumRecordAgeInSeconds", FOREVER))
        return limit != FOREVER and utc_now().timestamp() - int(record["dynamodb"]["ApproximateCreationDateTime"]) >= limit

    def _tell(self, record: Record, attempts: int, condition: str) -> None:
        """Where the record stands and that it was given up; not what is in it, as on Lambda."""
        log.error("%s has given a record up after %d attempts", self.source.name, attempts)
        destination = self.source.properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        if destination:
            url = self.sqs.get_queue_url(QueueName=destination.rpartition(":")[2])["QueueUrl"]
            self.sqs.send_message(QueueUrl=url, MessageBody=json.dumps(self._given_up(record, attempts, condition)))

    def _given_up(self, record: Record, attempts: int, condition: str) -> dict[str, Any]:
        number = _sequence_number(record)
        return {
            "requestContext": {
                "requestId": str(uuid4()),
                "functionArn": self.source.name,
                "condition": condition,
                "approximateInvokeCount": attempts,
            },
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"},
            "version": "1.0",
            "timestamp": utc_now().isoformat(),
            "DDBStreamBatchInfo": {
                "streamArn": self.stream,
                "startSequenceNumber": number,
                "endSequenceNumber": number,
                "batchSize": 1,
            },
        }


def _sequence_number(record: Record) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


def record_of(record: "RecordTypeDef", stream: str) -> Record:
    """As Lambda hands stream records over: times in seconds, binaries in base64."""
    change: dict[str, Any] = dict(record["dynamodb"])
    images = {name: _image(change[name]) for name in ("Keys", "NewImage", "OldImage") if name in change}
    at = int(change["ApproximateCreationDateTime"].timestamp())
    return {
        "eventID": record["eventID"],
        "eventName": record["eventName"],
        "eventVersion": record["eventVersion"],
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "dynamodb": {**change, **images, "ApproximateCreationDateTime": at},
        "eventSourceARN": stream,
    }


def _image(image: dict[str, Any]) -> dict[str, Any]:
    return {name: dict(_value(value)) for name, value in image.items()}


def _value(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for kind, content in value.items():
        match kind:
            case "B":
                yield kind, b64encode(content).decode()
            case "BS":
                yield kind, [b64encode(one).decode() for one in content]
            case "L":
                yield kind, [dict(_value(one)) for one in content]
            case "M":
                yield kind, _image(content)
            case _:
                yield kind, content
