"""Reconciliation: entries that have waited too long for their place in the ledger are told of again.

The stream tells of every entry for a day. What it could not deliver in that time would be in the register and in no log; so the
register is read back: the last hour's consent records every quarter of an hour, a week's and all other entries once a day.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Protocol

from functions.clock import to_ms
from functions.ledger.kinds import SHARDS, EntryRef
from functions.ledger.model import Candidate, Located

PATIENCE = timedelta(minutes=2)
PAGE = 100


class Entries(Protocol):
    """The register of one tenant."""

    def stored(self, partition: str, low: str, high: str) -> Iterator[Candidate]: ...


class Places(Protocol):
    """The locators of one tenant."""

    def find(self, refs: Iterable[EntryRef]) -> dict[EntryRef, Located]: ...


class Feeding(Protocol):
    """The sequencer's queue."""

    def sequence(self, refs: Sequence[EntryRef]) -> None: ...


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Of one tenant; `partitions` are those of the register that are not named by the time of their entries."""

    register: Entries
    places: Places
    feeding: Feeding
    partitions: Sequence[str]

    def reconcile(self, *, since: datetime, now: datetime) -> int:
        """Tell again of what has no place after two minutes; gives how many."""
        found, told = self._entries(since, now), 0
        while page := list(islice(found, PAGE)):
            located = self.places.find([candidate.ref for candidate in page])
            waiting = [one.ref for one in page if one.ref not in located and _has_waited(one, now)]
            if waiting:
                self.feeding.sequence(waiting)
            told += len(waiting)
        return told

    def _entries(self, since: datetime, now: datetime) -> Iterator[Candidate]:
        """Consent records by when their ids were made (a browser may send one a week later), all others whenever."""
        low, high = _id_at(since), _id_at(now + timedelta(minutes=5))
        for shard in range(SHARDS):
            yield from self.register.stored(f"consent#{shard}", low, high)
        for partition in self.partitions:
            yield from self.register.stored(partition, "!", "~")


def _has_waited(candidate: Candidate, now: datetime) -> bool:
    return candidate.says is None or candidate.says["at"] <= to_ms(now - PATIENCE)


def _id_at(moment: datetime) -> str:
    """What UUIDv7s that were made at that moment begin with (RFC 9562, 5.7)."""
    digits = f"{to_ms(moment):012x}"
    return f"{digits[:8]}-{digits[8:]}"
