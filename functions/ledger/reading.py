"""Reading a log: its checkpoints, and what they prove, from tiles alone."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from functions.clock import to_ms
from functions.ledger.kinds import EntryRef
from functions.ledger.model import Batch, Head, Located
from functions.ledger.note import with_signature
from functions.ledger.proof import LogProof
from functions.ledger.tiles import Tile, TileNodes
from functions.ledger.tree import consistency_proof, inclusion_proof


class Log(Protocol):
    """The rows of one log."""

    def head(self) -> Head | None: ...
    def batch(self, start: int) -> Batch | None: ...
    def cosignatures(self, size: int) -> list[str]: ...
    def first_signed_above(self, index: int) -> int | None: ...


class Places(Protocol):
    """The locators of the tenant."""

    def find(self, refs: Iterable[EntryRef]) -> dict[EntryRef, Located]: ...


class Objects(Protocol):
    """The log bucket."""

    def read(self, key: str) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class LogReader:
    """One log of one tenant; `folder` is its id, under which its objects stand."""

    log: Log
    places: Places
    objects: Objects
    folder: str

    def newest(self) -> tuple[int, str] | None:
        """Size and note of the newest checkpoint, with the cosignatures that witnesses have added."""
        head = self.log.head()
        if head is None or head.signed is None:
            return None
        note = self.checkpoint(head.signed.size)
        return None if note is None else (head.signed.size, note)

    def checkpoint(self, size: int) -> str | None:
        """The note of that size, if a checkpoint of that size was signed."""
        content = self.objects.read(f"{self.folder}/checkpoint/{size}")
        if content is None:
            return None
        for line in self.log.cosignatures(size):
            content = with_signature(content, line)
        return content.decode()

    def proof(self, ref: EntryRef) -> LogProof | None:
        """That the entry is in the log, under the first checkpoint that holds it; nothing until there is one."""
        located = self.places.find([ref]).get(ref)
        size = None if located is None else self.log.first_signed_above(located.index)
        note = None if size is None else self.checkpoint(size)
        if located is None or size is None or note is None:
            return None
        path = inclusion_proof(located.index, size, self._nodes(size))
        return LogProof(located.index, tuple(path), note, self._extra(located))

    def consistency(self, old: int, new: int) -> list[bytes]:
        """That the tree of one checkpoint grew into that of another; sizes of signed checkpoints, the smaller first.

        Raises:
            IndexError: the first is the larger one.
        """
        return consistency_proof(old, new, self._nodes(new))

    def _extra(self, located: Located) -> bytes | None:
        """Told of a late entry: when it was sequenced."""
        if not located.late:
            return None
        batch = self.log.batch(located.start)
        sequenced = {} if batch is None else {"sequenced_at": to_ms(batch.at)}
        return json.dumps({"late": True, **sequenced}, separators=(",", ":")).encode()

    def _nodes(self, size: int) -> TileNodes:
        return TileNodes(self._tile, size)

    def _tile(self, tile: Tile) -> bytes:
        content = self.objects.read(f"{self.folder}/{tile.path}")
        if content is None:
            raise LookupError(f"A tile is not there: {tile.path}")
        return content
