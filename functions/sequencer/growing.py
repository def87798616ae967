"""Tiles and entry bundles of a growing tree (C2SP tlog-tiles): what becomes full is put, and what is begun when it ends.

Memory holds one row of each level and one bundle, however many leaves come.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from functions.ledger.model import split
from functions.ledger.tiles import WIDTH, Entries, NotABundle, Tile, bundle, unbundled
from functions.ledger.tree import HASH_BYTES, Frontier

Read = Callable[[str], bytes | None]
Put = Callable[[str, bytes], None]


class TileMissing(Exception):
    """A tile that was put for an earlier checkpoint is not there."""


@dataclass
class GrowingTiles:
    """Begins where a tree of `size` leaves ended, and is told of each leaf behind it.

    An entry that cannot be had any more is empty in its bundle, so that it holds up no other; its hash is in the tree.
    """

    size: int
    put: Put
    rows: list[list[bytes]] = field(default_factory=list)
    entries: list[bytes] = field(default_factory=list)

    @classmethod
    def resumed(cls, size: int, *, read: Read, put: Put) -> Self:
        """Raises `TileMissing`."""
        rows: list[list[bytes]] = []
        while count := size >> (8 * len(rows)):
            rows.append(_row(len(rows), count, read))
        return cls(size, put, rows, _entries(size, read))

    def add(self, leaf_hash: bytes, leaf: bytes) -> None:
        self.entries.append(leaf)
        if len(self.entries) == WIDTH:
            self.put(Entries(self.size // WIDTH).path, bundle(self.entries))
            self.entries = []
        self.size += 1
        self._push(0, leaf_hash)

    def end(self) -> None:
        """Put what is begun."""
        if self.entries:
            self.put(Entries(self.size // WIDTH, len(self.entries)).path, bundle(self.entries))
        for level, row in enumerate(self.rows):
            if row:
                self.put(Tile(level, (self.size >> 8 * level) // WIDTH, len(row)).path, b"".join(row))

    def _push(self, level: int, node: bytes) -> None:
        if level == len(self.rows):
            self.rows.append([])
        row = self.rows[level]
        row.append(node)
        if len(row) == WIDTH:
            self.rows[level] = []
            self.put(Tile(level, (self.size >> 8 * level) // WIDTH - 1).path, b"".join(row))
            self._push(level + 1, Frontier().extended(row).root)


def _row(level: int, count: int, read: Read) -> list[bytes]:
    """The begun tile of a level that has so many nodes."""
    if count % WIDTH == 0:
        return []
    tile = Tile(level, count // WIDTH, count % WIDTH)
    content = read(tile.path)
    if content is None or len(content) != tile.width * HASH_BYTES:
        raise TileMissing(tile.path)
    return list(split(content))


def _entries(size: int, read: Read) -> list[bytes]:
    """Those of the bundle that was begun; empty ones where it is none or gone, as the auditor will say."""
    if size % WIDTH == 0:
        return []
    entries = Entries(size // WIDTH, size % WIDTH)
    try:
        found = unbundled(read(entries.path) or b"")
    except NotABundle:
        found = []
    return found if len(found) == entries.width else [b""] * entries.width
