"""Batches against the entries of the register that they name, and the locators of those."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from functions.audit.entries import CONSENT, beside, disagreement, misfit, receipt_holds
from functions.audit.model import Finding, Kind, Tally
from functions.audit.ports import Rows
from functions.audit.rows import Item, binary, located_of
from functions.audit.walking import Walk
from functions.ledger.kinds import EntryRef
from functions.ledger.model import Batch, Candidate, Located, came_late


@dataclass(frozen=True)
class BatchAudit:
    """Some batches, with the rows of their entries read together."""

    entries: Mapping[EntryRef, Item]
    locators: Mapping[EntryRef, Item]
    tally: Tally
    tenant: str
    year: int
    walk: Walk
    deep: bool

    @classmethod
    def of(  # noqa: PLR0913 - where, what with, and how
        cls, batches: Sequence[Batch], rows: Rows, tally: Tally, tenant: str, year: int, walk: Walk, *, deep: bool
    ) -> Self:
        refs = [ref for batch in batches for ref in batch.refs]
        return cls(rows.entries(tenant, refs), rows.locators(tenant, refs), tally, tenant, year, walk, deep)

    def check(self, batch: Batch) -> None:
        """Each entry; to be told before the tree is grown by the batch, since lateness is about what was signed before."""
        if len(batch.refs) != len(batch.hashes):
            self._tell(Kind.BATCH_REFS, f"batch#{batch.start:012d}", f"{len(batch.hashes)} references")
            return
        for (ref, index, late), hashed in zip(batch.located(), batch.hashes, strict=True):
            kind = self._entry(ref, hashed, batch, late=late) or self._place(ref, Located(self.year, index, batch.start, late))
            self.tally.entries += 1
            if kind is not None:
                self._tell(kind, str(ref), f"leaf {index}")

    def _entry(self, ref: EntryRef, hashed: bytes, batch: Batch, *, late: bool) -> Kind | None:
        item = self.entries.get(ref)
        if item is None:
            return Kind.ENTRY_MISSING
        leaf, stated = binary(item, "leaf"), binary(item, "leaf_hash")
        kind = disagreement(hashed, leaf, stated)
        if kind or not self.deep:
            return kind
        candidate = Candidate.of(ref, leaf, stated)
        kind = misfit(candidate, origin=self.walk.head.origin, year=self.year, sequenced_at=batch.at)
        kind = kind or self._lateness(candidate, batch, late=late)
        return kind or self._receipt(ref, leaf, item) or beside(candidate, item)

    def _lateness(self, candidate: Candidate, batch: Batch, *, late: bool) -> Kind | None:
        """A mark needs a reason; no mark, that whoever sequenced it can have known of none."""
        times = self.walk.times
        at_ms = candidate.says["at"] if candidate.says is not None else 0
        signed_at = times.newest if late else times.settled(batch.at)
        return None if came_late(at_ms, signed_at=signed_at, sequenced_at=batch.at) == late else Kind.ENTRY_LATE

    def _receipt(self, ref: EntryRef, leaf: bytes, item: Item) -> Kind | None:
        if not ref.partition.startswith(CONSENT):
            return None
        if self.walk.receipts is None:
            self.tally.receipts_unchecked += 1
            return None
        self.tally.receipts += 1
        return None if receipt_holds(ref, leaf, binary(item, "signature"), self.walk.receipts) else Kind.RECEIPT

    def _place(self, ref: EntryRef, place: Located) -> Kind | None:
        item, head = self.locators.get(ref), self.walk.head
        if item is None and head.finished < head.v and place.start == head.last:
            return None  # the run that committed the last batch has not put its locators yet, or the next one will
        return None if item is not None and located_of(item) == place else Kind.LOCATOR

    def _tell(self, kind: Kind, where: str, expected: str) -> None:
        self.tally.tell(Finding(kind, self.tenant, self.walk.head.origin, where, expected))
