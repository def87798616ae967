"""Signing: what has been sequenced gets its tiles and bundles, is read back, and only then gets a checkpoint.

Every step follows from what is stored, so a run that stopped anywhere is made up for by the next.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from functions.clock import from_ms
from functions.ledger.checkpoint import Checkpoint, opened
from functions.ledger.kinds import EntryRef
from functions.ledger.leaf import leaf_hash
from functions.ledger.model import Batch, Head, Signed
from functions.ledger.signer import CheckpointSigner
from functions.ledger.tiles import Tile, TileNodes
from functions.ledger.tree import EMPTY_ROOT, root_over
from functions.sequencer.growing import GrowingTiles, TileMissing

MOST_READ = 100
ENTRIES = "tile/entries/"


class RootDiffers(Exception):
    """The tiles that were read back do not lead to the root that the head has: nothing is signed."""


class Log(Protocol):
    """The rows of one log."""

    def head(self) -> Head | None: ...
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
    """Where one log is signed; `folder` is the log's id, under which its objects stand."""

    log: Log
    objects: Objects
    leaves: Leaves
    signer: CheckpointSigner
    folder: str

    def sign(self, *, now: datetime) -> Checked | None:
        """Sign the log as far as it has come; nothing when it is signed already.

        Raises:
            RootDiffers, TileMissing, Disagrees: what is stored does not fit together.
        """
        head = self.log.head()
        if head is None or head.size == head.signed_size:
            return None
        missing = self._grow(head)
        if self._root(head.size) != head.frontier.root:
            raise RootDiffers(head.origin)
        signed = self._checkpoint(head, now=now)
        self.log.sign(signed)
        return Checked(signed, missing)

    def _grow(self, head: Head) -> int:
        tiles = GrowingTiles.resumed(head.signed_size, read=self._read, put=self._keep)
        missing = 0
        for batch in self.log.batches(head.signed_size, head.size):
            for hashed, leaf in self._entries(batch):
                missing += not leaf
                tiles.add(hashed, leaf)
        tiles.end()
        return missing

    def _entries(self, batch: Batch) -> Iterator[tuple[bytes, bytes]]:
        """Each leaf hash with the leaf that still hashes to it, or nothing."""
        for at in range(0, len(batch.refs), MOST_READ):
            refs, hashes = batch.refs[at : at + MOST_READ], batch.hashes[at : at + MOST_READ]
            found = self.leaves.leaves(refs)
            for ref, hashed in zip(refs, hashes, strict=True):
                leaf = found.get(ref, b"")
                yield hashed, leaf if leaf_hash(leaf) == hashed else b""

    def _root(self, size: int) -> bytes:
        return root_over(0, size, TileNodes(self._tile, size)) if size else EMPTY_ROOT

    def _checkpoint(self, head: Head, *, now: datetime) -> Signed:
        """The checkpoint of this size; one that another run has put already stays the one."""
        verifier = self.signer.verifier
        # Times of checkpoints never go back, whatever the clock of this machine says.
        signed_at = max(now, head.signed.at) if head.signed else now
        checkpoint = Checkpoint(head.origin, head.size, head.frontier.root, int(signed_at.timestamp()))
        note = self.signer.sign(checkpoint.text).encode()
        kept = opened(self.objects.put_once(f"{self.folder}/checkpoint/{head.size}", note, "text/plain"), verifier)
        if (kept.size, kept.root) != (head.size, head.frontier.root) or kept.time is None:
            raise RootDiffers(head.origin)
        return Signed(head.size, from_ms(kept.time * 1000), str(verifier))

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
