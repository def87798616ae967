"""Which listings a record stands in, and how one is read page by page.

A listing is a name and a year, newest first; a row is the time and the id of a record and nothing else. Rows are put as they
are, so entering a record again, in any order, changes nothing.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from functions import clock
from functions.clock import from_ms, to_ms
from functions.errors import Invalid, Violation
from functions.ids import PolicyId, RecordId, SiteId, SubjectId
from functions.sections.model import Section

# No deployment has records from before it.
FIRST_YEAR = 2026
EVERYTHING = "all"
ROW = re.compile(r"([0-9]{13})#([0-9a-f-]{36})")


def of_policy(policy: PolicyId) -> str:
    return f"policy#{policy}"


def of_section(section: Section) -> str:
    return f"section#{section}"


def of_site(site: SiteId) -> str:
    return f"site#{site}"


def of_subject(subject: SubjectId) -> str:
    return f"subject#{subject}"


def listings_of(says: dict[str, Any]) -> list[str]:
    """The listings that a consent record's leaf stands in."""
    names = [EVERYTHING, of_site(SiteId(says["site"])), of_section(Section(says["sec"])), of_subject(SubjectId(says["sid"]))]
    return names + ([of_policy(PolicyId(says["pol"]["id"]))] if "pol" in says else [])


def matter_of(says: dict[str, Any]) -> str:
    """What an act was about: one document, or the categories of one site's window."""
    return of_policy(PolicyId(says["pol"]["id"])) if "pol" in says else f"categories#{says['site']}"


@dataclass(frozen=True, slots=True, order=True)
class Row:
    """One record in a listing: the server's time in Unix milliseconds, and its id."""

    at_ms: int
    id: RecordId

    @classmethod
    def parse(cls, text: str) -> Self | None:
        match = ROW.fullmatch(text)
        return cls(int(match[1]), RecordId.parse(match[2])) if match else None

    def __str__(self) -> str:
        return f"{self.at_ms:013d}#{self.id}"


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time: from `since` on, and before `until`; `below` is the row that the page before ended with."""

    since: datetime
    until: datetime
    below: Row | None = None

    @classmethod
    def parse(cls, since: str | None, until: str | None, cursor: str | None, *, now: datetime) -> Self:
        """From a query; what is not said is the beginning, or now. Raises `Invalid`."""
        beginning, latest = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), from_ms(to_ms(now) + 1)
        return cls(
            since=max(clock.parsed(since, "/from"), beginning) if since else beginning,
            until=min(clock.parsed(until, "/until"), latest) if until else latest,
            below=_row(cursor, latest) if cursor else None,
        )

    def years(self) -> Iterator[int]:
        """Newest first; none where the window is empty."""
        last = min(self.upper(), to_ms(self.until) - 1)
        yield from range(from_ms(last).year, self.since.year - 1, -1) if last >= to_ms(self.since) else ()

    def upper(self) -> int:
        """The time that no row of the page may be after, in Unix milliseconds."""
        return to_ms(self.until) - 1 if self.below is None else self.below.at_ms

    def bounds(self) -> tuple[str, str]:
        """Sort keys between which, both included, every row of the window lies."""
        return f"{to_ms(self.since):013d}", f"{to_ms(self.until) - 1:013d}#~" if self.below is None else str(self.below)


@dataclass(frozen=True, slots=True)
class Rows:
    """One page, newest first, and the cursor of the next."""

    rows: tuple[Row, ...]
    cursor: str | None

    @classmethod
    def of(cls, found: list[Row], *, limit: int) -> Self:
        """Of one row more than wanted, if there is one, comes the knowledge that there is a next page."""
        more = len(found) > limit
        return cls(tuple(found[:limit]), _cursor(found[limit - 1]) if more else None)


def _cursor(row: Row) -> str:
    return urlsafe_b64encode(str(row).encode()).decode().rstrip("=")


def _row(cursor: str, latest: datetime) -> Row:
    try:
        row = Row.parse(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode())
    except ValueError:
        row = None
    if row is None or row.at_ms >= to_ms(latest):
        raise Invalid("That is not a cursor of a page before.", [Violation("/cursor", "the cursor as the page before gave it")])
    return row
