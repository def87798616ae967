"""Sequencing: entries of the register become leaves of their log's tree, once each, whoever tells of them and how often.

Several sequencers may work on one log at once and any of them may stop between any two calls. Two rules make it exactly once
(docs/reference/ledger.md): a batch enters by comparing and swapping the head, and before anybody looks for locators the last
batch has them all.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from functions.ids import TenantId
from functions.ledger.kinds import EntryRef
from functions.ledger.model import MOST_LEAVES, Batch, BatchRef, Candidate, Flaw, Head, Located, closes_at

TRIES = 20


class Contended(Exception):
    """Others were faster time after time; whoever told of the entries tells of them again."""


class Log(Protocol):
    """The rows of one log."""

    @property
    def tenant(self) -> TenantId: ...
    @property
    def year(self) -> int: ...
    def head(self) -> Head | None: ...
    def batch(self, start: int) -> Batch | None: ...
    def commit(self, batch: Batch, *, head: Head) -> bool: ...
    def finish(self, v: int) -> None: ...


class Places(Protocol):
    """The locators of one tenant."""

    def find(self, refs: Iterable[EntryRef]) -> dict[EntryRef, Located]: ...
    def put(self, batch: Batch, *, year: int) -> None: ...
    def quarantine(self, ref: EntryRef, flaw: Flaw, *, year: int, now: datetime) -> None: ...


class Following(Protocol):
    """What comes after a batch; each may be told of one twice."""

    def committed(self, batch: BatchRef) -> None: ...
    def sign(self, tenant: TenantId, year: int, *, at: datetime, now: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class Sequenced:
    """How many were told of, how many of them are new in the tree, late ones among them, and how many were kept out."""

    told: int
    added: int
    late: int
    kept_out: int


@dataclass(frozen=True, slots=True)
class Sequencer:
    """Works on one log; `origin` is the log's name, `receipts` the public key that its consent records' receipts hold by."""

    log: Log
    places: Places
    following: Following
    origin: str
    receipts: str

    def sequence(self, candidates: Sequence[Candidate], *, now: datetime) -> Sequenced:
        """Let in what is sound and not in yet.

        Raises:
            Contended: too many others at once.
        """
        wanted = list({candidate.ref: candidate for candidate in candidates}.values())
        closed = now >= closes_at(self.log.year)
        flaws = [candidate.flaw(origin=self.origin, closed=closed, now=now) for candidate in wanted]
        kept_out = self._kept_out(wanted, flaws, now=now)
        sound = [candidate for candidate, flaw in zip(wanted, flaws, strict=True) if flaw is None]
        batches = [self._add(sound[at : at + MOST_LEAVES], now=now) for at in range(0, len(sound), MOST_LEAVES)]
        added = [batch for batch in batches if batch is not None]
        return Sequenced(
            told=len(wanted),
            added=sum(len(batch.hashes) for batch in added),
            late=sum(len(batch.late) for batch in added),
            kept_out=kept_out,
        )

    def repaired(self, *, now: datetime) -> Head:
        """The head, once what another run may have left undone after its commit is done."""
        head = self.log.head() or Head.new(self.origin, self.receipts)
        if head.finished < head.v:
            batch = self.log.batch(head.last)
            if batch is None:
                raise LookupError("The batch that the head names is not there.")
            self._follow_up(batch, head, now=now)
        return head

    def _add(self, sound: Sequence[Candidate], *, now: datetime) -> Batch | None:
        for _ in range(TRIES):
            head = self.repaired(now=now)
            located = self.places.find([candidate.ref for candidate in sound])
            fresh = [candidate for candidate in sound if candidate.ref not in located]
            if not fresh:
                return None
            batch = Batch.of(fresh, head=head, now=now)
            if self.log.commit(batch, head=head):
                self._follow_up(batch, head.moved(batch), now=now)
                return batch
        raise Contended(self.origin)

    def _follow_up(self, batch: Batch, head: Head, *, now: datetime) -> None:
        self.places.put(batch, year=self.log.year)
        self.following.committed(BatchRef(self.log.tenant, self.log.year, batch.start))
        self.following.sign(self.log.tenant, self.log.year, at=head.next_signature_at(now), now=now)
        self.log.finish(head.v)

    def _kept_out(self, wanted: Sequence[Candidate], flaws: Sequence[Flaw | None], *, now: datetime) -> int:
        """What has a place already was sound once: a later look at it is the watcher's and the auditor's business."""
        flawed = {candidate.ref: flaw for candidate, flaw in zip(wanted, flaws, strict=True) if flaw is not None}
        located = self.places.find([ref for ref in flawed if ref.possible])
        fresh = {ref: flaw for ref, flaw in flawed.items() if ref not in located}
        for ref, flaw in fresh.items():
            self.places.quarantine(ref, flaw, year=self.log.year, now=now)
        return len(fresh)
