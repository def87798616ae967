"""How days are asked for and shown."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Self

from functions.consents.model import ActKind
from functions.cookies.model import OPTIONAL
from functions.errors import Invalid, Violation
from functions.ids import SiteId
from functions.sections.model import Section
from functions.statistics.model import ACTS, DECISIONS, Sheet

MOST_DAYS = 400
USUAL_DAYS = 30
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
Counters = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Period:
    """Days in UTC, the first and the last included."""

    first: date
    last: date

    @classmethod
    def parse(cls, first: str | None, last: str | None, *, today: date) -> Self:
        """From a query; what is not said is today, and the thirty days up to the last. Raises `Invalid`."""
        until = _day(last, "/to") if last is not None else today
        since = _day(first, "/from") if first is not None else _before(until)
        if not 0 <= (until - since).days < MOST_DAYS:
            expected = f"a day up to {MOST_DAYS - 1} days before the last"
            raise Invalid(f"A period has 1 to {MOST_DAYS} days.", [Violation("/from", expected)])
        return cls(since, until)


def _before(last: date) -> date:
    return date.fromordinal(max(1, last.toordinal() - USUAL_DAYS + 1))


def _day(text: str, pointer: str) -> date:
    try:
        if DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass  # it is in no calendar
    raise Invalid("A day is not one.", [Violation(pointer, "a day in UTC, such as 2026-11-25")])


def shown(sheets: Iterable[tuple[Sheet, Counters]], *, site: SiteId | None) -> list[dict[str, Any]]:
    """Days from the first on, of all sites or of one; a day on which nobody acted is left out. Sheets come in order."""
    wanted = ((sheet, counters) for sheet, counters in sheets if site in {None, sheet.site})
    return [_day_of(day, dict(found)) for day, found in groupby(wanted, key=lambda pair: pair[0].day)]


def _day_of(day: date, sheets: Mapping[Sheet, Counters]) -> dict[str, Any]:
    total: Counter[str] = Counter()
    for counters in sheets.values():
        total.update(counters)
    return {
        "day": day.isoformat(),
        "acts": total[ACTS],
        "decisions": total[DECISIONS],
        "by_act": {kind.value: total[f"act#{kind}"] for kind in ActKind},
        "by_category": {
            category.value: {answer: total[f"{category}#{answer}"] for answer in ("granted", "refused")}
            for category in OPTIONAL
        },
        "by_section": {section.value: total[f"section#{section}"] for section in Section},
        "by_language": [{"language": language, "decisions": n} for language, n in _named("language", total)],
        "by_site": [{"site": sheet.site, "decisions": counters.get(DECISIONS, 0)} for sheet, counters in sheets.items()],
        "by_config": [
            {"site": sheet.site, "version": int(version), "decisions": n}
            for sheet, counters in sheets.items()
            for version, n in sorted(_named("config", counters), key=lambda pair: int(pair[0]))
        ],
    }


def _named(dimension: str, counters: Counters) -> Iterator[tuple[str, int]]:
    """The values of an open dimension that somebody's last decision has, in order of name."""
    for name, n in sorted(counters.items()):
        found, _, value = name.partition("#")
        if found == dimension and n:
            yield value, n
