"""What counting asks of its rows, on DynamoDB and on the double that stands in for them."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from functions.ids import SubjectId
from functions.statistics.days import Period
from functions.statistics.model import Generations, Part, change_of
from functions.statistics.service import Counting, count
from tests.functions.statistics.acts import (
    ANN,
    BEN,
    NOON,
    changing_minds,
    counters_in,
    dump,
    of_parts,
    part,
    rows_of,
    says,
)
from tests.functions.statistics.memory import MemoryCounting
from tests.support.aws import Account

Pair = tuple[Counting, Counting]


@pytest.fixture(params=["dynamodb", "memory"])
def pair(request: pytest.FixtureRequest, tenant: Account, neighbour: Account) -> Pair:
    if request.param == "dynamodb":
        return rows_of(tenant), rows_of(neighbour)
    return MemoryCounting(), MemoryCounting()


@pytest.fixture
def counting(pair: Pair) -> Counting:
    return pair[0]


def added(counting: Counting, one: Part, *, among: Generations | None = None, generation: int = 1) -> bool:
    before = counting.before(one, generation=generation)
    assert before is not None
    present = among or counting.generations()
    return counting.add(one, change_of(one.entries, before), before, generation=generation, among=present, now=NOON)


def test_a_part_is_added_once_and_then_there_is_nothing_to_add_to(pair: Pair) -> None:
    (mine, theirs), one = pair, changing_minds()[0]
    before = mine.before(one, generation=1)
    assert before == {}

    first = added(mine, one)
    again = mine.add(one, change_of(one.entries, {}), {}, generation=1, among=mine.generations(), now=NOON)

    assert (first, again) == (True, True)
    assert mine.before(one, generation=1) is None
    assert counters_in(mine) == of_parts([one])
    assert theirs.before(one, generation=1) == {}
    assert counters_in(theirs) == {}


def test_what_a_visitor_decided_last_is_what_comes_before_their_next_decision(counting: Counting) -> None:
    first, second, _ = changing_minds()
    added(counting, first)

    before = counting.before(second, generation=1)

    ann = first.entries[0]
    assert before == {ann.visit: ann.decision}


def test_nothing_is_added_when_a_visitor_has_decided_again_since_it_was_looked(counting: Counting) -> None:
    first, second, third = part(0, says()), part(1, says(NOON + timedelta(1))), part(2, says(NOON, BEN), says())
    stale = counting.before(third, generation=1)
    assert stale == {}
    added(counting, first)

    lost = counting.add(third, change_of(third.entries, stale), stale, generation=1, among=counting.generations(), now=NOON)

    assert lost is False
    assert counters_in(counting) == of_parts([first])
    assert added(counting, second)


def test_nothing_is_added_when_a_visitors_row_is_not_the_one_that_was_read(counting: Counting) -> None:
    moments = [NOON + timedelta(seconds=second) for second in range(3)]
    first, second, third = (part(number, says(moment)) for number, moment in enumerate(moments))
    added(counting, first)
    stale = counting.before(third, generation=1)
    assert stale is not None
    added(counting, second)

    lost = counting.add(third, change_of(third.entries, stale), stale, generation=1, among=counting.generations(), now=NOON)

    assert lost is False
    assert counters_in(counting) == of_parts([first, second])


def test_nothing_is_added_to_a_generation_that_may_not_be_open_any_more(counting: Counting) -> None:
    one, was = changing_minds()[0], counting.generations()
    assert counting.move(was, was.begun())

    assert not added(counting, one, among=was)
    assert not added(counting, one, among=replace(was, v=7))
    assert counters_in(counting) == {}
    assert added(counting, one)


def test_of_two_who_move_the_generations_one_does(pair: Pair) -> None:
    mine, theirs = pair
    was = mine.generations()
    begun = was.begun()

    assert mine.move(was, begun)
    assert not mine.move(was, replace(begun, building=9))

    assert mine.generations() == begun == Generations(v=1, current=1, building=2, swept=0)
    assert mine.move(begun, begun.flipped())
    assert mine.generations() == Generations(v=2, current=2, building=None, swept=0)
    assert theirs.generations() == Generations()


def test_sheets_come_by_day_and_site_first_and_last_day_included(counting: Counting) -> None:
    days = [NOON + timedelta(days=number) for number in range(4)]
    added(counting, part(0, *(says(day, ANN, site=site) for day in reversed(days) for site in ("other", "main"))))

    found = [str(sheet) for sheet, _ in counting.sheets(Period(date(2026, 3, 2), date(2026, 3, 3)), generation=1)]

    assert found == ["2026-03-02#main", "2026-03-02#other", "2026-03-03#main", "2026-03-03#other"]


def test_a_generation_that_is_deleted_takes_no_other_with_it(pair: Pair) -> None:
    (mine, theirs), one = pair, changing_minds()[0]
    for generation in (1, 2, 12):
        added(mine, one, generation=generation)
    added(theirs, one)

    mine.delete(2)

    assert mine.before(one, generation=2) == {}
    assert mine.before(one, generation=1) is mine.before(one, generation=12) is None
    assert theirs.before(one, generation=1) is None


def test_counting_a_part_is_two_reads_and_one_transaction_and_again_is_two_reads(tenant: Account, aws_calls: list[str]) -> None:
    one = changing_minds()[0]
    aws_calls.clear()

    for _ in range(2):
        count([one], counting=rows_of(tenant), now=NOON)

    reads = ["dynamodb.GetItem", "dynamodb.BatchGetItem"]
    assert aws_calls == [*reads, "dynamodb.TransactWriteItems", *reads]


def test_as_many_visitors_days_and_sites_as_a_part_can_have_fit_into_one_transaction(
    tenant: Account, aws_calls: list[str]
) -> None:
    decided = [says(NOON - timedelta(days=number % 24), ANN, site=f"s{number}") for number in range(48)]
    wide = part(0, *decided, sequenced_at=NOON - timedelta(days=20))
    aws_calls.clear()

    count([wide], counting=rows_of(tenant), now=NOON)

    assert aws_calls.count("dynamodb.TransactWriteItems") == 1
    assert counters_in(rows_of(tenant)) == of_parts([wide])


def test_counters_are_numbers_only_and_visitors_rows_go_after_ten_days(tenant: Account) -> None:
    count(changing_minds(), counting=rows_of(tenant), now=NOON)

    rows = dump(tenant)

    named = [row for row in rows if ANN in str(row) or BEN in str(row)]
    assert {row["pk"]["S"].split("#")[1] for row in named} == {"decided"}
    for row in named:
        ends_at = NOON.replace(hour=0, day=int(row["pk"]["S"].split("#")[3][-2:])) + timedelta(days=1)
        assert int(row["expires"]["N"]) == int((ends_at + timedelta(days=10)).timestamp())
    assert not any("expires" in row for row in rows if row not in named)


def test_what_is_counted_long_after_its_day_is_kept_for_ten_days_from_then(tenant: Account) -> None:
    later = NOON + timedelta(days=100)

    count(changing_minds(), counting=rows_of(tenant), now=later)

    expiries = {row["expires"]["N"] for row in dump(tenant) if "expires" in row}
    assert expiries == {str(int((later + timedelta(days=10)).timestamp()))}


def test_more_than_a_page_is_deleted_page_by_page(tenant: Account, aws_calls: list[str]) -> None:
    rows = rows_of(tenant)
    added(rows, part(0, *(says(NOON, SubjectId(f"{number:021d}A")) for number in range(30))))
    aws_calls.clear()

    rows.delete(1)

    assert dump(tenant) == []
    assert aws_calls.count("dynamodb.BatchWriteItem") == 2 + 1 + 1
