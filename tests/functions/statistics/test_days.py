from datetime import date, timedelta
from typing import Any

import pytest

from functions.errors import Invalid
from functions.ids import SiteId
from functions.schema import Schema
from functions.statistics.days import Period, shown
from tests.functions.statistics.acts import ANN, BEN, NOON, entry, says, summed, ticked

TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (None, None, Period(date(2026, 10, 27), TODAY)),
        ("2026-11-25", "2026-11-25", Period(TODAY, TODAY)),
        (None, "2026-03-01", Period(date(2026, 1, 31), date(2026, 3, 1))),
        ("2025-10-22", None, Period(date(2025, 10, 22), TODAY)),
        (None, "0001-01-02", Period(date(1, 1, 1), date(1, 1, 2))),
    ],
)
def test_a_period_is_what_was_asked_for_and_else_the_thirty_days_up_to_today(
    first: str | None, last: str | None, expected: Period
) -> None:
    assert Period.parse(first, last, today=TODAY) == expected


@pytest.mark.parametrize(
    ("first", "last", "pointer"),
    [
        ("2025-10-21", None, "/from"),
        ("2026-11-26", None, "/from"),
        ("2026-02-30", None, "/from"),
        ("20261125", None, "/from"),
        ("", None, "/from"),
        ("2026-11-25\n", None, "/from"),
        ("٢٠٢٦-11-25", None, "/from"),
        (None, "2026-W48-3", "/to"),
        (None, "0000-01-01", "/to"),
        (None, "2026-11-25T00:00:00Z", "/to"),
    ],
)
def test_what_is_no_period_of_one_to_four_hundred_days_is_refused(first: str | None, last: str | None, pointer: str) -> None:
    with pytest.raises(Invalid) as refusal:
        Period.parse(first, last, today=TODAY)

    assert [one.pointer for one in refusal.value.violations] == [pointer]


def days(*decided: dict[str, Any], site: SiteId | None = None) -> list[dict[str, Any]]:
    found = shown(sorted(summed(map(entry, decided)).items(), key=lambda pair: pair[0]), site=site)
    answer = {"from": "2026-01-01", "to": "2026-12-31", "site": site, "days": found}
    Schema("statistics/schemas/days.json").check(answer)
    return found


def test_a_day_adds_its_sites_up_and_keeps_their_configs_apart() -> None:
    second = {"ver": 10, "sha256": "1" * 64}
    (day,) = days(
        says(NOON, ANN),
        says(NOON, BEN, cfg=second),
        says(NOON, ANN, "performance", site="other", ui={"lang": "en"}),
        ticked(NOON, ANN),
    )

    assert (day["day"], day["acts"], day["decisions"]) == ("2026-03-01", 4, 4)
    assert day["by_act"] == {"given": 1, "refused": 2, "partial": 1, "withdrawn": 0, "renewed": 0, "acknowledged": 0}
    assert day["by_category"]["performance"] == {"granted": 1, "refused": 2}
    assert day["by_category"]["targeting"] == {"granted": 0, "refused": 3}
    assert (day["by_section"]["banner"], day["by_section"]["checkout"]) == (3, 1)
    assert day["by_language"] == [{"language": "bg", "decisions": 3}, {"language": "en", "decisions": 1}]
    assert day["by_site"] == [{"site": "main", "decisions": 3}, {"site": "other", "decisions": 1}]
    assert [tuple(one.values()) for one in day["by_config"]] == [("main", 1, 1), ("main", 10, 1), ("other", 1, 1)]


def test_of_one_site_there_are_only_the_days_on_which_somebody_acted_on_it() -> None:
    acts = [says(NOON), says(NOON + timedelta(days=1), ANN, site="other"), says(NOON + timedelta(days=2))]

    assert [day["day"] for day in days(*acts)] == ["2026-03-01", "2026-03-02", "2026-03-03"]
    assert [day["day"] for day in days(*acts, site=SiteId("main"))] == ["2026-03-01", "2026-03-03"]
    assert days(*acts, site=SiteId("nobody")) == []
    assert days() == []
