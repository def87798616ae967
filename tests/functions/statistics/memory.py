"""`functions.statistics.service.Counting` in memory, and a wrapper in whose calls something happens."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from functions.statistics.days import Period
from functions.statistics.model import Change, Decision, Generations, Part, Sheet, Visit
from functions.statistics.service import Counting


@dataclass
class Made:
    """One generation."""

    applied: set[str] = field(default_factory=set)
    last: dict[Visit, Decision] = field(default_factory=dict)
    sheets: defaultdict[Sheet, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))


@dataclass
class MemoryCounting:
    """The cases of the table are run on it too, so that it may stand in for that."""

    present: Generations = field(default_factory=Generations)
    made: defaultdict[int, Made] = field(default_factory=lambda: defaultdict(Made))

    def generations(self) -> Generations:
        return self.present

    def move(self, was: Generations, to: Generations) -> bool:
        moves = self.present.v == was.v
        if moves:
            self.present = to
        return moves

    def before(self, part: Part, *, generation: int) -> dict[Visit, Decision] | None:
        made = self.made[generation]
        if str(part) in made.applied:
            return None
        return {visit: made.last[visit] for visit in part.visits if visit in made.last}

    def add(
        self,
        part: Part,
        change: Change,
        before: Mapping[Visit, Decision],
        *,
        generation: int,
        among: Generations,
        now: datetime,  # noqa: ARG002 - nothing goes by itself here
    ) -> bool:
        made = self.made[generation]
        if str(part) in made.applied:
            return True
        if among.v != self.present.v or any(made.last.get(visit) != before.get(visit) for visit in change.last):
            return False
        made.applied.add(str(part))
        made.last |= change.last
        for sheet, counts in change.added.items():
            made.sheets[sheet].update(counts)
        return True

    def sheets(self, period: Period, *, generation: int) -> Iterator[tuple[Sheet, dict[str, int]]]:
        for sheet, counters in sorted(self.made[generation].sheets.items(), key=lambda pair: pair[0]):
            if period.first <= sheet.day <= period.last:
                yield sheet, dict(counters)

    def delete(self, generation: int) -> None:
        self.made.pop(generation, None)


@dataclass
class Interrupted:
    """Something happens after the call of that number."""

    counting: Counting
    number: int
    happens: Callable[[], object]
    calls: int = 0

    def _called(self) -> None:
        self.calls += 1
        if self.calls == self.number:
            self.happens()

    def generations(self) -> Generations:
        found = self.counting.generations()
        self._called()
        return found

    def move(self, was: Generations, to: Generations) -> bool:
        moved = self.counting.move(was, to)
        self._called()
        return moved

    def before(self, part: Part, *, generation: int) -> dict[Visit, Decision] | None:
        found = self.counting.before(part, generation=generation)
        self._called()
        return found

    def add(
        self,
        part: Part,
        change: Change,
        before: Mapping[Visit, Decision],
        *,
        generation: int,
        among: Generations,
        now: datetime,
    ) -> bool:
        added = self.counting.add(part, change, before, generation=generation, among=among, now=now)
        self._called()
        return added

    def sheets(self, period: Period, *, generation: int) -> Iterator[tuple[Sheet, dict[str, int]]]:
        found = list(self.counting.sheets(period, generation=generation))
        self._called()
        return iter(found)

    def delete(self, generation: int) -> None:
        self.counting.delete(generation)
        self._called()
