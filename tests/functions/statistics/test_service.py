"""Told twice, in another order, at the same time or by a function that dies: a list of the batches says what must come out."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.statistics.model import Generations, Part
from functions.statistics.service import Contended, Counting, Superseded, count, read_days, rebuild, sweep
from tests.functions.statistics.acts import (
    ALWAYS,
    NOON,
    Crash,
    after_call,
    changing_minds,
    counters_in,
    crash,
    dump,
    of_parts,
    part,
    rows_of,
    says,
)
from tests.functions.statistics.memory import Interrupted, MemoryCounting
from tests.support.aws import Account, Aws

COUNTING = 3  # calls for a part in one generation
Happens = Callable[[], object]
ORDERS = st.permutations([0, 1, 2])
AGAIN = st.lists(st.integers(0, 2), max_size=4)


def tell(counting: Counting, *parts: Part) -> None:
    count(parts, counting=counting, now=NOON)


def made_again(counting: Counting, ledger: list[Part]) -> int:
    def parts() -> Iterator[Part]:
        yield from list(ledger)  # as the heads say at that moment

    return rebuild(parts, counting=counting, now=NOON)


@settings(deadline=None)
@given(ORDERS, AGAIN, st.lists(st.integers(0, 6), max_size=2))
def test_batches_told_in_any_order_and_again_come_to_the_list_of_them(
    order: list[int], again: list[int], made: list[int]
) -> None:
    counting, ledger = MemoryCounting(), changing_minds()

    for number, told in enumerate(order + again):
        if number in made:
            made_again(counting, [ledger[one] for one in order[: number + 1]])
        tell(counting, ledger[told])

    assert counters_in(counting) == of_parts(ledger)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ORDERS, AGAIN)
def test_so_they_do_on_dynamodb(aws: Aws, order: list[int], again: list[int]) -> None:
    tenant, neighbour, ledger = aws.new_account(), aws.new_account(), changing_minds()

    tell(rows_of(tenant), *(ledger[told] for told in order + again))

    assert counters_in(rows_of(tenant)) == of_parts(ledger)
    assert counters_in(rows_of(neighbour)) == {}


@pytest.mark.parametrize("call", range(1, 3 * COUNTING + 1))
def test_a_function_that_dies_after_any_call_leaves_what_the_next_delivery_completes(tenant: Account, call: int) -> None:
    ledger, rows = changing_minds(), rows_of(tenant)

    with after_call(tenant, call, crash), pytest.raises(Crash):
        tell(rows, *ledger)
    tell(rows, *ledger)

    assert counters_in(rows) == of_parts(ledger)


@pytest.mark.parametrize("other", [0, 1, 2])
@pytest.mark.parametrize("call", range(1, COUNTING + 1))
def test_another_function_that_counts_at_the_same_time_changes_nothing(tenant: Account, call: int, other: int) -> None:
    ledger, rows = changing_minds(), rows_of(tenant)

    with after_call(tenant, call, lambda: tell(rows, ledger[other])):
        tell(rows, ledger[1])
    tell(rows, *ledger)

    assert counters_in(rows) == of_parts(ledger)


def test_who_loses_time_after_time_says_so_and_has_counted_nothing() -> None:
    counting, one = MemoryCounting(), changing_minds()[0]

    def moved() -> None:
        was = counting.generations()
        assert counting.move(was, was.begun())
        unlucky.number += 3

    unlucky = Interrupted(counting, 2, moved)
    with pytest.raises(Contended):
        tell(unlucky, one)

    assert counters_in(counting) == {}
    tell(counting, one)
    assert counters_in(counting) == of_parts([one])


def test_counters_made_again_are_the_same_and_the_old_ones_are_gone(tenant: Account, neighbour: Account) -> None:
    ledger, rows = changing_minds(), rows_of(tenant)
    tell(rows, *ledger)
    tell(rows_of(neighbour), ledger[0])
    tell(rows, part(9, says()))  # counted, and in no batch: what the ledger does not have is not there afterwards

    assert made_again(rows, ledger) == sum(len(one.entries) for one in ledger)

    assert counters_in(rows) == of_parts(ledger)
    assert counters_in(rows_of(neighbour)) == of_parts(ledger[:1])
    assert rows.generations() == Generations(v=3, current=2, building=None, swept=1)
    assert generations_with_rows(tenant) == {2}


def generations_with_rows(account: Account) -> set[int]:
    """Out of the keys of all rows but the pointer to the present one."""
    keys = [row["pk"]["S"].split("#")[1:] for row in dump(account) if row["sk"]["S"] != "current"]
    return {int(key[2] if key[0] == "applied" else key[1]) for key in keys}


def test_making_again_that_dies_after_any_call_is_begun_anew_and_leaves_nothing_behind() -> None:
    step, reached = 0, True
    while reached:
        step += 1
        counting, (first, second, late) = MemoryCounting(), changing_minds()
        tell(counting, first)

        reached = outcome(Interrupted(counting, step, crash), [first, second]) == "died"
        tell(counting, first, second)
        meanwhile = counters_in(counting)
        tell(counting, late)
        made_again(counting, [first, second, late])

        assert meanwhile == of_parts([first, second]), step
        assert counters_in(counting) == of_parts([first, second, late]), step
        assert generations_made(counting) == {counting.generations().current}, step
    assert step > 10


def generations_made(counting: MemoryCounting) -> set[int]:
    return {one for one, made in counting.made.items() if made.applied}


def test_sweeping_on_dynamodb_that_dies_after_any_call_is_finished_by_the_next(aws: Aws) -> None:
    step, died, one = 0, True, part(0, says())
    while died:
        step += 1
        tenant = aws.new_account()
        rows = rows_of(tenant)
        tell(rows, one)
        was = rows.generations()
        assert rows.move(was, was.begun())
        assert rows.move(was.begun(), was.begun().flipped())

        died = dies(tenant, step, lambda: sweep(rows))  # noqa: B023 - called in here
        sweep(rows)

        assert generations_with_rows(tenant) == set(), step
        assert rows.generations().swept == 1
    assert step > 8


def dies(account: Account, call: int, act: Happens) -> bool:
    try:
        with after_call(account, call, crash):
            act()
    except Crash:
        return True
    return False


# A batch, when it is committed and told of while counters are being made again.
def committed_and_told(counting: Counting, ledger: list[Part], late: Part) -> Happens:
    def happens() -> None:
        ledger.append(late)
        tell(counting, late, ledger[0])

    return happens


def told_of_what_was_committed(counting: Counting, ledger: list[Part], late: Part) -> Happens:
    ledger.append(late)
    return lambda: tell(counting, late)


def committed_and_told_by_one_who_dies(counting: Counting, ledger: list[Part], late: Part) -> Happens:
    def happens() -> None:
        ledger.append(late)
        with pytest.raises(Crash):
            tell(Interrupted(counting, COUNTING, crash), late)

    return happens


ARRIVING = [committed_and_told, told_of_what_was_committed, committed_and_told_by_one_who_dies]


@pytest.mark.parametrize("arrives", ARRIVING)
def test_a_batch_that_arrives_between_any_two_steps_of_making_again_is_counted_once(
    arrives: Callable[[Counting, list[Part], Part], Happens],
) -> None:
    step, reached = 0, True
    while reached:
        step += 1
        counting, (first, second, late) = MemoryCounting(), changing_minds()
        ledger = [first, second]
        tell(counting, first)

        interrupted = Interrupted(counting, step, arrives(counting, ledger, late))
        made_again(interrupted, ledger)
        reached = interrupted.calls >= step
        tell(counting, second)
        if arrives is committed_and_told_by_one_who_dies:
            tell(counting, *ledger)  # the queue hands it over again

        assert counters_in(counting) == of_parts(ledger if reached else [first, second, *ledger[2:]]), step
    assert step > 10


def test_making_again_between_any_two_steps_of_counting_loses_nothing_and_counts_nothing_twice() -> None:
    for step in range(1, 2 * COUNTING + 1):
        counting, ledger = MemoryCounting(), changing_minds()

        tell(Interrupted(counting, step, lambda: made_again(counting, ledger)), *ledger[:2])  # noqa: B023 - called within its turn of the loop

        assert counters_in(counting) == of_parts(ledger), step


def test_of_two_that_make_again_at_once_the_later_goes_on_and_nothing_is_left_behind() -> None:
    outcomes = []
    for step in range(1, 14):
        counting, ledger = MemoryCounting(), changing_minds()[:2]
        tell(counting, ledger[0])

        outcomes.append(outcome(Interrupted(counting, step, lambda: made_again(counting, ledger)), ledger))  # noqa: B023 - called within its turn of the loop
        sweep(counting)

        assert counters_in(counting) == of_parts(ledger), step
        assert generations_made(counting) == {counting.generations().current}, step
    assert set(outcomes) == {"done", "superseded"}


def outcome(counting: Counting, ledger: list[Part]) -> str:
    try:
        made_again(counting, ledger)
    except Superseded:
        return "superseded"
    except Crash:
        return "died"
    return "done"


def test_reading_while_the_counters_are_exchanged_gives_all_of_one_generation() -> None:
    for step in (1, 2, 3):
        counting, ledger = MemoryCounting(), changing_minds()
        tell(counting, *ledger)
        expected = read_days(ALWAYS, site=None, counting=counting)

        reading: Any = Interrupted(counting, step, lambda: made_again(counting, ledger))  # noqa: B023 - called within its turn of the loop

        assert read_days(ALWAYS, site=None, counting=reading) == expected
        assert sum(day["acts"] for day in expected) == sum(len(one.entries) for one in ledger)
