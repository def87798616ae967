"""What the register holds of an act."""

from dataclasses import dataclass
from typing import Any, Self

from functions.ids import RecordId
from functions.ledger.leaf import leaf_hash, members


@dataclass(frozen=True, slots=True)
class Entry:
    """The leaf, its hash, the signature of its receipt, and the personal data sealed beside it."""

    id: RecordId
    leaf: bytes
    leaf_hash: bytes
    signature: bytes
    sealed: bytes

    @classmethod
    def of(cls, record: RecordId, leaf: bytes, *, signature: bytes, sealed: bytes) -> Self:
        return cls(record, leaf, leaf_hash(leaf), signature, sealed)

    @property
    def says(self) -> dict[str, Any]:
        return members(self.leaf)
