"""What the tables rely on, shown on every engine."""

import os
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.engine.bound import Bound, Rows

Item = dict[str, Any]


def item(pk: str, sk: str, **beside: Any) -> Item:
    return {"pk": {"S": pk}, "sk": {"S": sk}, **beside}


def code(refused: pytest.ExceptionInfo[ClientError]) -> str:
    return str(refused.value.response["Error"]["Code"])


def test_a_put_of_a_taken_key_changes_nothing_and_gives_what_has_it(bound: Bound, rows: Rows) -> None:
    table = bound.table("RegisterTable")
    first = item(rows.id, "a", leaf={"B": b"\x00\xff"}, n={"N": "12345678901234567890"})

    assert table.put_new(first) is None
    assert table.put_new(item(rows.id, "a", leaf={"B": b"other"})) == first
    assert table.get(rows.id, "a") == first


def test_an_update_from_a_version_that_is_over_is_refused(bound: Bound, rows: Rows) -> None:
    def step(before: str, after: str) -> None:
        bound.dynamodb.update_item(
            TableName=bound.name("LedgerTable"),
            Key=item(rows.id, "head"),
            UpdateExpression="SET #v = :after",
            ConditionExpression="#v = :before",
            ExpressionAttributeNames={"#v": "version"},
            ExpressionAttributeValues={":before": {"N": before}, ":after": {"N": after}},
        )

    bound.table("LedgerTable").put_new(item(rows.id, "head", version={"N": "1"}))
    step("1", "2")

    with pytest.raises(ClientError) as refused:
        step("1", "3")

    assert code(refused) == "ConditionalCheckFailedException"
    assert (bound.table("LedgerTable").get(rows.id, "head") or {})["version"] == {"N": "2"}


def test_a_conditional_update_of_what_is_not_there_makes_nothing(bound: Bound, rows: Rows) -> None:
    with pytest.raises(ClientError) as refused:
        bound.dynamodb.update_item(
            TableName=bound.name("LedgerTable"),
            Key=item(rows.id, "none"),
            UpdateExpression="SET a = :a",
            ConditionExpression="attribute_exists(pk)",
            ExpressionAttributeValues={":a": {"S": "x"}},
        )

    assert code(refused) == "ConditionalCheckFailedException"
    assert bound.table("LedgerTable").get(rows.id, "none") is None


def test_a_later_act_is_not_overwritten_by_one_that_is_told_late(rows: Rows) -> None:
    subject: Any = "s" * 26

    for at in (5, 9, 7):
        rows.listings.note_last(subject, "policy#terms", at)

    assert rows.listings.last([(subject, "policy#terms")]) == {(subject, "policy#terms"): 9}


def test_a_query_by_prefix_gives_that_prefix_in_order_and_no_neighbour(bound: Bound, rows: Rows) -> None:
    table = bound.table("WorkspaceTable")
    for sk in ("site#b", "site#a", "sites", "policy#a", "site#ю"):
        table.put_new(item(rows.id, sk))
    table.put_new(item(bound.tenant().id, "site#c"))

    answer = bound.dynamodb.query(
        TableName=table.name,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
        ExpressionAttributeValues={":pk": {"S": rows.id}, ":prefix": {"S": "site#"}},
        ConsistentRead=True,
    )

    assert [one["sk"]["S"] for one in answer["Items"]] == ["site#a", "site#b", "site#ю"]


def test_a_query_of_more_than_a_megabyte_comes_in_pages_that_together_are_everything(bound: Bound, rows: Rows) -> None:
    table = bound.table("LedgerTable")
    for number in range(25):
        table.put_new(item(rows.id, f"{number:03}", fill={"B": os.urandom(60_000)}))
    first = bound.dynamodb.query(
        TableName=table.name, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": rows.id}}
    )

    every = table.newest_first(rows.id, "000", "999", limit=100)

    assert 10 < len(first["Items"]) < 25
    assert first["LastEvaluatedKey"]["sk"] == first["Items"][-1]["sk"]
    assert [one["sk"]["S"] for one in every] == [f"{number:03}" for number in reversed(range(25))]


def test_a_page_goes_on_after_the_key_that_the_one_before_ended_with(bound: Bound, rows: Rows) -> None:
    table = bound.table("LedgerTable")
    table.put_all([item(rows.id, f"{number}") for number in range(7)])
    asked: Any = {
        "TableName": table.name,
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": rows.id}},
        "Limit": 3,
    }

    first = bound.dynamodb.query(**asked)
    second = bound.dynamodb.query(**asked, ExclusiveStartKey=first["LastEvaluatedKey"])
    third = bound.dynamodb.query(**asked, ExclusiveStartKey=second["LastEvaluatedKey"])

    pages = [[one["sk"]["S"] for one in page["Items"]] for page in (first, second, third)]
    assert pages == [["0", "1", "2"], ["3", "4", "5"], ["6"]]
    assert "LastEvaluatedKey" not in third


def test_bounds_are_included_and_the_newest_comes_first(bound: Bound, rows: Rows) -> None:
    table = bound.table("LedgerTable")
    table.put_all([item(rows.id, f"{number}") for number in range(9)])

    found = table.newest_first(rows.id, "2", "5", limit=9)

    assert [one["sk"]["S"] for one in found] == ["5", "4", "3", "2"]


def test_a_hundred_keys_are_read_at_once_and_those_without_an_item_are_left_out(bound: Bound, rows: Rows) -> None:
    table = bound.table("LedgerTable")
    for start in (0, 25, 50):
        table.put_all([item(rows.id, f"{number:03}") for number in range(start, start + 25)])

    found = table.get_many([(rows.id, f"{number:03}") for number in range(100)])

    assert sorted(sk for _, sk in found) == [f"{number:03}" for number in range(75)]


def test_more_than_a_hundred_keys_at_once_are_refused(bound: Bound, rows: Rows) -> None:
    with pytest.raises(ClientError) as refused:
        bound.table("LedgerTable").get_many([(rows.id, f"{number:03}") for number in range(101)])

    assert code(refused) == "ValidationException"


def test_a_batch_that_is_written_again_is_the_same(bound: Bound, rows: Rows) -> None:
    table = bound.table("LedgerTable")
    batch = [item(rows.id, f"{number:02}", at={"N": f"{number}"}) for number in range(25)]

    table.put_all(batch)
    table.put_all(batch)

    assert table.newest_first(rows.id, "00", "99", limit=100) == batch[::-1]


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"sk": {"S": "a"}}, id="a key is missing"),
        pytest.param({"pk": {"S": ""}, "sk": {"S": "a"}}, id="a key is empty"),
        pytest.param({"pk": {"N": "1"}, "sk": {"S": "a"}}, id="a key has another type"),
        pytest.param({"pk": {"S": "a"}, "sk": {"S": "a"}, "fill": {"B": bytes(401 * 1024)}}, id="more than 400 KB"),
    ],
)
def test_an_item_that_dynamodb_would_not_take_is_refused(bound: Bound, wrong: Item) -> None:
    with pytest.raises(ClientError) as refused:
        bound.table("LedgerTable").put_new(wrong)

    assert code(refused) == "ValidationException"


def test_a_transaction_whose_condition_fails_writes_nothing_and_says_which(bound: Bound, rows: Rows) -> None:
    table = bound.table("LedgerTable")
    head = item(rows.id, "head", size={"N": "5"})
    table.put_new(head)

    with pytest.raises(ClientError) as refused:
        commit(bound, rows, before="4", after="6")

    reasons: Any = refused.value.response
    assert code(refused) == "TransactionCanceledException"
    assert [reason["Code"] for reason in reasons["CancellationReasons"]] == ["None", "ConditionalCheckFailed"]
    assert reasons["CancellationReasons"][1]["Item"] == head
    assert table.get(rows.id, "batch#6") is None


def test_a_transaction_inserts_the_batch_and_moves_the_head(bound: Bound, rows: Rows) -> None:
    table = bound.table("LedgerTable")
    table.put_new(item(rows.id, "head", size={"N": "5"}))

    commit(bound, rows, before="5", after="6")

    assert (table.get(rows.id, "head") or {})["size"] == {"N": "6"}
    assert table.get(rows.id, "batch#6") is not None


def commit(bound: Bound, rows: Rows, *, before: str, after: str) -> None:
    table = bound.name("LedgerTable")
    bound.dynamodb.transact_write_items(
        TransactItems=[
            {
                "Put": {
                    "TableName": table,
                    "Item": item(rows.id, f"batch#{after}"),
                    "ConditionExpression": "attribute_not_exists(pk)",
                }
            },
            {
                "Update": {
                    "TableName": table,
                    "Key": item(rows.id, "head"),
                    "UpdateExpression": "SET #size = :after",
                    "ConditionExpression": "#size = :before",
                    "ExpressionAttributeNames": {"#size": "size"},
                    "ExpressionAttributeValues": {":before": {"N": before}, ":after": {"N": after}},
                    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                }
            },
        ]
    )


def test_everything_is_made_again_without_changing_what_is_there(bound: Bound, rows: Rows) -> None:
    from infra.local import resources

    bound.table("RegisterTable").put_new(item(rows.id, "a"))
    bound.client("s3").put_object(Bucket=bound.name("ContentBucket"), Key=f"t/{rows.id}", Body=b"text")

    again = resources.make(bound.resources.session)

    assert again.settings() == bound.resources.settings()
    assert again.made == bound.resources.made
    assert bound.table("RegisterTable").get(rows.id, "a") is not None
    assert bound.client("s3").get_object(Bucket=bound.name("ContentBucket"), Key=f"t/{rows.id}")["Body"].read() == b"text"
