"""The tree grown anew from leaf hashes, for its root at any size and for the tiles that should be there.

Memory holds a row of at most 255 hashes for each level of tiles (three at a million leaves).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Self

from functions.ledger.lines import base64, unbase64
from functions.ledger.model import split
from functions.ledger.tiles import HEIGHT, WIDTH, Tile
from functions.ledger.tree import Frontier

Grown = tuple[Tile, bytes]


@dataclass
class _Row:
    """The begun tile of a level: its hashes, and the frontier over them."""

    hashes: list[bytes] = field(default_factory=list)
    frontier: Frontier = field(default_factory=Frontier)

    def add(self, nodes: Sequence[bytes]) -> None:
        self.hashes += nodes
        self.frontier = self.frontier.extended(nodes)


@dataclass
class Regrown:
    """A tree so far."""

    size: int = 0
    _rows: list[_Row] = field(default_factory=list)

    def grow(self, hashes: Sequence[bytes]) -> Iterator[Grown]:
        """Append leaf hashes; gives each tile that became full, with the bytes that it should have."""
        at = 0
        while at < len(hashes):
            part = hashes[at : at + WIDTH - self.size % WIDTH]
            at, self.size = at + len(part), self.size + len(part)
            yield from self._add(0, part)

    @property
    def frontier(self) -> Frontier:
        return Frontier(self.size, tuple(root for row in reversed(self._rows) for root in row.frontier.roots))

    def partial(self) -> Iterator[Grown]:
        """The begun tile of each level that has one, as a checkpoint of this size has it (tlog-tiles, Partial Tiles)."""
        for level, row in enumerate(self._rows):
            if row.hashes:
                yield Tile(level, (self.size >> HEIGHT * level) // WIDTH, len(row.hashes)), b"".join(row.hashes)

    def begun(self) -> Sequence[bytes]:
        """The leaf hashes since the last full tile."""
        return self._rows[0].hashes if self._rows else ()

    def _add(self, level: int, nodes: Sequence[bytes]) -> Iterator[Grown]:
        if level == len(self._rows):
            self._rows.append(_Row())
        row = self._rows[level]
        row.add(nodes)
        if len(row.hashes) == WIDTH:
            self._rows[level] = _Row()
            yield Tile(level, (self.size >> HEIGHT * (level + 1)) - 1), b"".join(row.hashes)
            yield from self._add(level + 1, row.frontier.roots)

    def to_json(self) -> dict[str, object]:
        return {"size": self.size, "rows": [base64(b"".join(row.hashes)) for row in self._rows]}

    @classmethod
    def from_json(cls, said: dict[str, object]) -> Self:
        rows = said["rows"]
        if not isinstance(said["size"], int) or not isinstance(rows, list):
            raise TypeError("A tree has a size and rows.")
        grown = cls(said["size"])
        for row in rows:
            grown._rows.append(_Row())
            grown._rows[-1].add(split(unbase64(row)))
        return grown
