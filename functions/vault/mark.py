"""What stands where a subject's key stood, so that nothing that comes later makes them a new one."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class How(StrEnum):
    """What was done to a subject's key."""

    SHREDDED = "shredded"
    RESTRICTED = "restricted"  # GDPR Art. 17(3)(e) and 18(2): kept for legal claims, and for nothing else


class Why(StrEnum):
    """Why, as far as the ledger tells; a merchant's own words never stand in it."""

    REQUEST = "request"
    RETENTION = "retention"  # GDPR Art. 5(1)(e)
    RESTRICTION_OVER = "restriction-over"


@dataclass(frozen=True, slots=True)
class Mark:
    """`done` when everything that follows from it has been done; `until` is when a restriction ends."""

    how: How
    why: Why
    until: datetime | None = None
    done: bool = False
