"""What may become a leaf: the registry of leaf types, each with the register key that its leaf must stand under.

A leaf that was copied under another key, or a row that somebody put by hand, does not fit; it stays out of the tree.
Whoever put it may have written anything into it, so that what stands in a key is parsed first.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from functions.ids import PolicyId, RecordId, SiteId, SubjectId

SHARDS = 4
LONGEST = 200
VISIBLE = re.compile(r"[!-~]+")


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

    @property
    def possible(self) -> bool:
        """Whether it can be a key of ours at all: short, printable ASCII, without spaces; a row may have been put under any."""
        return all(0 < len(part) <= LONGEST and VISIBLE.fullmatch(part) for part in (self.partition, self.key))


def numbered(version: int) -> str:
    """A version as a sort key: v000001."""
    return f"v{version:06d}"


def shard(record: RecordId) -> str:
    """Four partitions a tenant, so that a busy shop is not held to the pace of one."""
    return f"consent#{int(record[-1], 16) % SHARDS}"


def _policy_key(says: Mapping[str, Any]) -> EntryRef:
    policy = says["policy"]
    return EntryRef(f"policy#{PolicyId.parse(policy['id'])}", numbered(int(policy["ver"])))


# By the leaf's `typ`: where in the register a leaf with these members stands.
KEY_OF: Mapping[str, Callable[[Mapping[str, Any]], EntryRef]] = {
    "consentinel/consent/v1": lambda says: EntryRef(shard(RecordId.parse(says["id"])), says["id"]),
    "consentinel/policy-version/v1": _policy_key,
    "consentinel/config/v1": lambda says: EntryRef(f"config#{SiteId.parse(says['site'])}", numbered(int(says["ver"]))),
    "consentinel/erasure/v1": lambda says: EntryRef("erasure", f"{SubjectId.parse(says['sid'])}#{says['how']}"),
    "consentinel/tamper/v1": lambda says: EntryRef("tamper", says["seq"]),
    "consentinel/closing/v1": lambda says: EntryRef("closing", str(int(says["year"]))),
}
