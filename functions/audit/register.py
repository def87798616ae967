"""The register against the logs: whatever stands in it has its place in a tree."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cachetools import LRUCache

from functions.audit.model import Finding, Kind, Tally
from functions.audit.ports import Position, Rows, Scope, Tenants
from functions.audit.rows import Item, Unreadable, batch_of, binary, located_of
from functions.clock import to_ms
from functions.ids import TenantId
from functions.ledger.kinds import EntryRef
from functions.ledger.leaf import leaf_hash
from functions.ledger.model import AHEAD, Batch, Candidate, Flaw, Located

# Twice the merge delay: from then on reconciliation feeds an entry again.
YOUNG = timedelta(minutes=2)
REMEMBERED = 200


@dataclass
class RegisterAudit:
    """Page by page of a scan; batches are remembered while there is room."""

    rows: Rows
    tenants: Tenants
    tally: Tally
    _batches: LRUCache[tuple[str, int, int], Batch | None] = field(default_factory=lambda: LRUCache(REMEMBERED))

    def page(self, after: Position | None, *, scope: Scope, now: datetime) -> Position | None:
        """Check a page; gives where the next one begins."""
        items, following = self.rows.scan(after, segment=scope.segment, segments=scope.segments)
        by_tenant: dict[str, dict[EntryRef, Item]] = defaultdict(dict)
        for item in items:
            tenant, _, partition = item["pk"]["S"].partition("#")
            if self.tenants.asked(tenant):
                by_tenant[tenant][EntryRef(partition, item["sk"]["S"])] = item
        for tenant, entries in by_tenant.items():
            self.tally.scanned += len(entries)
            self._entries(tenant, entries, now)
        return following

    def _entries(self, tenant: str, entries: dict[EntryRef, Item], now: datetime) -> None:
        if not TenantId.pattern.fullmatch(tenant) or not self.tenants.has(tenant):
            for ref in entries:
                self._tell(Kind.UNKNOWN, tenant, ref, "an account by that id")
            return
        located = self.rows.locators(tenant, entries)
        for ref in entries.keys() & located.keys():
            place = located_of(located[ref])
            if place is None or not self._stands(tenant, ref, binary(entries[ref], "leaf"), place):
                self._tell(Kind.MISPLACED, tenant, ref, "a batch that has it where its locator says")
        self._unplaced(tenant, {ref: item for ref, item in entries.items() if ref not in located}, now)

    def _stands(self, tenant: str, ref: EntryRef, leaf: bytes, place: Located) -> bool:
        batch, at = self._batch(tenant, place.year, place.start), place.index - place.start
        if batch is None or not 0 <= at < min(len(batch.refs), len(batch.hashes)):
            return False
        return batch.refs[at] == ref and batch.hashes[at] == leaf_hash(leaf)

    def _unplaced(self, tenant: str, entries: dict[EntryRef, Item], now: datetime) -> None:
        wanting = [Candidate.of(ref, binary(item, "leaf"), binary(item, "leaf_hash")) for ref, item in entries.items()]
        quarantined = self.rows.quarantined(tenant, ((one.ref, one.year or 0) for one in wanting))
        for candidate in wanting:
            if candidate.ref in quarantined:
                self._tell(Kind.QUARANTINED, tenant, candidate.ref, "an entry that belongs where it stands")
            elif self._unknown(candidate, now):
                self._tell(Kind.UNKNOWN, tenant, candidate.ref, "a leaf of a known kind, under its own key")
            elif _is_young(candidate, now):
                self.tally.waiting += 1
            else:
                self._tell(Kind.UNPLACED, tenant, candidate.ref, "a locator")

    def _unknown(self, candidate: Candidate, now: datetime) -> bool:
        origin = "" if candidate.says is None else candidate.says["log"]
        return candidate.flaw(origin=origin, closed=False, now=now) in {Flaw.LEAF, Flaw.KEY}

    def _batch(self, tenant: str, year: int, start: int) -> Batch | None:
        key = (tenant, year, start)
        if key not in self._batches:
            self._batches[key] = _readable(self.rows.batch(tenant, year, start))
        return self._batches[key]

    def _tell(self, kind: Kind, tenant: str, ref: EntryRef, expected: str) -> None:
        self.tally.tell(Finding(kind, tenant, "register", str(ref), expected))


def _readable(item: Item | None) -> Batch | None:
    try:
        return None if item is None else batch_of(item)
    except Unreadable:
        return None


def _is_young(candidate: Candidate, now: datetime) -> bool:
    at_ms: int = candidate.says["at"] if candidate.says is not None else 0
    return to_ms(now - YOUNG) <= at_ms <= to_ms(now + AHEAD)
