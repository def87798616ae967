"""What many receipts of one pack need again: tiles and checkpoints, which never change, and the list of anchors."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from cachetools import LRUCache

from functions.anchors.model import AnchorKind, AnchorRow

# A tile has 8 KB at the most.
TILES = 500


class Objects(Protocol):
    """The log bucket."""

    def read(self, key: str) -> bytes | None: ...


class AnchorRows(Protocol):
    """What was anchored of one tenant's logs."""

    def all(self, kind: AnchorKind, year: int) -> Iterator[AnchorRow]: ...


@dataclass(frozen=True, slots=True)
class RememberedObjects:
    """The log bucket; what is there stays as it is, so it is read once."""

    objects: Objects
    kept: LRUCache[str, bytes] = field(default_factory=lambda: LRUCache(TILES))

    def read(self, key: str) -> bytes | None:
        found: bytes | None = self.kept.get(key)
        if found is None:
            found = self.objects.read(key)
            if found is not None:
                self.kept[key] = found
        return found


@dataclass(frozen=True, slots=True)
class RememberedAnchors:
    """Anchors as they were when the pack was begun."""

    rows: AnchorRows
    kept: dict[tuple[AnchorKind, int], tuple[AnchorRow, ...]] = field(default_factory=dict)

    def all(self, kind: AnchorKind, year: int) -> Iterator[AnchorRow]:
        if (kind, year) not in self.kept:
            self.kept[kind, year] = tuple(self.rows.all(kind, year))
        yield from self.kept[kind, year]
