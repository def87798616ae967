"""What the register's stream tells, on every engine."""

from typing import Any

import pytest

from tests.engine.bound import Bound, Rows


class Stream:
    """Reads on from a place in the register's stream."""

    def __init__(self, bound: Bound, **where: str) -> None:
        self.client = bound.client("dynamodbstreams")
        arn = bound.resources.attribute("RegisterTable", "StreamArn")
        shard = self.client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][-1]["ShardId"]
        self.iterator = self.client.get_shard_iterator(StreamArn=arn, ShardId=shard, **where)["ShardIterator"]

    def read(self) -> list[dict[str, Any]]:
        answer = self.client.get_records(ShardIterator=self.iterator)
        self.iterator = answer["NextShardIterator"]
        records: list[dict[str, Any]] = answer["Records"]
        return records


@pytest.fixture
def stream(bound: Bound) -> Stream:
    return Stream(bound, ShardIteratorType="LATEST")


def test_inserts_come_in_order_each_with_its_image(stream: Stream, rows: Rows) -> None:
    for number in range(5):
        rows.register.append("consent#0", f"{number}", b"\x00leaf\xff", {"sealed": {"B": b"sealed"}})

    told = stream.read()

    assert [record["eventName"] for record in told] == ["INSERT"] * 5
    assert [record["dynamodb"]["NewImage"]["sk"]["S"] for record in told] == ["0", "1", "2", "3", "4"]
    assert told[0]["dynamodb"]["NewImage"]["leaf"] == {"B": b"\x00leaf\xff"}
    assert told[0]["dynamodb"]["Keys"] == {"pk": {"S": f"{rows.id}#consent#0"}, "sk": {"S": "0"}}


def test_an_insert_that_was_refused_is_not_told(stream: Stream, bound: Bound, rows: Rows) -> None:
    item = {"pk": {"S": rows.id}, "sk": {"S": "a"}}

    bound.table("RegisterTable").put_new(item)
    bound.table("RegisterTable").put_new(item)

    assert [record["eventName"] for record in stream.read()] == ["INSERT"]


def test_an_overwrite_and_a_removal_show_what_was_there(stream: Stream, bound: Bound, rows: Rows) -> None:
    key: dict[str, Any] = {"pk": {"S": rows.id}, "sk": {"S": "a"}}
    table = bound.name("RegisterTable")

    bound.dynamodb.put_item(TableName=table, Item={**key, "leaf": {"S": "true"}})
    bound.dynamodb.put_item(TableName=table, Item={**key, "leaf": {"S": "forged"}})
    bound.dynamodb.delete_item(TableName=table, Key=key)

    _, overwritten, removed = stream.read()
    assert (overwritten["eventName"], overwritten["dynamodb"]["OldImage"]["leaf"]) == ("MODIFY", {"S": "true"})
    assert (removed["eventName"], removed["dynamodb"]["OldImage"]["leaf"]) == ("REMOVE", {"S": "forged"})


def test_reading_goes_on_after_a_position_that_was_kept(stream: Stream, bound: Bound, rows: Rows) -> None:
    for number in range(4):
        rows.register.append("consent#0", f"{number}", b"leaf", {})
    position = stream.read()[1]["dynamodb"]["SequenceNumber"]

    later = Stream(bound, ShardIteratorType="AFTER_SEQUENCE_NUMBER", SequenceNumber=position)

    assert [record["dynamodb"]["NewImage"]["sk"]["S"] for record in later.read()] == ["2", "3"]
