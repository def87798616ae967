"""One insert for an act, and nothing else that a visitor would wait for, counted in AWS calls once the container is warm."""

from datetime import datetime

from tests.support.storefront import Shop, answered, decision, uuid7
from tests.support.streams import Stream


def test_a_new_visitors_act_is_their_key_and_one_insert(shop: Shop, now: datetime, aws_calls: list[str]) -> None:
    shop.browser().submit(decision(shop, now))
    aws_calls.clear()

    shop.browser().submit(decision(shop, now))

    assert aws_calls == ["dynamodb.PutItem", "dynamodb.PutItem"]


def test_a_known_visitors_act_is_one_read_and_one_insert(shop: Shop, now: datetime, aws_calls: list[str]) -> None:
    browser = shop.browser()
    browser.submit(decision(shop, now))
    aws_calls.clear()

    browser.submit(decision(shop, now, "performance"))

    assert aws_calls == ["dynamodb.GetItem", "dynamodb.PutItem"]


def test_a_form_of_three_boxes_is_three_inserts_and_one_read(shop: Shop, now: datetime, aws_calls: list[str]) -> None:
    shop.publish_policy("terms", "contract_terms", {"bg": "Условия"})
    browser = shop.browser()
    browser.submit(answered("terms", now))
    aws_calls.clear()

    browser.submit(*(answered("terms", now) for _ in range(3)), submission=uuid7(now))

    assert sorted(aws_calls) == ["dynamodb.GetItem", *["dynamodb.PutItem"] * 3]


def test_a_page_of_the_register_costs_the_same_however_many_records_it_has(
    shop: Shop, stream: Stream, now: datetime, aws_calls: list[str]
) -> None:
    for _ in range(20):
        shop.browser().submit(decision(shop, now))
    stream.deliver()
    aws_calls.clear()

    assert len(shop.register()) == 20

    whose_key, rows, entries, subjects, last = aws_calls
    assert (whose_key, rows) == ("dynamodb.GetItem", "dynamodb.Query")
    assert {entries, subjects, last} == {"dynamodb.BatchGetItem"}


def test_a_batch_is_sequenced_with_the_same_calls_however_many_acts_it_has(
    shop: Shop, stream: Stream, now: datetime, aws_calls: list[str]
) -> None:
    stream.deliver()
    for _ in range(20):
        shop.browser().submit(decision(shop, now))
    records = stream.records()
    aws_calls.clear()

    stream.sequence(records)

    assert aws_calls == [
        *("dynamodb.GetItem", "dynamodb.BatchGetItem"),  # the head; who has a place already
        *("dynamodb.TransactWriteItems", "dynamodb.BatchWriteItem"),  # the batch with the head; the places
        *("sqs.SendMessage", "sqs.SendMessage", "dynamodb.UpdateItem"),  # listings, signature; all is done
    ]
