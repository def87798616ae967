"""What the report tells of each record: plain values, taken from what was checked while the pack was filled."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from functions.disputes.model import Counts, Dispute
from functions.ids import RecordId


class Standing(StrEnum):
    """What the log says of a record, as it was checked when the pack was made."""

    PROVEN = "proven"
    LATE = "late"  # proven, and sequenced more than a minute after its time
    PROMISED = "promised"
    BROKEN = "broken"  # the proof that the log gives does not hold
    ALTERED = "altered"  # what the register has is not what was signed
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a time-stamp says; `confirmed`: its signature holds under the roots that the platform was given."""

    at: datetime
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Told:
    """One record; `says` is its leaf, empty where nothing of it can be believed.

    Args:
        id: of the record.
        at: the server's time of the act.
        standing: what the log says.
        says: its leaf.
        personal: what could be opened; None where nothing could.
        title: of the document, where the register still has its version.
        kept: whether the text or window that it names is in the pack.
        signed_at: when the checkpoint over it was signed.
        stamp: that a checkpoint over it carries.
    """

    id: RecordId
    at: datetime
    standing: Standing
    says: dict[str, Any] = field(default_factory=dict)
    personal: dict[str, Any] | None = None
    title: str | None = None
    kept: bool = False
    signed_at: datetime | None = None
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True)
class WindowText:
    """What one published window said in one language."""

    version: int
    sha256: str
    language: str
    texts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Account:
    """Everything that the report tells."""

    dispute: Dispute
    controller: dict[str, Any]
    language: str
    told: tuple[Told, ...]
    windows: tuple[WindowText, ...]
    keys: tuple[str, ...]
    counts: Counts
    made_at: datetime
