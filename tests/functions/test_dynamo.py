import pytest

from functions.dynamo import Table
from tests.support.aws import Account, Aws


@pytest.fixture
def tenant(tenant_apart: Account) -> Account:
    return tenant_apart


@pytest.fixture
def table(tenant: Account) -> Table:
    return tenant.documents.table


def test_a_new_item_is_put_and_a_taken_key_gives_back_the_item_that_has_it(table: Table, tenant: Account) -> None:
    first = {"pk": {"S": tenant.id}, "sk": {"S": "a"}, "n": {"N": "1"}}

    assert table.put_new(first) is None
    assert table.put_new({**first, "n": {"N": "2"}}) == first
    assert table.get(tenant.id, "a") == first


def test_the_condition_is_on_the_whole_key(table: Table, tenant: Account) -> None:
    table.put_new({"pk": {"S": tenant.id}, "sk": {"S": "a"}})

    assert table.put_new({"pk": {"S": tenant.id}, "sk": {"S": "b"}}) is None


def test_an_error_that_is_no_taken_key_is_not_swallowed(aws: Aws, tenant: Account) -> None:
    nowhere = Table(aws.dynamodb, "no-such-table")

    with pytest.raises(aws.dynamodb.exceptions.ResourceNotFoundException):
        nowhere.put_new({"pk": {"S": tenant.id}, "sk": {"S": "a"}})


def test_many_are_found_by_key_and_the_absent_are_left_out(table: Table, tenant: Account, aws_calls: list[str]) -> None:
    table.put_new({"pk": {"S": tenant.id}, "sk": {"S": "a"}})
    aws_calls.clear()

    found = table.get_many([(tenant.id, "a"), (tenant.id, "a"), (tenant.id, "b")])

    assert found == {(tenant.id, "a"): {"pk": {"S": tenant.id}, "sk": {"S": "a"}}}
    assert aws_calls == ["dynamodb.BatchGetItem"]


def test_a_remainder_that_was_held_back_is_asked_for_again(table: Table, tenant: Account, aws_calls: list[str]) -> None:
    heavy = "x" * 390_000
    for number in range(44):
        table.put_new({"pk": {"S": tenant.id}, "sk": {"S": f"{number:03d}"}, "body": {"S": heavy}})
    aws_calls.clear()

    found = table.get_many([(tenant.id, f"{number:03d}") for number in range(44)])

    assert len(found) == 44
    assert len(aws_calls) > 1


def test_nothing_asked_for_costs_nothing(table: Table, aws_calls: list[str]) -> None:
    assert table.get_many([]) == {}
    assert aws_calls == []


def test_a_range_is_read_from_the_top_and_a_megabyte_is_no_limit(table: Table, tenant: Account, aws_calls: list[str]) -> None:
    for number in range(6):
        table.put_new({"pk": {"S": tenant.id}, "sk": {"S": f"r{number}"}, "body": {"S": "x" * 390_000}})
    aws_calls.clear()

    found = table.newest_first(tenant.id, "r1", "r5", limit=4)

    assert [item["sk"]["S"] for item in found] == ["r5", "r4", "r3", "r2"]
    assert len(aws_calls) > 1
    assert [item["sk"]["S"] for item in table.newest_first(tenant.id, "r1", "r2", limit=10)] == ["r2", "r1"]
    assert table.newest_first(tenant.id, "s", "t", limit=10) == []


def test_items_are_put_together_and_again_without_harm(table: Table, tenant: Account, aws_calls: list[str]) -> None:
    items = [{"pk": {"S": tenant.id}, "sk": {"S": f"p{number:02d}"}} for number in range(25)]

    table.put_all(items)
    table.put_all(items)

    assert aws_calls == ["dynamodb.BatchWriteItem", "dynamodb.BatchWriteItem"]
    assert table.newest_first(tenant.id, "p", "q", limit=100) == items[::-1]
