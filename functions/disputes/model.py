"""A dispute pack that is wanted: about whom, for what, and what became of it."""

from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from functions.ids import Identifier, RecordId, SubjectId

# The bucket of packs forgets them by itself after as long.
KEPT = timedelta(days=7)
# What one workspace document and one read of the vault can hold.
MOST_SUBJECTS = 100


class DisputeId(Identifier):
    """A UUIDv7 made by whoever asks: the key of a pack and of its retries."""

    __slots__ = ()
    pattern = RecordId.pattern
    expected = RecordId.expected


class By(StrEnum):
    """What the data subject was named by; an address that somebody named is not kept, only whom it led to."""

    EMAIL = "email"
    SUBJECT = "subject"
    RECORD = "record"


class State(StrEnum):
    """How far a pack has come."""

    WANTED = "wanted"
    READY = "ready"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Counts:
    """What a pack holds, and what it could not hold.

    Args:
        records: receipts in the pack.
        opened: those with their personal data.
        proven: those that a signed checkpoint holds; the others are promised.
        lost: listed records that are missing or are not what was signed.
        left_out: older records beyond what one pack takes.
        texts: texts and windows as they were shown.
        texts_lost: those that are not to be had any more, or are not what the records name.
        anchors: checkpoints that carry a time-stamp.
    """

    records: int = 0
    opened: int = 0
    proven: int = 0
    lost: int = 0
    left_out: int = 0
    texts: int = 0
    texts_lost: int = 0
    anchors: int = 0

    def to_json(self) -> dict[str, int]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class Made:
    """A pack that was made; `size` in bytes."""

    at: datetime
    size: int
    sha256: str
    counts: Counts

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Self:
        return cls(datetime.fromisoformat(body["at"]), body["size"], body["sha256"], Counts(**body["counts"]))

    def to_json(self) -> dict[str, Any]:
        return {"at": self.at.isoformat(), "size": self.size, "sha256": self.sha256, "counts": self.counts.to_json()}


@dataclass(frozen=True, slots=True)
class Dispute:
    """A pack as it was asked for; `reason` is in the merchant's own words and stays in the workspace and in the pack.

    `erased_at` is when the pack went because somebody whom it is about was erased, made or not.
    """

    id: DisputeId
    by: By
    subjects: tuple[SubjectId, ...]
    reason: str
    requested_by: str
    requested_at: datetime
    made: Made | None = None
    erased_at: datetime | None = None

    def state(self, now: datetime) -> State:
        if self.erased_at is not None:
            return State.GONE
        if self.made is None:
            return State.WANTED
        return State.READY if now < self.made.at + KEPT else State.GONE

    def is_again(self, other: "Dispute") -> bool:
        """Whether both ask for the same; when, and by which key, may differ between a request and its retry."""
        return (self.by, self.subjects, self.reason) == (other.by, other.subjects, other.reason)

    def ready(self, made: Made) -> Self:
        return replace(self, made=made)

    def erased(self, now: datetime) -> Self:
        return replace(self, erased_at=self.erased_at or now)

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Self:
        return cls(
            id=DisputeId(body["id"]),
            by=By(body["by"]),
            subjects=tuple(map(SubjectId, body["subjects"])),
            reason=body["reason"],
            requested_by=body["requested_by"],
            requested_at=datetime.fromisoformat(body["requested_at"]),
            made=Made.from_json(body["made"]) if body["made"] else None,
            erased_at=datetime.fromisoformat(body["erased_at"]) if body["erased_at"] else None,
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "by": self.by.value,
            "subjects": list(self.subjects),
            "reason": self.reason,
            "requested_by": self.requested_by,
            "requested_at": self.requested_at.isoformat(),
            "made": self.made and self.made.to_json(),
            "erased_at": self.erased_at and self.erased_at.isoformat(),
        }

    def shown(self, *, now: datetime, link: str | None) -> dict[str, Any]:
        """As whoever may have it sees it."""
        body = self.to_json()
        expires_at = (self.made.at + KEPT).isoformat() if self.made else None
        return {**body, "state": self.state(now).value, "expires_at": expires_at, "link": link}
