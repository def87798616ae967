"""A change of an entry that must never change, and the leaf that tells of it."""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from functions.clock import to_ms
from functions.ids import TenantId
from functions.ledger.kinds import EntryRef
from functions.ledger.leaf import leaf_hash

LEAF_TYPE = "consentinel/tamper/v1"
LONGEST_NAME = 120
Image = Mapping[str, Mapping[str, Any]]


class What(StrEnum):
    """What was done to an entry."""

    MODIFIED = "modified"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Tampering:
    """One change, by its number in the stream, with the row before and after it."""

    sequence: str
    before: Image
    after: Image | None

    @property
    def what(self) -> What:
        return What.REMOVED if self.after is None else What.MODIFIED

    @property
    def owner(self) -> str:
        """The tenant as the row's key has it, which whoever wrote the row may have invented."""
        return str(self.before["pk"]["S"]).partition("#")[0]

    @property
    def folder(self) -> str:
        """Where the images are kept: under the tenant, or under the hash of whatever stands in its place."""
        return self.owner if TenantId.pattern.fullmatch(self.owner) else sha256(self.owner.encode()).hexdigest()

    @property
    def ref(self) -> EntryRef:
        return EntryRef(str(self.before["pk"]["S"]).partition("#")[2], str(self.before["sk"]["S"]))

    def leaf_members(self, *, log: str, at: datetime) -> dict[str, Any]:
        members = {
            "typ": LEAF_TYPE,
            "log": log,
            "at": to_ms(at),
            "seq": self.sequence,
            "what": self.what.value,
            "of": _named(self.ref),
            "before": _hash(self.before),
        }
        return members if self.after is None else members | {"after": _hash(self.after)}

    def images(self) -> bytes:
        """Both rows as JSON of DynamoDB's values; what was sealed is sealed in them too."""
        return json.dumps({"before": self.before, "after": self.after}, default=_base64, sort_keys=True).encode()


def _hash(image: Image) -> str:
    return b64encode(leaf_hash(_leaf(image))).decode()


def _leaf(image: Image) -> bytes:
    leaf = image.get("leaf", {}).get("B", b"")
    return leaf if isinstance(leaf, bytes) else b""


def _named(ref: EntryRef) -> str:
    """The key, if it looks like one of ours; of any other its SHA-256, because anything may stand in it."""
    name = str(ref)
    return name if len(name) <= LONGEST_NAME and name.isascii() and name.isprintable() else sha256(name.encode()).hexdigest()


def _base64(value: object) -> str:
    if not isinstance(value, bytes):
        raise TypeError(type(value).__name__)
    return b64encode(value).decode()
