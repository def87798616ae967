"""A merchant looks at what visitors decided, by day."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from functions.cli.main import main
from functions.ledger.model import BatchRef
from tests.support.storefront import Shop, answered, decision
from tests.support.streams import Stream


def days(shop: Shop, **query: str) -> list[dict[str, Any]]:
    answer = shop.call("GET", "/statistics", query=query)
    assert answer.status == 200, answer.text
    found: list[dict[str, Any]] = answer.json["days"]
    return found


def test_a_visitor_who_changes_their_mind_counts_once_by_the_last(
    shop: Shop, neighbours_shop: Shop, stream: Stream, now: datetime
) -> None:
    shop.publish_policy("terms", "contract_terms", {"bg": "Условия"})
    undecided, other = shop.browser(), shop.browser()
    undecided.submit(decision(shop, now))
    undecided.submit(decision(shop, now + timedelta(milliseconds=1), "performance", "functional", "targeting"))
    undecided.submit(answered("terms", now))
    other.submit(decision(shop, now))
    stream.deliver()

    (day,) = days(shop)

    assert (day["acts"], day["decisions"]) == (4, 3)
    assert (day["by_act"]["given"], day["by_act"]["refused"]) == (2, 1)
    assert day["by_category"]["targeting"] == {"granted": 1, "refused": 1}
    assert (day["by_section"]["banner"], day["by_section"]["checkout"]) == (2, 1)
    assert day["by_config"] == [{"site": "main", "version": shop.config["version"], "decisions": 2}]
    assert days(neighbours_shop) == []


def test_nothing_is_counted_twice_however_often_the_stream_and_the_queue_tell(
    shop: Shop, stream: Stream, now: datetime
) -> None:
    for given in ((), ("performance",)):
        shop.browser().submit(decision(shop, now, *given))
    records = stream.records()
    stream.deliver(records)
    before = days(shop)

    stream.deliver(list(reversed(records)))
    for _ in range(2):
        post_all_batches_again(stream, shop, now.year)
        stream.settle()

    assert days(shop) == before
    assert before[0]["acts"] == 2


def post_all_batches_again(stream: Stream, shop: Shop, year: int) -> None:
    log = stream.app.wiring.log_rows(shop.tenant, year)
    head = log.head()
    assert head is not None
    for batch in log.batches(0, head.size):
        stream.app.wiring.following.committed(BatchRef(shop.tenant, year, batch.start))


def test_statistics_are_made_again_by_a_command_and_are_the_same(shop: Shop, stream: Stream, now: datetime) -> None:
    browser = shop.browser()
    for given in ((), ("performance",)):
        browser.submit(decision(shop, now, *given))
        stream.deliver()
    before = days(shop)

    result = CliRunner().invoke(main, ["rebuild", shop.tenant])

    assert result.exit_code == 0, result.output
    assert result.output.splitlines() == ["statistics: 2 entries", "listings: 2 entries"]
    assert days(shop) == before
    assert (before[0]["acts"], before[0]["decisions"]) == (2, 1)


@pytest.mark.parametrize("tenant", ["nobody", "aaaaaaaaaaaa"])
def test_an_account_that_is_not_there_has_nothing_to_make_again(shop: Shop, tenant: str) -> None:
    result = CliRunner().invoke(main, ["rebuild", tenant])

    assert result.exit_code == 2
    assert shop.tenant not in result.output


@pytest.mark.parametrize(("role", "status"), [("auditor", 200), ("dpo", 200), ("editor", 200), ("owner", 200)])
def test_every_role_may_look_and_a_key_without_the_right_may_not(shop: Shop, role: str, status: int) -> None:
    made = shop.call("POST", "/keys", {"label": role, "role": role, "scopes": []}).json
    narrow = shop.call("POST", "/keys", {"label": "narrow", "role": role, "scopes": ["tenant:read"]}).json

    answers = [Shop(shop.http, shop.tenant, one["key"], shop.site).call("GET", "/statistics") for one in (made, narrow)]

    assert [answer.status for answer in answers] == [status, 403]


@pytest.mark.parametrize(
    "query",
    [
        {"from": "yesterday"},
        {"to": "2026-02-30"},
        {"from": "2026-01-02", "to": "2026-01-01"},
        {"from": "2024-01-01", "to": "2026-01-01"},
        {"site": "Not A Site"},
    ],
)
def test_a_question_that_makes_no_sense_is_refused_and_asks_nobody(
    shop: Shop, aws_calls: list[str], query: dict[str, str]
) -> None:
    shop.call("GET", "/statistics")
    aws_calls.clear()

    answer = shop.call("GET", "/statistics", query=query)

    assert answer.status == 422
    assert answer.json["violations"]
    assert len(aws_calls) == 1  # the authorizer's look at the key
