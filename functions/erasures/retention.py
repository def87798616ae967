"""For how long the proof of a consent is kept: while it is active and then for the limitation period (GDPR Art. 5(1)(e), 7(1)).

A decision is active until the visitor is asked again; a document that was agreed to, until that is withdrawn; what was refused,
withdrawn or only read is not active.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol, Self

from functions.clock import from_ms
from functions.consents.entry import Entry
from functions.consents.model import ActKind
from functions.consents.receipt import holds
from functions.ids import RecordId, SubjectId
from functions.ledger.note import Verifier
from functions.listings.model import EVERYTHING, FIRST_YEAR, Row, Rows, Window, matter_of, of_subject
from functions.regimes.model import Regime

PAGE = 100
A_DAY = timedelta(days=1)
LASTING = frozenset({ActKind.GIVEN, ActKind.RENEWED})


class Listings(Protocol):
    """The listings of one tenant."""

    def page(self, name: str, window: Window, *, limit: int) -> Rows: ...


class Records(Protocol):
    """The consent records of one tenant."""

    def read_many(self, records: Iterable[RecordId]) -> dict[RecordId, Entry]: ...


@dataclass(frozen=True, slots=True)
class Terms:
    """How long a decision is active, and how long after its end anything is kept."""

    decision: timedelta
    limitation: timedelta

    @classmethod
    def of(cls, regimes: Iterable[Regime]) -> Self:
        """The longest of what may apply: a record does not say under which regime its visitor was."""
        served = list(regimes)
        return cls(
            timedelta(days=max(regime.reprompt_days for regime in served)),
            timedelta(days=max(regime.limitation_days for regime in served)),
        )

    def ends(self, says: Mapping[str, Any]) -> datetime | None:
        """Until when the last act on a matter is needed; None where nobody knows yet."""
        at = from_ms(says["at"])
        if "pol" not in says:
            return at + self.decision + self.limitation
        return None if says["act"] in LASTING else at + self.limitation

    def restriction(self, now: datetime) -> datetime:
        """When what is restricted now is over: the first midnight (UTC) after the limitation period."""
        return midnight(now.date() + self.limitation + A_DAY)


@dataclass(frozen=True, slots=True)
class Progress:
    """The last days of the listing of everything that were looked through: for acts that end at once, and for decisions."""

    acts: date = date(FIRST_YEAR, 1, 1) - A_DAY
    decisions: date = date(FIRST_YEAR, 1, 1) - A_DAY

    @classmethod
    def from_json(cls, body: Mapping[str, str]) -> Self:
        return cls(date.fromisoformat(body["acts"]), date.fromisoformat(body["decisions"]))

    def to_json(self) -> dict[str, str]:
        return {"acts": self.acts.isoformat(), "decisions": self.decisions.isoformat()}

    def upto(self, today: date, terms: Terms) -> Self:
        """Where it will stand after today; terms that became longer take nothing back."""
        acts = today - terms.limitation - A_DAY
        return type(self)(max(self.acts, acts), max(self.decisions, acts - terms.decision))

    def days(self, following: Self) -> list[date]:
        """The days to look through, each once; those that were missed are made up for."""
        return sorted({*_between(self.acts, following.acts), *_between(self.decisions, following.decisions)})


@dataclass(frozen=True, slots=True)
class Keeper:
    """Tells whose proof one tenant needs no more."""

    listings: Listings
    records: Records
    verifier: Verifier
    terms: Terms

    def due_subjects(self, listed: date, *, now: datetime) -> Iterator[SubjectId]:
        """Of those who acted on that day, the ones of whom nothing is needed any more; each once."""
        window, seen = Window(midnight(listed), midnight(listed + A_DAY)), set[SubjectId]()
        for entry in self._entries(EVERYTHING, window):
            subject = SubjectId(entry.says["sid"]) if entry is not None else None
            if subject is not None and subject not in seen:
                seen.add(subject)
                if self.is_due(subject, now=now):
                    yield subject

    def is_due(self, subject: SubjectId, *, now: datetime) -> bool:
        """Whether each matter's last act has run its term; what is missing or altered is looked at by a person first."""
        settled = set[str]()
        for entry in self._entries(of_subject(subject), Window(midnight(date(FIRST_YEAR, 1, 1)), now + A_DAY)):
            if entry is None:
                return False
            matter = matter_of(entry.says)
            if matter not in settled:
                settled.add(matter)
                ends = self.terms.ends(entry.says)
                if ends is None or ends > now:
                    return False
        return bool(settled)

    def _entries(self, name: str, window: Window) -> Iterator[Entry | None]:
        """Newest first; None for what is not there, or not as it was signed."""
        below: Row | None = None
        while True:
            page = self.listings.page(name, Window(window.since, window.until, below), limit=PAGE)
            found = self.records.read_many([row.id for row in page.rows])
            for row in page.rows:
                entry = found.get(row.id)
                yield entry if entry is not None and holds(entry, self.verifier) else None
            if page.cursor is None:
                return
            below = page.rows[-1]


def midnight(day: date) -> datetime:
    """The beginning of a day, UTC."""
    return datetime.combine(day, time(), UTC)


def _between(done: date, last: date) -> Iterator[date]:
    yield from (done + A_DAY * number for number in range(1, (last - done).days + 1))
