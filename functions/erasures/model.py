"""What a merchant asked to have done to a data subject, and the leaf that tells that something was done."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from functions.clock import to_ms
from functions.ids import SubjectId
from functions.vault.mark import How, Mark

LEAF_TYPE = "consentinel/erasure/v1"
# As the merchant says it, and what it comes to.
ASKED = {"shred": How.SHREDDED, "restrict": How.RESTRICTED}


class State(StrEnum):
    """How far it has come."""

    PENDING = "pending"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Erasure:
    """A request; `reason` is in the merchant's own words and stays in the workspace."""

    subject: SubjectId
    how: How
    reason: str
    requested_by: str
    requested_at: datetime
    until: datetime | None = None
    done_at: datetime | None = None

    @property
    def state(self) -> State:
        return State.PENDING if self.done_at is None else State.DONE

    def done(self, now: datetime) -> Self:
        return replace(self, done_at=now)

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Self:
        return cls(
            subject=SubjectId(body["subject"]),
            how=How(body["how"]),
            reason=body["reason"],
            requested_by=body["requested_by"],
            requested_at=datetime.fromisoformat(body["requested_at"]),
            until=_moment(body["until"]),
            done_at=_moment(body["done_at"]),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "subject": self.subject,
            "how": self.how.value,
            "reason": self.reason,
            "requested_by": self.requested_by,
            "requested_at": self.requested_at.isoformat(),
            "until": self.until and self.until.isoformat(),
            "done_at": self.done_at and self.done_at.isoformat(),
        }

    def shown(self) -> dict[str, Any]:
        return {"id": self.subject, "state": self.state.value, **self.to_json()}


def leaf_members(subject: SubjectId, mark: Mark, *, log: str, at: datetime) -> dict[str, Any]:
    """That a key was taken away, how, and on which of a few grounds; whose it was nobody can tell from it."""
    members: dict[str, Any] = {
        "typ": LEAF_TYPE,
        "log": log,
        "at": to_ms(at),
        "sid": subject,
        "how": mark.how.value,
        "why": mark.why.value,
    }
    return members if mark.until is None else members | {"until": to_ms(mark.until)}


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
