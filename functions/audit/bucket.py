"""The log bucket against the tree that is grown anew: checkpoints, tiles, entry bundles, anchors."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from functions.audit.checkpoints import RUN, opened_by, stated_time
from functions.audit.model import Finding, Kind, Tally
from functions.audit.ports import Kept, Objects, Scope
from functions.audit.rows import ANCHOR, SIGNED, Item, sized_of
from functions.audit.stamps import STAMP, is_stamp_of
from functions.audit.walking import Walk, signing_key
from functions.clock import LAST_MS, from_ms, to_ms
from functions.ledger.checkpoint import Checkpoint
from functions.ledger.leaf import leaf_hash
from functions.ledger.model import Batch, Head, split
from functions.ledger.tiles import HEIGHT, WIDTH, Entries, NotABundle, Tile, unbundled


def bundle_flaws(content: bytes, hashes: Sequence[bytes]) -> Iterator[tuple[Kind, int | None]]:
    """What of an entry bundle does not fit the tree: each kind, and the place of the leaf, or none for the whole."""
    try:
        leaves = unbundled(content)
    except NotABundle:
        leaves = []
    if len(leaves) != len(hashes):
        yield Kind.BUNDLE, None
        return
    for place, (leaf, hashed) in enumerate(zip(leaves, hashes, strict=True)):
        if not leaf:
            yield Kind.MISSING, place
        elif leaf_hash(leaf) != hashed:
            yield Kind.BUNDLE, place


@dataclass
class BucketAudit:
    """Follows the tree batch by batch, and looks at what should be in the bucket at each size.

    `deep`: at every size that was signed, not at the newest alone.
    """

    objects: Objects
    scope: Scope
    tally: Tally
    tenant: str
    walk: Walk
    deep: bool = False
    checkpoints: set[int] = field(default_factory=set)
    told: dict[int, datetime] = field(default_factory=dict)

    @property
    def head(self) -> Head:
        return self.walk.head

    @property
    def folder(self) -> str:
        return self.head.origin.rpartition("/")[2]

    def list_checkpoints(self, above: int, up_to: int) -> None:
        self.checkpoints = set(self.objects.sizes(self.folder, above=above, up_to=up_to))

    def list_told(self, rows: Iterable[Item]) -> None:
        """Rows that tell of checkpoints, which a proof is looked for by: each has its checkpoint, and the time of it."""
        for item in rows:
            told = sized_of(item, SIGNED)
            if told is None or not self._is_there(told[0]):
                self._tell(Kind.CHECKPOINT_MISSING, item["sk"]["S"], "a row of a checkpoint that was signed")
            else:
                self.told[told[0]] = told[1]

    def grow(self, batch: Batch) -> None:
        """Append a batch, stopping at each size that something was said of."""
        self.walk.sequenced_ms = max(self.walk.sequenced_ms, to_ms(batch.at))
        said = {*self.checkpoints, *(kept.size for kept in self._kept()), self.head.signed_size, batch.end}
        at = batch.start
        for size in sorted(one for one in said if batch.start < one <= batch.end):
            for tile, content in self.walk.grown.grow(batch.hashes[at - batch.start : size - batch.start]):
                if (tile.index + 1) << HEIGHT * (tile.level + 1) <= self.head.signed_size:
                    self._tile(tile, content)
            at = size
            self._at(size, inside=size < batch.end)

    def end(self) -> None:
        """The newest checkpoint and those kept elsewhere, where the batches did not lead to them."""
        signed = self.head.signed_size
        if signed > self.head.size:
            self._tell(Kind.HEAD_SIGNED, "head", f"no signature beyond {self.head.size}")
        elif not self._turn_fits():
            self._tell(Kind.HEAD_SIGNED, "head", "a last turn to sign that is the newest checkpoint's, or a later one")
        elif signed and self.objects.read(self._checkpoint_key(signed)) is None:
            self._tell(Kind.CHECKPOINT_MISSING, f"checkpoint/{signed}", "the checkpoint that the head names")
        for kept in self._kept():
            if kept.size > self.walk.grown.size:
                self._tell(Kind.KEPT, f"checkpoint/{kept.size}", "a log of that size")

    def largest(self) -> int:
        return max(self.objects.beyond(self.folder, self.head.size), default=0)

    def is_old(self, size: int, now: datetime) -> bool:
        """Whether whoever put that checkpoint must have come to tell the head of it by now."""
        time = stated_time(self.objects.read(self._checkpoint_key(size)) or b"")
        return time is None or abs(now.timestamp() - time) > RUN.total_seconds()

    def anchors(self, rows: Iterable[Item]) -> None:
        for item in rows:
            self.tally.anchors += 1
            told, key = sized_of(item, ANCHOR), item.get("key", {}).get("S", "")
            size = 0 if told is None else told[0]
            note, stamp = self.objects.read(self._checkpoint_key(size)), self.objects.read(key) if key else None
            if told is None or item.get("kind") != STAMP or key != f"{self.folder}/anchor/{size}.tsr" or stamp is None:
                self._tell(Kind.ANCHOR, item["sk"]["S"], f"the object {key}")
            elif note is None:
                self._tell(Kind.ANCHOR, item["sk"]["S"], f"the object checkpoint/{size}")
            elif not is_stamp_of(stamp, note, noted_at=told[1]):
                self._tell(Kind.ANCHOR, item["sk"]["S"], f"a time-stamp over checkpoint/{size}, asked for about then")

    def _kept(self) -> Iterable[Kept]:
        return (kept for kept in self.scope.kept if kept.origin == self.head.origin)

    def _at(self, size: int, *, inside: bool) -> None:
        if size in self.checkpoints:
            self._checkpoint(size, inside=inside)
        older = self.deep and size in self.checkpoints and size <= self.head.signed_size
        if size == self.head.signed_size or (older and not inside):
            for tile, content in self.walk.grown.partial():
                self._tile(tile, content)
        for kept in self._kept():
            if kept.size == size and not self._fits(opened_by(kept.note, signing_key(self.head, self.scope.keys))):
                self._tell(Kind.KEPT, f"checkpoint/{size}", f"{self._root()}, signed by the log's key")

    def _checkpoint(self, size: int, *, inside: bool) -> None:
        self.walk.newest = size
        where, key = f"checkpoint/{size}", signing_key(self.head, self.scope.keys)
        if key is None and self.head.signed is None:
            return  # the head has not been told of the first signature yet; whether it should have been is seen in the end
        self.tally.checkpoints += 1
        checkpoint = opened_by(self.objects.read(self._checkpoint_key(size)) or b"", key)
        if checkpoint is None:
            self._tell(Kind.CHECKPOINT_SIGNATURE, where, "a signature by the log's key")
        elif not self._fits(checkpoint):
            self._tell(Kind.CHECKPOINT_ROOT, where, self._root())
        elif inside:
            self._tell(Kind.CHECKPOINT_STRAY, where, "a checkpoint at the end of a batch")
        else:
            self._times(checkpoint, where)

    def _turn_fits(self) -> bool:
        """Whether the next checkpoint will not be earlier than the newest, nor of a size that there is not."""
        signed, turn = self.head.signed, self.head.reserved
        if signed is None or turn is None:
            return True
        if turn.size == signed.size:
            return turn.at == signed.at
        return signed.size < turn.size <= self.head.size and signed.at <= turn.at

    def _times(self, checkpoint: Checkpoint, where: str) -> None:
        time, walk, signed = checkpoint.time, self.walk, self.head.signed
        if time is None or time * 1000 > LAST_MS or walk.times.add(time):
            newest = walk.times.newest
            self._tell(Kind.CHECKPOINT_TIME, where, f"a time from {newest:%Y-%m-%dT%H:%M:%SZ} on" if newest else "a time")
            return
        if from_ms(walk.sequenced_ms) > from_ms(time * 1000) + RUN:
            self._tell(Kind.BATCH_TIME, where, "batches that were sequenced before it")
        walk.sequenced_ms = 0
        if signed is not None and checkpoint.size == signed.size and signed.at != from_ms(time * 1000):
            self._tell(Kind.HEAD_SIGNED, "head", f"signed at {time}")
        if self.told.get(checkpoint.size, from_ms(time * 1000)) != from_ms(time * 1000):
            self._tell(Kind.CHECKPOINT_TIME, f"{SIGNED}{checkpoint.size:012d}", f"signed at {time}")

    def _fits(self, checkpoint: Checkpoint | None) -> bool:
        frontier = self.walk.grown.frontier
        return checkpoint is not None and (checkpoint.size, checkpoint.root) == (frontier.size, frontier.root)

    def _root(self) -> str:
        frontier = self.walk.grown.frontier
        return f"root {frontier.root.hex()} of {frontier.size} leaves"

    def _tile(self, tile: Tile, content: bytes) -> None:
        self.tally.objects += 1
        if self.objects.read(f"{self.folder}/{tile.path}") != content:
            self._tell(Kind.TILE, tile.path, f"{tile.width} hashes that follow from the leaves")
        if tile.level == 0:
            self._bundle(Entries(tile.index, tile.width), split(content))

    def _bundle(self, entries: Entries, hashes: tuple[bytes, ...]) -> None:
        self.tally.objects += 1
        content = self.objects.read(f"{self.folder}/{entries.path}") or b""
        for kind, place in bundle_flaws(content, hashes):
            whole = f"{entries.width} leaves"
            expected = whole if place is None else f"leaf {entries.index * WIDTH + place} as it is in the tree"
            self._tell(kind, entries.path, expected)

    def _is_there(self, size: int) -> bool:
        return size in self.checkpoints or self.objects.read(self._checkpoint_key(size)) is not None

    def _checkpoint_key(self, size: int) -> str:
        return f"{self.folder}/checkpoint/{size}"

    def _tell(self, kind: Kind, where: str, expected: str) -> None:
        self.tally.tell(Finding(kind, self.tenant, self.head.origin, where, expected))
