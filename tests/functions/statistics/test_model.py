from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ids import SiteId
from functions.ledger.kinds import EntryRef
from functions.ledger.leaf import canonical
from functions.ledger.model import Batch
from functions.statistics.model import PART, Countable, Decision, Sheet, Visit, change_of, countable, parts_of
from tests.functions.statistics.acts import ANN, BEN, NOON, Counters, entry, says, summed, ticked

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)


def counted(entries: list[Countable], *, at_once: int = 1) -> Counters:
    """By as many changes as it takes, each from what the one before left."""
    before: dict[Visit, Decision] = {}
    sheets: Counters = {}
    for begin in range(0, len(entries), at_once):
        change = change_of(entries[begin : begin + at_once], before)
        before |= change.last
        for sheet, added in change.added.items():
            had = sheets.setdefault(sheet, {})
            sheets[sheet] = {name: had.get(name, 0) + added.get(name, 0) for name in had | dict(added)}
    return {sheet: {name: n for name, n in counters.items() if n} for sheet, counters in sheets.items()}


def test_a_decision_in_the_window_is_counted_by_all_that_it_says() -> None:
    one = entry(says(NOON, ANN, "performance"))

    assert one.sheet == Sheet(date(2026, 3, 1), SiteId("main"))
    assert one.decision.counts == {
        "decisions",
        "act#partial",
        "section#banner",
        "language#bg",
        "config#1",
        "performance#granted",
        "functional#refused",
        "targeting#refused",
    }


def test_a_box_in_a_form_has_neither_categories_nor_a_config() -> None:
    assert entry(ticked()).decision.counts == {"decisions", "act#given", "section#checkout", "language#bg"}


def test_nothing_that_is_counted_names_the_visitor() -> None:
    assert not any(ANN in name for name in entry(says(NOON, ANN)).decision.counts)


def test_a_day_ends_at_midnight_in_utc() -> None:
    last, first = entry(says(MIDNIGHT - timedelta(milliseconds=1))), entry(says(MIDNIGHT))

    assert [last.sheet.day, first.sheet.day] == [date(2026, 3, 1), date(2026, 3, 2)]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_who_changes_their_mind_on_a_day_counts_once_by_the_last_in_whatever_order_it_is_told(order: list[int]) -> None:
    moments = [NOON + timedelta(seconds=second) for second in range(3)]
    acts = [entry(says(moments[0])), entry(says(moments[1], ANN, "performance")), entry(says(moments[2]))]

    (counters,) = counted([acts[place] for place in order]).values()

    assert (counters["acts"], counters["decisions"], counters["act#refused"]) == (3, 1, 1)
    assert "act#partial" not in counters
    assert "performance#granted" not in counters


def test_of_two_acts_in_the_same_millisecond_the_greater_id_is_the_last_whichever_is_told_first() -> None:
    one, other = entry(says()), entry(says(NOON, ANN, "performance"))
    last = max(one, other, key=lambda each: each.decision.record)

    assert counted([one, other]) == counted([other, one])
    assert counted([one, other])[one.sheet].keys() - {"acts"} == last.decision.counts


@pytest.mark.parametrize(
    "other",
    [
        says(NOON, BEN),
        says(NOON + timedelta(days=1)),
        says(NOON, ANN, site="other"),
        ticked(NOON),
    ],
)
def test_another_visitor_day_site_or_matter_is_another_decision(other: dict[str, Any]) -> None:
    sheets = counted([entry(says()), entry(other)])

    assert sum(counters["decisions"] for counters in sheets.values()) == 2


@pytest.mark.parametrize(("late", "decisions"), [(timedelta(milliseconds=-1), 1), (timedelta(0), 2)])
def test_what_is_sequenced_seven_days_after_its_day_counts_by_itself(late: timedelta, decisions: int) -> None:
    sequenced_at = MIDNIGHT + timedelta(days=7) + late

    (counters,) = counted([entry(says()), entry(says(NOON, ANN, "targeting"), sequenced_at=sequenced_at)]).values()

    assert (counters["acts"], counters["decisions"]) == (2, decisions)


MOMENTS = st.integers(0, 3).map(lambda day: NOON + timedelta(hours=11 * day))
ENTRIES = st.lists(
    st.builds(
        lambda at, who, granted, site, days: entry(says(at, who, *granted, site=site), sequenced_at=at + timedelta(days=days)),
        MOMENTS,
        st.sampled_from([ANN, BEN]),
        st.sets(st.sampled_from(["performance", "functional", "targeting"])),
        st.sampled_from(["main", "other"]),
        st.sampled_from([0, 9]),
    ),
    max_size=12,
)


@settings(deadline=None)
@given(ENTRIES, st.integers(1, 5))
def test_however_entries_are_cut_into_parts_they_come_to_the_same_as_the_list_of_them(
    entries: list[Countable], at_once: int
) -> None:
    assert counted(entries, at_once=at_once) == summed(entries)


@pytest.mark.parametrize(
    "leaf",
    [
        b"",
        b"[1]",
        b"{",
        b"\xff",
        b"{}",
        canonical({"typ": "consentinel/policy-version/v1", "at": 1}),
        canonical({"typ": ["consentinel/consent/v1"]}),
        canonical(says(site="Not A Site")),
        canonical(says(sid="ann@example.com")),
        canonical(says(id="1")),
        canonical(says(act="stolen")),
        canonical(says(sec="kitchen")),
        canonical(says(ui={})),
        canonical(says(ui={"lang": "x" * 300})),
        canonical(says(ui={"lang": 1})),
        canonical(says(cat={})),
        canonical(says(cfg={"ver": "one"})),
        canonical(says() | {"at": "now"}),
        canonical(says() | {"at": 2**53 - 1}),
    ],
)
def test_what_is_no_consent_record_is_not_counted_and_holds_up_nothing(leaf: bytes) -> None:
    batch = Batch(0, (b"",) * 2, (EntryRef("consent#0", "x"),) * 2, NOON)

    (part,) = parts_of(2026, batch, [leaf, canonical(says())])

    assert countable(leaf, sequenced_at=NOON) is None
    assert len(part.entries) == 1


def test_a_part_has_the_same_entries_whatever_of_the_batch_is_gone() -> None:
    leaves: list[bytes | None] = [canonical(says()) for _ in range(2 * PART + 1)]
    batch = Batch(512, (b"",) * len(leaves), (EntryRef("consent#0", "x"),) * len(leaves), NOON)
    gone = [None, *leaves[1:]]

    whole, holed = list(parts_of(2026, batch, leaves)), list(parts_of(2026, batch, gone))

    assert [str(part) for part in whole] == [f"2026#000000000512#0{number}" for number in (0, 1, 2)]
    assert [len(part.entries) for part in whole] == [PART, PART, 1]
    assert [len(part.entries) for part in holed] == [PART - 1, PART, 1]
    assert whole[1:] == holed[1:]


def test_a_part_without_a_consent_record_is_none() -> None:
    batch = Batch(0, (b"",), (EntryRef("policy#terms", "v000001"),), NOON)

    assert list(parts_of(2026, batch, [None])) == []
