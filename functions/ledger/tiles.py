"""Tiles (C2SP tlog-tiles): the tree in files of up to 256 hashes, their names, and the bundles of leaves beside them; no I/O.

A tile of level L holds tree nodes of level 8 * L. A tree has, at each level, full tiles and at most one partial one, the last.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Self

from functions.ledger.tree import HASH_BYTES, Nodes, node_hash

HEIGHT = 8
WIDTH = 1 << HEIGHT
_LENGTH_BYTES = 2
_LONGEST_LEAF = (1 << 8 * _LENGTH_BYTES) - 1
_PATH = re.compile(r"tile/(?P<level>[0-9]{1,2})/(?P<index>(?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/(?P<width>[0-9]{1,3}))?")
_LEVELS = 64


class NotATile(ValueError):
    """The path is not that of a tile, or the bytes are not as many hashes as the tile is wide."""


class NotABundle(ValueError):
    """The bytes are not a bundle of leaves, or the leaves do not fit one."""


@dataclass(frozen=True, slots=True)
class Tile:
    """Hashes `index * 256` and following of a level, `width` of them; raises `NotATile` for what no tree has."""

    level: int
    index: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        if not 0 <= self.level < _LEVELS or self.index < 0 or not 0 < self.width <= WIDTH:
            raise NotATile("A tile has a level below 64, and from 1 to 256 hashes.")

    @property
    def path(self) -> str:
        """Where it is served below the log (tlog-tiles, Merkle Tree)."""
        return f"tile/{self.level}/{_numbered(self.index, self.width)}"

    @classmethod
    def parse(cls, path: str) -> Self:
        """The tile of a path, of which there is one spelling; raises `NotATile`."""
        match = _PATH.fullmatch(path)
        if match is None:
            raise NotATile("That is not the path of a tile.")
        index = int(re.sub("[x/]", "", match["index"]))
        tile = cls(int(match["level"]), index, int(match["width"] or WIDTH))
        if tile.path != path:
            raise NotATile("The path of a tile has no needless zeroes, and a full tile no width.")
        return tile


@dataclass(frozen=True, slots=True)
class Entries:
    """Leaves `index * 256` and following, `width` of them."""

    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Where the bundle lies below the log (tlog-tiles, Log entries)."""
        return f"tile/entries/{_numbered(self.index, self.width)}"


def _numbered(index: int, width: int) -> str:
    """An index in path elements of three digits, all but the last after an x, and the width of what is partial."""
    name = f"{index % 1000:03}"
    while index := index // 1000:
        name = f"x{index % 1000:03}/{name}"
    return name if width == WIDTH else f"{name}.p/{width}"


def tiles_of(size: int) -> Iterator[Tile]:
    """Every tile of a tree, lowest level first."""
    return new_tiles(0, size)


def new_tiles(old: int, new: int) -> Iterator[Tile]:
    """The tiles that a tree of `new` leaves has and one of `old` leaves has not, lowest level first.

    The partial ones are exactly those of `new` (tlog-tiles, Partial Tiles).
    """
    level = 0
    while old < new:
        for index, width in _stretches(old, new):
            yield Tile(level, index, width)
        level, old, new = level + 1, old >> HEIGHT, new >> HEIGHT


def new_entries(old: int, new: int) -> Iterator[Entries]:
    """The bundles that a tree of `new` leaves has and one of `old` leaves has not (tlog-tiles, Log entries)."""
    for index, width in _stretches(old, new):
        yield Entries(index, width)


def _stretches(old: int, new: int) -> Iterator[tuple[int, int]]:
    """Index and width of what holds the hashes from the `old`th to before the `new`th; the first may reach further back."""
    if old < new:
        for index in range(old // WIDTH, -(-new // WIDTH)):
            yield index, min(WIDTH, new - index * WIDTH)


def tile_of(level: int, index: int, size: int) -> tuple[Tile, int]:
    """The tile of a tree of `size` leaves that a node follows from, and the position in it of the node's first hash.

    The node is the hash over 2 ** (level % 8) hashes from there on.

    Raises:
        IndexError: the tree has no such node over a full subtree.
    """
    if level < 0 or index < 0 or (index + 1) << level > size:
        raise IndexError(f"A tree of {size} leaves has no full subtree {index} at level {level}.")
    row, above = divmod(level, HEIGHT)
    at, position = divmod(index << above, WIDTH)
    return Tile(row, at, min(WIDTH, (size >> row * HEIGHT) - at * WIDTH)), position


def hashes_of(tile: Tile, nodes: Nodes) -> bytes:
    """The bytes of a tile (tlog-tiles, Merkle Tree)."""
    first = tile.index * WIDTH
    return b"".join(nodes(tile.level * HEIGHT, first + position) for position in range(tile.width))


@dataclass(frozen=True, slots=True)
class TileNodes:
    """The nodes of a tree of `size` leaves, from tiles that are read once each; stands for `tree.Nodes`.

    What `read` gives is believed but for its length: a proof made of wrong tiles does not verify. Raises `NotATile`.
    """

    read: Callable[[Tile], bytes]
    size: int
    _tiles: dict[Tile, bytes] = field(default_factory=dict, repr=False, compare=False)

    def __call__(self, level: int, index: int) -> bytes:
        tile, first = tile_of(level, index, self.size)
        hashes = self._hashes(tile)
        row = [hashes[at * HASH_BYTES : (at + 1) * HASH_BYTES] for at in range(first, first + (1 << level % HEIGHT))]
        while len(row) > 1:
            row = [node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=True)]
        return row[0]

    def _hashes(self, tile: Tile) -> bytes:
        if tile not in self._tiles:
            hashes = self.read(tile)
            if len(hashes) != tile.width * HASH_BYTES:
                raise NotATile(f"{tile.path} is not {tile.width} hashes of 32 bytes.")
            self._tiles[tile] = hashes
        return self._tiles[tile]


def bundle(leaves: Sequence[bytes]) -> bytes:
    """Leaves as an entry bundle (tlog-tiles, Log entries); raises `NotABundle` for more than 256 or one over 65,535 bytes."""
    if len(leaves) > WIDTH or any(len(leaf) > _LONGEST_LEAF for leaf in leaves):
        raise NotABundle("A bundle holds up to 256 leaves of up to 65,535 bytes.")
    return b"".join(len(leaf).to_bytes(_LENGTH_BYTES, "big") + leaf for leaf in leaves)


def unbundled(entries: bytes) -> list[bytes]:
    """The leaves of an entry bundle; how many there should be is for the caller to know. Raises `NotABundle`."""
    leaves: list[bytes] = []
    at = 0
    while at < len(entries):
        start = at + _LENGTH_BYTES
        at = start + int.from_bytes(entries[at:start], "big")
        if at > len(entries) or len(leaves) == WIDTH:
            raise NotABundle("The bundle is cut off or holds too much.")
        leaves.append(entries[start:at])
    return leaves
