"""What may become a leaf: the registry of leaf types, each with the register key that its leaf must stand under.

A leaf that was copied under another key, or a row that somebody put by hand, does not fit; it stays out of the tree.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from functions.ids import RecordId

SHARDS = 4


@dataclass(frozen=True, slots=True)
class EntryRef:
    """An entry of the register by its key, the tenant left out."""

    partition: str
    key: str

    @classmethod
    def parse(cls, text: str) -> "EntryRef":
        partition, _, key = text.partition(" ")
        return cls(partition, key)

    def __str__(self) -> str:
        return f"{self.partition} {self.key}"


def numbered(version: int) -> str:
    """A version as a sort key: v000001."""
    return f"v{version:06d}"


def shard(record: RecordId) -> str:
    """Four partitions a tenant, so that a busy shop is not held to the pace of one."""
    return f"consent#{int(record[-1], 16) % SHARDS}"


# By the leaf's `typ`: where in the register a leaf with these members stands.
KEY_OF: Mapping[str, Callable[[Mapping[str, Any]], EntryRef]] = {
    "consentinel/consent/v1": lambda says: EntryRef(shard(RecordId.parse(says["id"])), says["id"]),
    "consentinel/policy-version/v1": lambda says: EntryRef(f"policy#{says['policy']['id']}", numbered(says["policy"]["ver"])),
    "consentinel/config/v1": lambda says: EntryRef(f"config#{says['site']}", numbered(says["ver"])),
    "consentinel/erasure/v1": lambda says: EntryRef(f"erasure#{says['sid']}", says["how"]),
    "consentinel/tamper/v1": lambda says: EntryRef("tamper", says["seq"]),
    "consentinel/closing/v1": lambda says: EntryRef("closing", str(says["year"])),
}
