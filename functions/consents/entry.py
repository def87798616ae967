"""What the register holds of an act."""

from dataclasses import dataclass
from typing import Any

from functions.ids import RecordId
from functions.ledger.leaf import members


@dataclass(frozen=True, slots=True)
class Entry:
    """The leaf, its hash, and the personal data sealed beside it."""

    id: RecordId
    leaf: bytes
    leaf_hash: bytes
    sealed: bytes

    @property
    def says(self) -> dict[str, Any]:
        return members(self.leaf)
