"""The only place that asks for the time; everything else is told."""

import time
from datetime import UTC, datetime


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
