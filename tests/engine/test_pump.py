"""Streams and queues come to their functions as Lambda would bring them: nothing is lost, nothing blocks the rest for ever."""

import json
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex
from time import monotonic
from typing import Any

import pytest

from infra.local.pump.queue import QueuePoller
from infra.local.pump.sources import Event, Record, Source
from infra.local.pump.stream import Position, StreamPoller
from tests.engine.bound import Bound, Rows
from tests.engine.test_streams import Stream

PARTIAL = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}


class Function:
    """Is called with batches; fails for records that it is told to, by report or by raising."""

    def __init__(self, name_of: Callable[[Record], str]) -> None:
        self.name_of = name_of
        self.seen: list[list[str]] = []
        self.poison: set[str] = set()
        self.raises = False

    def __call__(self, event: Event, _: object) -> dict[str, Any]:
        records = event["Records"]
        self.seen.append([self.name_of(record) for record in records])
        failed = [record for record in records if self.name_of(record) in self.poison]
        if failed and self.raises:
            raise ValueError("poison")
        return {"batchItemFailures": [{"itemIdentifier": self.identify(record)} for record in failed]}

    def identify(self, record: Record) -> str:
        return str(record["messageId"] if "messageId" in record else record["dynamodb"]["SequenceNumber"])


def key_of(record: Record) -> str:
    return str(record["dynamodb"]["Keys"]["sk"]["S"])


class Following:
    """A function that follows the register's stream from now on."""

    def __init__(self, bound: Bound, position: Path, **properties: Any) -> None:
        self.bound = bound
        self.function = Function(key_of)
        stream = bound.resources.attribute("RegisterTable", "StreamArn")
        source = Source("follows", "DynamoDB", {"Stream": stream, **PARTIAL, **properties}, 100, self.function)
        self.poller = StreamPoller(source, bound.client("dynamodbstreams"), bound.client("sqs"), Position(position))

    def from_now(self) -> "Following":
        self.poller.iterator = Stream(self.bound, ShardIteratorType="LATEST").iterator
        return self


@pytest.fixture
def position(tmp_path: Path) -> Path:
    return tmp_path / "position"


@pytest.fixture
def following(bound: Bound, position: Path) -> Following:
    return Following(bound, position).from_now()


def append(rows: Rows, *keys: str) -> None:
    for key in keys:
        rows.register.append("consent#0", key, b"leaf\xff", {})


def test_records_come_as_lambda_writes_them(bound: Bound, rows: Rows, position: Path) -> None:
    events: list[Event] = []
    following = Following(bound, position).from_now()
    source = following.poller.source
    following.poller.source = Source(source.name, source.kind, source.properties, 100, lambda event, _: events.append(event))
    append(rows, "a")

    following.poller.poll()

    ((record,),) = (event["Records"] for event in events)
    assert json.loads(json.dumps(record)) == record
    assert b64decode(record["dynamodb"]["NewImage"]["leaf"]["B"]) == b"leaf\xff"
    assert record["eventSourceARN"] == following.poller.stream
    assert (record["eventName"], record["eventSource"]) == ("INSERT", "aws:dynamodb")


def test_nothing_new_calls_nobody(following: Following) -> None:
    assert following.poller.poll() is False
    assert following.function.seen == []


def test_a_record_that_fails_is_tried_by_itself_until_it_is_handled(following: Following, rows: Rows) -> None:
    following.function.poison = {"b"}
    call = following.function.__call__
    source = following.poller.source

    def heals(event: Event, context: object) -> dict[str, Any]:
        answer = call(event, context)
        if len(following.function.seen) == 3:
            following.function.poison.clear()
        return answer

    following.poller.source = Source(source.name, source.kind, source.properties, 100, heals)
    append(rows, "a", "b", "c")

    following.poller.poll()

    assert following.function.seen == [["a", "b", "c"], ["b"], ["b"], ["b"], ["c"]]


@pytest.mark.parametrize("raises", [False, True])
@pytest.mark.parametrize(
    ("limit", "condition"),
    [
        ({"MaximumRetryAttempts": 2}, "RetryAttemptsExhausted"),
        ({"MaximumRetryAttempts": -1, "MaximumRecordAgeInSeconds": 0}, "RecordAgeExceeded"),
    ],
)
def test_a_record_that_never_can_be_handled_is_told_to_the_queue_and_the_others_go_on(
    bound: Bound, rows: Rows, position: Path, limit: dict[str, int], condition: str, *, raises: bool
) -> None:
    sqs = bound.client("sqs")
    name = f"failures-{token_hex(4)}"
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    properties = {**limit, "DestinationConfig": {"OnFailure": {"Type": "SQS", "Destination": arn}}}
    following = Following(bound, position, **properties).from_now()
    following.function.poison, following.function.raises = {"b"}, raises
    append(rows, "a", "b", "c")

    following.poller.poll()

    assert following.function.seen[-1] == ["c"]
    (letter,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    told = json.loads(letter["Body"])
    assert told["requestContext"]["condition"] == condition
    assert told["DDBStreamBatchInfo"]["batchSize"] == 1
    assert "leaf" not in letter["Body"]


def test_what_the_filter_does_not_want_is_passed_over(bound: Bound, rows: Rows, position: Path) -> None:
    wanted = {"FilterCriteria": {"Filters": [{"Pattern": json.dumps({"eventName": ["INSERT"]})}]}}
    following = Following(bound, position, **wanted).from_now()
    append(rows, "a")
    key: dict[str, Any] = {"pk": {"S": f"{rows.id}#consent#0"}, "sk": {"S": "a"}}
    bound.dynamodb.delete_item(TableName=bound.name("RegisterTable"), Key=key)
    append(rows, "b")

    following.poller.poll()

    assert following.function.seen == [["a", "b"]]


def test_two_functions_follow_one_stream_each_at_its_own_pace(bound: Bound, rows: Rows, tmp_path: Path) -> None:
    sequencer, watcher = (Following(bound, tmp_path / name).from_now() for name in ("sequence", "watch"))
    append(rows, "a", "b")

    sequencer.poller.poll()
    append(rows, "c")
    watcher.poller.poll()
    sequencer.poller.poll()

    assert sequencer.function.seen == [["a", "b"], ["c"]]
    assert watcher.function.seen == [["a", "b", "c"]]


def test_after_a_restart_it_goes_on_where_it_was(bound: Bound, following: Following, rows: Rows, position: Path) -> None:
    append(rows, "a", "b")
    following.poller.poll()
    append(rows, "c")

    restarted = Following(bound, position)
    restarted.poller.poll()

    assert restarted.function.seen == [["c"]]


def test_what_was_cut_short_comes_again_after_a_restart(bound: Bound, following: Following, rows: Rows, position: Path) -> None:
    append(rows, "a")
    following.poller.poll()
    following.poller.stopping.set()
    append(rows, "b")
    following.poller.poll()

    restarted = Following(bound, position)
    restarted.poller.poll()

    assert restarted.function.seen == [["b"]]


def test_a_stream_that_was_made_anew_is_read_from_its_beginning(tmp_path: Path) -> None:
    position = Position(tmp_path / "position")

    position.write("stream/1", "shard", "17")

    assert position.read("stream/1", "shard") == "17"
    assert position.read("stream/2", "shard") is None


class Queue:
    """A queue with dead letters after two receives, and a function that takes from it."""

    def __init__(self, bound: Bound) -> None:
        self.sqs = bound.client("sqs")
        name = token_hex(4)
        self.dead = self.sqs.create_queue(QueueName=f"dead-{name}")["QueueUrl"]
        policy = {"deadLetterTargetArn": self.arn(self.dead), "maxReceiveCount": 2}
        attributes = {"VisibilityTimeout": "600", "RedrivePolicy": json.dumps(policy)}
        self.url = self.sqs.create_queue(QueueName=f"queue-{name}", Attributes=attributes)["QueueUrl"]
        self.function = Function(lambda record: str(record["body"]))
        source = Source("takes", "SQS", {"Queue": self.arn(self.url), **PARTIAL}, 10, self.function)
        self.poller = QueuePoller(source, self.sqs, longest_pause_s=0)

    def arn(self, url: str) -> str:
        return str(self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"])

    def send(self, *bodies: str) -> None:
        for body in bodies:
            self.sqs.send_message(QueueUrl=self.url, MessageBody=body)

    def drain(self) -> list[str]:
        """Poll until nothing comes; what was handed over, in order of the alphabet within a batch."""
        while self.poller.poll():
            pass
        return [body for batch in self.function.seen for body in sorted(batch)]

    def dead_letters(self) -> list[str]:
        found = self.sqs.receive_message(QueueUrl=self.dead, MaxNumberOfMessages=10).get("Messages", [])
        return sorted(message["Body"] for message in found)


@pytest.fixture
def queue(bound: Bound) -> Queue:
    return Queue(bound)


def test_messages_that_were_handled_are_gone(queue: Queue) -> None:
    queue.send("a", "b")

    assert sorted(queue.drain()) == ["a", "b"]
    assert queue.dead_letters() == []


@pytest.mark.parametrize("raises", [False, True])
def test_a_message_that_fails_comes_again_and_then_is_a_dead_letter(queue: Queue, *, raises: bool) -> None:
    queue.function.poison, queue.function.raises = {"poison"}, raises
    queue.send("poison")

    assert queue.drain() == ["poison", "poison"]
    assert queue.dead_letters() == ["poison"]


def test_only_what_is_reported_comes_again(queue: Queue) -> None:
    queue.function.poison = {"poison"}
    queue.send("good", "poison")

    assert sorted(queue.drain()) == ["good", "poison", "poison"]
    assert queue.dead_letters() == ["poison"]


def test_a_delayed_message_comes_when_its_time_has_come(queue: Queue) -> None:
    queue.send("now")
    queue.sqs.send_message(QueueUrl=queue.url, MessageBody="soon", DelaySeconds=1)
    queue.sqs.send_message(QueueUrl=queue.url, MessageBody="late", DelaySeconds=900)

    assert queue.drain() == ["now"]
    until = monotonic() + 20
    while not queue.poller.poll():
        assert monotonic() < until
    assert queue.drain() == ["now", "soon"]


def test_a_report_that_names_nothing_of_the_batch_fails_all_of_it() -> None:
    source = Source("confused", "SQS", PARTIAL, 10, lambda *_: {"batchItemFailures": [{"itemIdentifier": "?"}]})

    assert source.failed([{"id": "1"}, {"id": "2"}], lambda record: str(record["id"])) == {"1", "2"}
