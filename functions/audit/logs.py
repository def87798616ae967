"""One log audited: its batches followed from the first on, the tree grown from them, and the head compared in the end."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from functions.audit.batches import BatchAudit
from functions.audit.bucket import BucketAudit
from functions.audit.model import Finding, Kind, Tally
from functions.audit.ports import Objects, Rows, Scope
from functions.audit.rows import Item, Unreadable, batch_of, head_of
from functions.audit.walking import Walk, signing_key
from functions.ledger.model import MOST_LEAVES, Batch, closes_at

PAGE = 20


@dataclass(frozen=True)
class LogAudit:
    """The log of a tenant and year; `walk` is how far one has come in it."""

    rows: Rows
    objects: Objects
    scope: Scope
    tally: Tally
    tenant: str
    year: int
    deep: bool

    def begin(self) -> Walk | None:
        """Nothing where there is no log, or none that can be followed."""
        item = self._head()
        if item is None:
            return None
        try:
            head = head_of(item)
        except Unreadable:
            self._tell(Kind.HEAD_UNREADABLE, "", "head", "a row as docs/reference/ledger.md has it")
            return None
        self.tally.logs += 1
        key = signing_key(head, self.scope.keys)
        if head.signed and (key is None or str(key) != head.signed.vkey):
            self._tell(Kind.HEAD_KEY, head.origin, "head", "a key of that name" if key is None else str(key))
        walk = Walk(item)
        expected, receipts = f"{head.origin.rpartition('/')[0]}/{self.tenant}/receipts", walk.receipts
        # A key has one spelling, which its hash in capitals is not.
        if head.receipts and (receipts is None or receipts.name != expected or str(receipts) != head.receipts):
            self._tell(Kind.HEAD_RECEIPTS, head.origin, "head", f"a key by the name of {expected}")
        return walk

    def step(self, walk: Walk) -> None:
        """Some batches, and all that follows from them."""
        items = self.rows.batches(self.tenant, self.year, after=walk.after, limit=PAGE)
        batches = list(self._following(walk, items))
        bucket = self._bucket(walk)
        if batches:
            start, end = batches[0].start, batches[-1].end
            told = list(self.rows.signed(self.tenant, self.year, above=start, up_to=end))
            bucket.list_checkpoints(start, end)  # each was put before its row
            bucket.list_told(told)
        for group in _groups(batches):
            audit = BatchAudit.of(group, self.rows, self.tally, self.tenant, self.year, walk, deep=self.deep)
            for batch in group:
                self._time(walk, batch)
                audit.check(batch)
                bucket.grow(batch)
        walk.ended = walk.ended or walk.broken or not items

    def end(self, walk: Walk, *, now: datetime) -> None:
        """What can be said once all batches have been followed."""
        self._compare(walk)
        bucket = self._bucket(walk)
        bucket.end()
        self._beyond(walk, bucket, now)
        bucket.list_told(self.rows.signed(self.tenant, self.year, above=walk.grown.size))
        bucket.anchors(self.rows.anchors(self.tenant, self.year))

    def met(self, walk: Walk) -> set[int]:
        """Which of the checkpoints that were kept elsewhere are of this log."""
        return {place for place, kept in enumerate(self.scope.kept) if kept.origin == walk.head.origin}

    def _head(self) -> Item | None:
        item = self.rows.head(self.tenant, self.year)
        if item is not None or not self.rows.batches(self.tenant, self.year, after=None, limit=1):
            return item
        item = self.rows.head(self.tenant, self.year)  # the log's first batch may have come between the two
        if item is None:
            self._tell(Kind.HEAD_MISSING, "", "head", "a head, since there are batches")
        return item

    def _bucket(self, walk: Walk) -> BucketAudit:
        return BucketAudit(self.objects, self.scope, self.tally, self.tenant, walk, self.deep)

    def _following(self, walk: Walk, items: Iterable[Item]) -> Iterator[Batch]:
        """Batches as far as each begins where the one before it ends, up to the head."""
        head, size = walk.head, walk.grown.size
        for item in items:
            if size == head.size:
                walk.ended = True
                return
            walk.after = item["sk"]["S"]
            kind, batch = self._flaw(item, size, head.size)
            if kind or batch is None:
                expected = f"batch#{size:012d}, reaching to {head.size} at most"
                self._tell(kind or Kind.BATCH_GAP, head.origin, walk.after, expected)
                walk.broken = True
                return
            size, walk.last, walk.batches = batch.end, batch.start, walk.batches + 1
            self.tally.batches += 1
            yield batch

    def _flaw(self, item: Item, size: int, most: int) -> tuple[Kind | None, Batch | None]:
        try:
            batch = batch_of(item)
        except Unreadable:
            return Kind.BATCH_UNREADABLE, None
        if batch.start != size:
            return Kind.BATCH_GAP, None
        return (Kind.BATCH_BEYOND, None) if batch.end > most else (None, batch)

    def _time(self, walk: Walk, batch: Batch) -> None:
        if not walk.times.precede(batch.at) or batch.at >= closes_at(self.year):
            expected = "a time behind the checkpoint before it, and before the log's end"
            self._tell(Kind.BATCH_TIME, walk.head.origin, f"batch#{batch.start:012d}", expected)

    def _compare(self, walk: Walk) -> None:
        if walk.broken:
            return
        head, grown = walk.head, walk.grown.frontier
        if grown.size != head.size:
            self._tell(Kind.BATCH_GAP, head.origin, f"batch#{grown.size:012d}", f"batches up to {head.size}")
            return
        # Nobody commits a batch before the one ahead of it is finished.
        if walk.batches != head.v or not head.v - 1 <= head.finished <= head.v:
            self._tell(Kind.HEAD_COUNT, head.origin, "head", f"{walk.batches} batches, all finished but the last perhaps")
        if walk.last != head.last:
            self._tell(Kind.HEAD_LAST, head.origin, "head", f"batch#{walk.last:012d}")
        if grown != head.frontier:
            self._tell(Kind.HEAD_ROOT, head.origin, "head", f"root {grown.root.hex()} of {grown.size} leaves")

    def _beyond(self, walk: Walk, bucket: BucketAudit, now: datetime) -> None:
        """What lies beyond the head as it is now, read after what is compared with it."""
        origin, largest, last = walk.head.origin, bucket.largest(), self.rows.last_batch(self.tenant, self.year)
        item = self.rows.head(self.tenant, self.year)
        try:
            head = head_of(item or {})
        except Unreadable:
            self._tell(Kind.HEAD_UNREADABLE, origin, "head", "the row that was there a moment ago")
            return
        if last is not None and last["sk"]["S"] >= f"batch#{head.size:012d}":
            self._tell(Kind.BATCH_BEYOND, origin, last["sk"]["S"], f"no batch from {head.size} on")
        if largest > head.size:
            self._tell(Kind.CHECKPOINT_BEYOND, origin, f"checkpoint/{largest}", f"no checkpoint beyond {head.size}")
        elif walk.newest > head.signed_size and bucket.is_old(walk.newest, now):
            self._tell(Kind.HEAD_SIGNED, origin, "head", f"signed up to {walk.newest}")

    def _tell(self, kind: Kind, log: str, where: str, expected: str) -> None:
        self.tally.tell(Finding(kind, self.tenant, log or str(self.year), where, expected))


def _groups(batches: Sequence[Batch]) -> Iterator[list[Batch]]:
    """Neighbours with few entries together, so that they are read together."""
    group: list[Batch] = []
    for batch in batches:
        if group and sum(len(one.refs) for one in group) + len(batch.refs) > MOST_LEAVES:
            yield group
            group = []
        group.append(batch)
    if group:
        yield group
