"""Signing: what has been sequenced gets its tiles and bundles, is read back, and only then gets a checkpoint.

Every step follows from what is stored, so a run that stopped anywhere is made up for by the next.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Protocol

from functions.clock import from_ms
from functions.ledger.checkpoint import Checkpoint, opened
from functions.ledger.kinds import EntryRef
from functions.ledger.leaf import leaf_hash
from functions.ledger.model import Batch, Head, Signed
from functions.ledger.signer import CheckpointSigner
from functions.ledger.tiles import Tile, TileNodes
from functions.ledger.tree import Frontier, full_subtrees, root_over
from functions.sequencer.growing import GrowingTiles, TileMissing

MOST_READ = 100
# As many as a run has time for, however long nobody signed.
MOST_BATCHES = 40
ENTRIES = "tile/entries/"


class RootDiffers(Exception):
    """The tiles that were read back do not lead to the root that the head has: nothing is signed."""


class BatchMissing(Exception):
    """The batches do not follow one another up to where the head is."""


class Log(Protocol):
    """The rows of one log."""

    def head(self) -> Head | None: ...
    def reserve(self, size: int, *, at: datetime, head: Head) -> bool: ...
    def batches(self, start: int, end: int) -> Iterator[Batch]: ...
    def sign(self, signed: Signed) -> None: ...


class Objects(Protocol):
    """The log bucket."""

    def read(self, key: str) -> bytes | None: ...
    def keep(self, key: str, content: bytes) -> None: ...
    def put_once(self, key: str, content: bytes, content_type: str = ...) -> bytes: ...


class Leaves(Protocol):
    """The register of one tenant."""

    def leaves(self, refs: Sequence[EntryRef]) -> dict[EntryRef, bytes]: ...


@dataclass(frozen=True, slots=True)
class Checked:
    """A checkpoint that was signed, and how many of its new entries could not be had any more."""

    signed: Signed
    missing: int


@dataclass(frozen=True, slots=True)
class SigningDesk:
    """Where one log is signed; `folder` is the log's id, under which its objects stand; `most` batches a checkpoint."""

    log: Log
    objects: Objects
    leaves: Leaves
    signer: CheckpointSigner
    folder: str
    most: int = MOST_BATCHES

    def sign(self, *, now: datetime) -> Checked | None:
        """Sign the log, some ten thousand leaves further at the most; nothing when it is signed, or somebody has the turn.

        Raises:
            RootDiffers, TileMissing, BatchMissing, Disagrees: what is stored does not fit together.
        """
        head = self.log.head()
        if head is None or head.size == head.signed_size:
            return None
        frontier, missing = self._grow(head)
        if frontier.size == head.size and frontier != head.frontier:
            raise RootDiffers(head.origin)
        at = self._turn(head, frontier.size, now)
        if at is None:
            return None
        if self._root(frontier.size) != frontier.root:
            raise RootDiffers(head.origin)
        signed = self._checkpoint(Checkpoint(head.origin, frontier.size, frontier.root, int(at.timestamp())))
        self.log.sign(signed)
        return Checked(signed, missing)

    def _turn(self, head: Head, size: int, now: datetime) -> datetime | None:
        """When the checkpoint is of: a larger tree's is never earlier, whatever clocks say and whoever stopped on the way."""
        reserved = head.reserved
        if reserved is not None and reserved.size >= size:
            return reserved.at if reserved.size == size else None
        at = (now if reserved is None else max(now, reserved.at)).replace(microsecond=0)
        return at if self.log.reserve(size, at=at, head=head) else None

    def _grow(self, head: Head) -> tuple[Frontier, int]:
        """Put tiles and bundles; the frontier behind them, and how many entries could not be had."""
        frontier, missing = self._signed_frontier(head), 0
        tiles = GrowingTiles.resumed(head.signed_size, read=self._read, put=self._keep)
        for batch in islice(self.log.batches(head.signed_size, head.size), self.most):
            if batch.start != frontier.size:
                raise BatchMissing(head.origin)
            for hashed, leaf in self._entries(batch):
                missing += not leaf
                tiles.add(hashed, leaf)
            frontier = frontier.extended(batch.hashes)
        if frontier.size == head.signed_size:
            raise BatchMissing(head.origin)
        tiles.end()
        return frontier, missing

    def _signed_frontier(self, head: Head) -> Frontier:
        """From the tiles, and held to the checkpoint that was signed of them."""
        size = head.signed_size
        if size == 0:
            return Frontier()
        nodes = TileNodes(self._tile, size)
        frontier = Frontier(size, tuple(nodes(level, index) for level, index in full_subtrees(size)))
        note = self._read(f"checkpoint/{size}")
        if note is None or opened(note, self.signer.verifier).root != frontier.root:
            raise RootDiffers(head.origin)
        return frontier

    def _entries(self, batch: Batch) -> Iterator[tuple[bytes, bytes]]:
        """Each leaf hash with the leaf that still hashes to it, or nothing."""
        for at in range(0, len(batch.refs), MOST_READ):
            refs, hashes = batch.refs[at : at + MOST_READ], batch.hashes[at : at + MOST_READ]
            found = self.leaves.leaves(refs)
            for ref, hashed in zip(refs, hashes, strict=True):
                leaf = found.get(ref, b"")
                yield hashed, leaf if leaf_hash(leaf) == hashed else b""

    def _root(self, size: int) -> bytes:
        return root_over(0, size, TileNodes(self._tile, size))

    def _checkpoint(self, checkpoint: Checkpoint) -> Signed:
        """The checkpoint of this size; one that another run has put already stays the one."""
        verifier = self.signer.verifier
        note = self.signer.sign(checkpoint.text).encode()
        kept = opened(self.objects.put_once(f"{self.folder}/checkpoint/{checkpoint.size}", note, "text/plain"), verifier)
        if (kept.size, kept.root) != (checkpoint.size, checkpoint.root) or kept.time is None:
            raise RootDiffers(checkpoint.origin)
        return Signed(kept.size, from_ms(kept.time * 1000), str(verifier))

    def _read(self, path: str) -> bytes | None:
        return self.objects.read(f"{self.folder}/{path}")

    def _keep(self, path: str, content: bytes) -> None:
        key = f"{self.folder}/{path}"
        if path.startswith(ENTRIES):
            # A bundle that another run has put stays, though an entry of it may have been changed in the register since.
            self.objects.put_once(key, content)
        else:
            self.objects.keep(key, content)

    def _tile(self, tile: Tile) -> bytes:
        content = self._read(tile.path)
        if content is None:
            raise TileMissing(tile.path)
        return content
