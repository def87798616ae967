"""Many at once: what one lock, or an engine that is linearizable by itself, has to hold."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.clock import utc_now
from functions.consents.entry import Entry
from functions.errors import AlreadyRecorded
from functions.ids import RecordId
from tests.engine.bound import THREADS, Bound, Rows
from tests.support.storefront import uuid7


def at_once(act: Callable[[int], Any], threads: int = THREADS) -> list[Any]:
    """What each thread's call gave, all begun at the same moment."""
    barrier = Barrier(threads)

    def wait_and_act(number: int) -> Any:
        barrier.wait()
        return act(number)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(wait_and_act, range(threads)))


def entry(record: RecordId, number: int) -> Entry:
    return Entry.of(record, f"leaf {number}".encode(), signature=b"signature", sealed=b"sealed")


def test_of_64_threads_with_one_event_id_one_enters_it_and_all_others_get_its_entry(rows: Rows) -> None:
    record = RecordId(uuid7(utc_now()))

    outcomes = at_once(lambda number: rows.records.append(entry(record, number)))

    entered = rows.records.read(record)
    assert outcomes.count(None) == 1
    assert [one for one in outcomes if one is not None] == [entered] * (THREADS - 1)
    assert entered is not None
    assert entered.leaf == f"leaf {outcomes.index(None)}".encode()


def test_of_64_publishers_of_a_version_one_wins(rows: Rows) -> None:
    def publish(number: int) -> bool:
        try:
            rows.register.append("policy#terms", "v000003", f"text {number}".encode(), {})
        except AlreadyRecorded:
            return False
        return True

    won = at_once(publish)

    assert sum(won) == 1
    assert (rows.register.read("policy#terms", "v000003") or {})["leaf"]["B"] == f"text {won.index(True)}".encode()


def crowd(bound: Bound) -> None:
    """Other rows of the table: moto's transactions copy all of them, which is the time that others can slip in."""
    other = bound.tenant()
    for start in range(0, 500, 25):
        bound.table("LedgerTable").put_all([{"pk": {"S": other.id}, "sk": {"S": f"{start + n}"}} for n in range(25)])


def test_writes_beside_transactions_that_fail_are_all_there(bound: Bound, rows: Rows) -> None:
    table = bound.table("LedgerTable")
    table.put_new({"pk": {"S": rows.id}, "sk": {"S": "head"}})
    crowd(bound)

    def write_or_fail(number: int) -> None:
        if number % 2:
            table.put_new({"pk": {"S": rows.id}, "sk": {"S": f"{number:02}"}})
            return
        head = {"pk": {"S": rows.id}, "sk": {"S": "head"}}
        taken: Any = {"TableName": table.name, "Item": head, "ConditionExpression": "attribute_not_exists(pk)"}
        lost: Any = {"TableName": table.name, "Item": {"pk": {"S": rows.id}, "sk": {"S": f"lost{number}"}}}
        with pytest.raises(ClientError):
            bound.dynamodb.transact_write_items(TransactItems=[{"Put": lost}, {"Put": taken}])

    at_once(write_or_fail, 32)

    there = [one["sk"]["S"] for one in table.newest_first(rows.id, "0", "z", limit=100)]
    assert there == ["head", *(f"{number:02}" for number in range(31, 0, -2))]


def test_of_16_that_move_the_head_from_the_same_size_one_does(bound: Bound, rows: Rows) -> None:
    table = bound.table("LedgerTable")
    table.put_new({"pk": {"S": rows.id}, "sk": {"S": "head"}, "size": {"N": "0"}})
    crowd(bound)

    def move(number: int) -> bool:
        update: Any = {
            "TableName": table.name,
            "Key": {"pk": {"S": rows.id}, "sk": {"S": "head"}},
            "UpdateExpression": "SET #size = :after",
            "ConditionExpression": "#size = :before",
            "ExpressionAttributeNames": {"#size": "size"},
            "ExpressionAttributeValues": {":before": {"N": "0"}, ":after": {"N": f"{number + 1}"}},
        }
        batch: Any = {"TableName": table.name, "Item": {"pk": {"S": rows.id}, "sk": {"S": f"batch{number:02}"}}}
        try:
            bound.dynamodb.transact_write_items(TransactItems=[{"Put": batch}, {"Update": update}])
        except ClientError as error:
            if error.response["Error"]["Code"] != "TransactionCanceledException":
                raise
            return False
        return True

    moved = at_once(move, 16)

    assert sum(moved) == 1
    batches = [one["sk"]["S"] for one in table.newest_first(rows.id, "batch", "batch99", limit=100)]
    assert batches == [f"batch{moved.index(True):02}"]
