"""Which checkpoint is anchored, by whom, and when the next one is due."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

# What a time-stamp response is, over HTTP and in the bucket (RFC 3161, 3.4).
REPLY = "application/timestamp-reply"


class AuthorityUnavailable(Exception):
    """The time-stamp authority gave no answer that could be read; it is asked again later."""


class StampRefused(Exception):
    """The authority answered, and its answer is no time-stamp of what it was asked to stamp; it is not kept."""


class AnchorKind(StrEnum):
    """Who holds a checkpoint besides the log."""

    MAIL = "mail"
    RFC3161 = "rfc3161"


@dataclass(frozen=True, slots=True)
class CheckpointRef:
    """A checkpoint of a tenant's log, by the log's year and the tree size."""

    year: int
    size: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `ValueError`."""
        year, size = text.split(" ")
        return cls(int(year), int(size))

    def __str__(self) -> str:
        return f"{self.year} {self.size}"


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint and its note (C2SP tlog-checkpoint), exactly as it was signed."""

    ref: CheckpointRef
    note: str

    @property
    def stamp_key(self) -> str:
        """Where in the log bucket the time-stamp over it is: `ID/anchor/SIZE.tsr`."""
        origin = self.note.partition("\n")[0]
        return f"{origin.rpartition('/')[2]}/anchor/{self.ref.size}.tsr"


@dataclass(frozen=True, slots=True)
class AnchorRow:
    """That a checkpoint has been anchored; `key` is the object that shows it, where there is one."""

    kind: AnchorKind
    ref: CheckpointRef
    at: datetime
    key: str | None = None


def due(checkpoint: SignedCheckpoint, last: AnchorRow | None, now: datetime) -> bool:
    """Once a day (UTC) at the most, and only what is larger than what was anchored before."""
    return last is None or (last.ref.size < checkpoint.ref.size and last.at.date() < now.date())


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a receipt or a dispute pack shows; `token` is the time-stamp response (RFC 3161, 2.4.2), DER."""

    kind: AnchorKind
    ref: CheckpointRef
    at: datetime
    checkpoint: str
    token: bytes

    def to_json(self) -> dict[str, Any]:
        """As in docs/reference/receipts.md, without the consistency proof, which depends on who reads it."""
        return {"kind": self.kind.value, "checkpoint": self.checkpoint, "token": b64encode(self.token).decode()}
