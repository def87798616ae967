"""Somebody who may write to the register's table changes it: the watcher sees it, whatever the change."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from functions.ids import RecordId
from functions.ledger.kinds import shard
from tests.support.aws import Aws
from tests.support.storefront import Shop, decision
from tests.support.streams import Stream


class Intruder:
    """Has the appender's own rights, and more."""

    def __init__(self, aws: Aws, shop: Shop, record: str) -> None:
        self.client, self.table = aws.dynamodb, aws.settings.register_table
        self.key: Any = {"pk": {"S": f"{shop.tenant}#{shard(RecordId(record))}"}, "sk": {"S": record}}

    @property
    def item(self) -> Any:
        return self.client.get_item(TableName=self.table, Key=self.key)["Item"]

    def overwrite(self) -> None:
        item = self.item
        item["leaf"]["B"] = item["leaf"]["B"].replace(b'"refused"', b'"given"')
        self.client.put_item(TableName=self.table, Item=item)

    def update(self) -> None:
        self.client.update_item(
            TableName=self.table,
            Key=self.key,
            UpdateExpression="SET sealed = :other",
            ExpressionAttributeValues={":other": {"B": b"other"}},
        )

    def delete(self) -> None:
        self.client.delete_item(TableName=self.table, Key=self.key)


CHANGES: dict[str, Callable[[Intruder], None]] = {
    "modified": Intruder.overwrite,
    "sealed": Intruder.update,
    "removed": Intruder.delete,
}


@pytest.fixture
def act(shop: Shop, stream: Stream, now: datetime) -> str:
    act = decision(shop, now)
    shop.browser().submit(act)
    stream.deliver()
    return str(act["id"])


@pytest.mark.parametrize("how", CHANGES)
def test_a_change_is_told_kept_and_entered_in_the_ledger(
    shop: Shop, stream: Stream, aws: Aws, act: str, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    intruder = Intruder(aws, shop, act)
    before = intruder.item
    CHANGES[how](intruder)
    records = stream.records()

    assert stream.watch(records) == []

    (record,) = records
    sequence = record["dynamodb"]["SequenceNumber"]
    kept = json.loads(stream.app.wiring.log_objects.read(f"kept/{shop.tenant}/{sequence}"))
    entry = stream.app.wiring.register(shop.tenant).read("tamper", sequence)
    says = json.loads(entry["leaf"]["B"])
    assert '"Tampered":[1.0]' in capsys.readouterr().out
    assert kept["before"]["sk"] == before["sk"]
    assert (kept["after"] is None) == (how == "removed")
    assert says["what"] == ("removed" if how == "removed" else "modified")
    assert says["of"] == f"{shard(RecordId(act))} {act}"
    assert stream.deliver() == []
    assert stream.app.wiring.places(shop.tenant).find([_ref(sequence)])


def test_told_of_twice_it_is_entered_once(shop: Shop, stream: Stream, aws: Aws, act: str) -> None:
    Intruder(aws, shop, act).delete()
    records = stream.records()

    assert stream.watch(records) == stream.watch(records) == []

    assert [record["eventName"] for record in stream.records()] == ["INSERT"]


def test_a_put_that_changes_nothing_is_no_tampering(shop: Shop, stream: Stream, aws: Aws, act: str) -> None:
    intruder = Intruder(aws, shop, act)
    aws.dynamodb.put_item(TableName=aws.settings.register_table, Item=intruder.item)

    assert stream.watch() == []
    assert stream.records() == []


def test_rows_of_nobodys_are_told_of_too(stream: Stream, aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    for pk in ("nonsense", "aaaaaaaaaaaa#consent#0"):
        row: Any = {"pk": {"S": pk}, "sk": {"S": "x"}}
        aws.dynamodb.put_item(TableName=aws.settings.register_table, Item=row)
        aws.dynamodb.delete_item(TableName=aws.settings.register_table, Key=row)
    records = stream.records()

    assert stream.watch(records) == []
    assert stream.sequence(records) == []

    told = capsys.readouterr().out
    assert told.count('"Tampered":[1.0]') == 2
    assert told.count('"EntriesKeptOut":[1.0]') == 2


def test_the_operator_is_written_to(shop: Shop, stream: Stream, aws: Aws, act: str, app: Any) -> None:
    Intruder(aws, shop, act).delete()
    records = stream.records()
    stream.watch(records)

    (letter,) = [json.loads(one) for one in stream.queue(app.wiring.settings.mail_queue) if shop.tenant in one]

    from functions.watcher.letters import tampering_seen

    mail = tampering_seen(letter["tenant"], letter["about"], operator="ops@example.com")
    assert mail is not None
    assert mail.to == "ops@example.com"
    assert f"kept/{shop.tenant}/{letter['about']}" in mail.text
    assert tampering_seen(letter["tenant"], letter["about"], operator="") is None


def test_a_neighbours_ledger_has_nothing_of_it(shop: Shop, neighbours_shop: Shop, stream: Stream, aws: Aws, act: str) -> None:
    Intruder(aws, shop, act).delete()
    stream.watch()
    stream.deliver()

    register = stream.app.wiring.register(neighbours_shop.tenant)
    assert list(register.stored("tamper", "!", "~")) == []


def _ref(sequence: str) -> Any:
    from functions.ledger.kinds import EntryRef

    return EntryRef("tamper", sequence)
