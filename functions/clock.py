"""The only place that asks for the time; everything else is told."""

import time
from datetime import UTC, datetime

from functions.errors import Invalid, Violation

# 9999-12-31T23:59:59.999Z
LAST_MS = 253_402_300_799_999


def utc_now() -> datetime:
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds that never go back, for the age of what a container keeps in memory."""
    return time.monotonic()


def to_ms(at: datetime) -> int:
    """Whole milliseconds since the epoch, truncated: the unit of every time in a leaf."""
    return int(at.timestamp()) * 1000 + at.microsecond // 1000


def from_ms(ms: int) -> datetime:
    return datetime.fromtimestamp(ms // 1000, UTC).replace(microsecond=ms % 1000 * 1000)


def parsed(text: str, pointer: str) -> datetime:
    """A moment as RFC 3339 writes it, in UTC; raises `Invalid` for anything else, and for one without its offset."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass  # it is no time, or outside of every calendar
    raise Invalid("A time is not one.", [Violation(pointer, "a time as in RFC 3339, such as 2026-11-25T09:00:00Z")])


def written(ms: int) -> str:
    """Milliseconds since the epoch as RFC 3339 in UTC; what lies beyond the year 9999 stops there."""
    return from_ms(min(ms, LAST_MS)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
