"""Counting committed batches, making the counters again from the ledger, and reading them.

A part of a batch is counted in every open generation, by a transaction each: its marker makes it once, and its condition on the
generations keeps it out of one that is not open any more. Making the counters again begins with opening a new generation; only
then are the heads of the logs read. So a batch that was committed before is found there, and one that is told of later is
counted in both.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol

from functions.ids import SiteId
from functions.statistics.days import Period, shown
from functions.statistics.model import Change, Decision, Generations, Part, Sheet, Visit, change_of

TRIES = 20


class Contended(Exception):
    """Others were faster time after time; whoever told of the batch tells of it again."""


class Superseded(Exception):
    """Somebody has begun to make the counters again after this run had."""


class Counting(Protocol):
    """The counters of one tenant."""

    def generations(self) -> Generations: ...
    def move(self, was: Generations, to: Generations) -> bool: ...
    def before(self, part: Part, *, generation: int) -> dict[Visit, Decision] | None: ...
    def add(
        self,
        part: Part,
        change: Change,
        before: Mapping[Visit, Decision],
        *,
        generation: int,
        among: Generations,
        now: datetime,
    ) -> bool: ...
    def sheets(self, period: Period, *, generation: int) -> Iterator[tuple[Sheet, dict[str, int]]]: ...
    def delete(self, generation: int) -> None: ...


def count(parts: Iterable[Part], *, counting: Counting, now: datetime) -> None:
    """Count each part once, however often it is told of; raises `Contended`."""
    for part in parts:
        for _ in range(TRIES):
            generations = counting.generations()
            if all(_counted(part, one, generations, counting, now) for one in generations.open):
                break
        else:
            raise Contended(str(part))


def _counted(part: Part, generation: int, among: Generations, counting: Counting, now: datetime) -> bool:
    """Whether the part is counted in that generation, by this or another; else it has to be looked at again."""
    before = counting.before(part, generation=generation)
    if before is None:
        return True
    change = change_of(part.entries, before)
    return counting.add(part, change, before, generation=generation, among=among, now=now)


def rebuild(parts: Callable[[], Iterable[Part]], *, counting: Counting, now: datetime) -> int:
    """Make the counters again from all batches, and read these from then on; gives how many entries were counted.

    Args:
        parts: gives those of all batches that are committed when it is called.
        counting: the tenant's counters.
        now: from here visitors' rows of long ago are kept for a while.

    Raises:
        Superseded: another run began after this one, and will come to the same.
        Contended: too many others at once; begin again.
    """
    building = _begin(counting)
    counted = 0
    for part in parts():
        _count_into(building, part, counting, now)
        counted += len(part.entries)
    _flip(building, counting)
    sweep(counting)
    return counted


def _begin(counting: Counting) -> int:
    for _ in range(TRIES):
        was = counting.generations()
        to = was.begun()
        if counting.move(was, to):
            return max(to.open)
    raise Contended


def _count_into(building: int, part: Part, counting: Counting, now: datetime) -> None:
    for _ in range(TRIES):
        generations = counting.generations()
        if generations.building != building:
            raise Superseded
        if _counted(part, building, generations, counting, now):
            return
    raise Contended(str(part))


def _flip(building: int, counting: Counting) -> None:
    for _ in range(TRIES):
        was = counting.generations()
        if was.current == building:
            return  # it has been done, and the answer was lost
        if was.building != building:
            raise Superseded
        if counting.move(was, was.flipped()):
            return
    raise Contended


def sweep(counting: Counting) -> None:
    """Delete what nobody reads any more."""
    generations = counting.generations()
    for generation in generations.old:
        counting.delete(generation)
    counting.move(generations, generations.cleared())


def read_days(period: Period, *, site: SiteId | None, counting: Counting) -> list[dict[str, Any]]:
    """Days of a period; again from the beginning when the counters that were read are not the present ones any more."""
    for _ in range(TRIES):
        generation = counting.generations().current
        days = shown(counting.sheets(period, generation=generation), site=site)
        if counting.generations().current == generation:
            return days
    raise Contended
