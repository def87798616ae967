"""How large an item is and what writing it costs by DynamoDB's rules; how long an act has waited for a signature."""

from typing import Any

import pytest

from infra.bench.load import merge_delays, percentile
from infra.bench.write_units import item_bytes, number_bytes, touched, value_bytes, write_units


@pytest.mark.parametrize(
    ("number", "size"),
    [("0", 1), ("7", 2), ("42", 2), ("123", 3), ("1764090000123", 8), ("1000000", 2), ("0.0025", 2), ("1." + "1" * 37, 20)],
)
def test_a_number_is_a_byte_for_two_significant_digits_and_one_more(number: str, size: int) -> None:
    assert number_bytes(number) == size


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": ""}, 0),
        ({"S": "consent"}, 7),
        ({"S": "Мария"}, 10),
        ({"B": bytes(32)}, 32),
        ({"BOOL": False}, 1),
        ({"NULL": True}, 1),
        ({"SS": ["act#given", "decisions"]}, 18),
        ({"NS": ["1", "123"]}, 5),
        ({"BS": [b"one", b"three"]}, 8),
        ({"L": []}, 3),
        ({"L": [{"S": "ab"}, {"N": "7"}]}, 3 + 1 + 2 + 1 + 2),
        ({"M": {}}, 3),
        ({"M": {"kind": {"S": "rfc3161"}, "at": {"N": "7"}}}, 3 + 1 + 4 + 7 + 1 + 2 + 2),
        ({"L": [{"M": {"a": {"L": [{"BOOL": True}]}}}]}, 3 + 1 + (3 + 1 + 1 + (3 + 1 + 1))),
    ],
)
def test_a_value_has_the_size_that_the_developer_guide_says(value: dict[str, Any], size: int) -> None:
    assert value_bytes(value) == size


def test_a_kind_of_value_that_dynamodb_does_not_have_is_no_size() -> None:
    with pytest.raises(LookupError):
        value_bytes({"X": 1})


def test_an_item_is_the_names_and_the_values_of_its_attributes() -> None:
    item: dict[str, Any] = {"pk": {"S": "t#log#2026"}, "sk": {"S": "head"}, "v": {"N": "12"}, "wurzel_ü": {"B": bytes(64)}}

    assert item_bytes(item) == (2 + 10) + (2 + 4) + (1 + 2) + (9 + 64)
    assert item_bytes({}) == 0


@pytest.mark.parametrize(("size", "plain", "transactional"), [(0, 1, 2), (1, 1, 2), (1024, 1, 2), (1025, 2, 4), (5122, 6, 12)])
def test_a_kilobyte_begun_is_a_unit_and_in_a_transaction_two(size: int, plain: int, transactional: int) -> None:
    assert write_units(size, transactional=False) == plain
    assert write_units(size, transactional=True) == transactional


def test_a_transaction_touches_what_it_checks_too_and_a_batch_each_of_its_items() -> None:
    key = {"pk": {"S": "t#subject#s"}, "sk": {"S": "key"}}
    item = {"pk": {"S": "t#email#e"}, "sk": {"S": "at#1"}, "id": {"S": "r"}}
    check = {"ConditionCheck": {"TableName": "consentinel-vault-table", "Key": key, "ConditionExpression": "…"}}
    put = {"Put": {"TableName": "consentinel-vault-table", "Item": item}}
    batch = {"RequestItems": {"consentinel-ledger-table": [{"PutRequest": {"Item": item}}, {"DeleteRequest": {"Key": key}}]}}

    transacted = [one.part for one in touched("TransactWriteItems", {"TransactItems": [check, put]})]
    batched = [one.part for one in touched("BatchWriteItem", batch)]

    assert transacted == ["vault subject key, conditioncheck ×2", "vault email, put ×2"]
    assert batched == ["ledger email, put", "ledger subject key, delete"]
    assert list(touched("BatchGetItem", {"RequestItems": {}})) == []


def test_an_act_has_waited_until_the_end_of_the_second_of_the_first_checkpoint_that_holds_it() -> None:
    order = ["policy", "ann", "ben", "eve"]
    at_ms = {"ann": 1_000_500, "ben": 1_001_000, "eve": 1_030_250}

    delays = merge_delays(at_ms, order, {4: 1_031, 2: 1_001})

    assert delays == [1.5, 31.0, 1.75]


def test_an_act_under_no_checkpoint_is_not_passed_over() -> None:
    with pytest.raises(IndexError):
        merge_delays({"ann": 1_000}, ["policy", "ann"], {1: 2})


@pytest.mark.parametrize(("percent", "value"), [(0, 1.0), (1, 1.0), (50, 50.0), (99, 99.0), (100, 100.0)])
def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed(percent: int, value: float) -> None:
    values = [float(number) for number in range(100, 0, -1)]

    assert percentile(values, percent) == value
    assert percentile([3.0], percent) == 3.0
