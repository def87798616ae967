"""What is counted of an entry of the register, and what counting it changes. docs/reference/statistics.md.

A visitor who decides on one matter several times on a day counts once, by the last. So the counters of a day are a sum over
what each visitor decided last, whatever order the entries are told in.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from functions.clock import from_ms
from functions.consents.model import LEAF_TYPE, ActKind
from functions.cookies.model import OPTIONAL
from functions.errors import Invalid
from functions.ids import RecordId, SiteId, SubjectId
from functions.ledger.leaf import members
from functions.ledger.model import LATE_WINDOW, Batch
from functions.listings.model import matter_of
from functions.sections.model import Section

# DynamoDB takes a hundred items in a transaction: for each entry a visitor's and a sheet of counters at the most, and two more.
PART = 48
# What was sequenced as late as this after its day meets no row of its visitor any more, and counts by itself.
LATE = LATE_WINDOW
# For how long after their day visitors' rows stay: the late window, and time to take what waits in a queue of failures.
KEPT = timedelta(days=10)
ACTS, DECISIONS = "acts", "decisions"
LANGUAGE = re.compile(r"[a-z]{2}")


@dataclass(frozen=True, slots=True, order=True)
class Sheet:
    """The counters of one day (UTC) and one site."""

    day: date
    site: SiteId

    @classmethod
    def parse(cls, text: str) -> "Sheet":
        day, _, site = text.partition("#")
        return cls(date.fromisoformat(day), SiteId(site))

    def __str__(self) -> str:
        return f"{self.day}#{self.site}"

    @property
    def ends_at(self) -> datetime:
        return datetime.combine(self.day, time(), UTC) + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Visit:
    """One visitor on one day before one question: what counts once, by the last answer."""

    sheet: Sheet
    subject: SubjectId
    matter: str


@dataclass(frozen=True, slots=True, order=True)
class Decision:
    """An answer; of two, the later is the greater. `counts` are the counters that it adds one to."""

    at_ms: int
    record: RecordId
    counts: frozenset[str]


@dataclass(frozen=True, slots=True)
class Countable:
    """An entry that is counted; one without a visit counts by itself."""

    sheet: Sheet
    visit: Visit | None
    decision: Decision


@dataclass(frozen=True, slots=True)
class Part:
    """As much of a batch as is counted at once."""

    year: int
    start: int
    number: int
    entries: tuple[Countable, ...]

    def __str__(self) -> str:
        return f"{self.year}#{self.start:012d}#{self.number:02d}"

    @property
    def visits(self) -> list[Visit]:
        return list({entry.visit: None for entry in self.entries if entry.visit is not None})


@dataclass(frozen=True, slots=True)
class Change:
    """What counting a part changes: the last decisions that are new, and what is added to each sheet."""

    last: Mapping[Visit, Decision]
    added: Mapping[Sheet, Mapping[str, int]]


def parts_of(year: int, batch: Batch, leaves: Sequence[bytes | None]) -> Iterator[Part]:
    """The parts of a batch that have something to count; of an entry that is gone there is no leaf.

    Which entries a part has follows from their places, so that it is the same part whenever the batch is told of.
    """
    for number, begin in enumerate(range(0, len(leaves), PART)):
        read = [leaf and countable(leaf, sequenced_at=batch.at) for leaf in leaves[begin : begin + PART]]
        entries = tuple(entry for entry in read if entry)
        if entries:
            yield Part(year, batch.start, number, entries)


def countable(leaf: bytes, *, sequenced_at: datetime) -> Countable | None:
    """Nothing for other leaves than those of consent records, and for what somebody put there by hand that is none."""
    try:
        says = members(leaf)
        return _countable(says, sequenced_at) if says["typ"] == LEAF_TYPE else None
    except (Invalid, KeyError, TypeError, ValueError):
        return None


def _countable(says: dict[str, Any], sequenced_at: datetime) -> Countable:
    sheet = Sheet(from_ms(says["at"]).date(), SiteId.parse(says["site"]))
    decision = Decision(says["at"], RecordId.parse(says["id"]), frozenset(_counters(says)))
    alone = sequenced_at >= sheet.ends_at + LATE
    return Countable(sheet, None if alone else Visit(sheet, SubjectId.parse(says["sid"]), matter_of(says)), decision)


def _counters(says: dict[str, Any]) -> Iterator[str]:
    yield DECISIONS
    yield f"act#{ActKind(says['act'])}"
    yield f"section#{Section(says['sec'])}"
    yield f"language#{_language(says['ui']['lang'])}"
    if "cfg" in says:
        yield f"config#{int(says['cfg']['ver'])}"
    if "cat" in says:
        yield from (f"{category}#{'granted' if says['cat'][category] else 'refused'}" for category in OPTIONAL)


def _language(text: str) -> str:
    if LANGUAGE.fullmatch(text):
        return text
    raise ValueError("It is no language.")


def change_of(entries: Iterable[Countable], before: Mapping[Visit, Decision]) -> Change:
    """What counting the entries changes, where `before` are their visits' last decisions so far."""
    last: dict[Visit, Decision] = {}
    added: defaultdict[Sheet, Counter[str]] = defaultdict(Counter)
    for entry in entries:
        tally = added[entry.sheet]
        tally[ACTS] += 1
        was = _last(entry.visit, last, before)
        if was is not None and was >= entry.decision:
            continue
        tally.update(entry.decision.counts)
        tally.subtract(was.counts if was else ())
        if entry.visit is not None:
            last[entry.visit] = entry.decision
    return Change(last, {sheet: {name: n for name, n in tally.items() if n} for sheet, tally in added.items()})


def _last(visit: Visit | None, last: Mapping[Visit, Decision], before: Mapping[Visit, Decision]) -> Decision | None:
    return None if visit is None else last.get(visit, before.get(visit))


@dataclass(frozen=True, slots=True)
class Generations:
    """Which counters are read, and which are being made; `v` grows with every change of these.

    `swept`: the generation up to which everything has been deleted.
    """

    v: int = 0
    current: int = 1
    building: int | None = None
    swept: int = 0

    @property
    def open(self) -> tuple[int, ...]:
        """Those that every batch is counted in."""
        return (self.current,) if self.building is None else (self.current, self.building)

    @property
    def old(self) -> range:
        """Those that nobody reads or writes any more."""
        return range(self.swept + 1, self.current)

    def begun(self) -> "Generations":
        """With a new one that is being made; one that was begun before is given up."""
        return Generations(self.v + 1, self.current, max(self.open) + 1, self.swept)

    def flipped(self) -> "Generations":
        """With the one that was being made as the one that is read."""
        return Generations(self.v + 1, max(self.open), None, self.swept)

    def cleared(self) -> "Generations":
        return Generations(self.v + 1, self.current, self.building, self.current - 1)
