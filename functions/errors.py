"""What can be refused, in the trade's words; the messages are written for the caller's eyes and never carry personal data.

`web.py` holds the only map from these to status codes. Anything else that is raised is our fault and becomes a bare 500.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Violation:
    """One place in the input, as a JSON Pointer (RFC 6901), and what belongs there."""

    pointer: str
    expected: str


class ConsentinelError(Exception):
    """Something the caller can do something about; `detail` says what."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Malformed(ConsentinelError):
    """The request cannot be read at all."""


class TooLarge(ConsentinelError):
    """The body is over the limit of the route."""


class UnsupportedMediaType(ConsentinelError):
    """The body is not declared as JSON."""


class Invalid(ConsentinelError):
    """The request can be read, and what it says is not allowed."""

    def __init__(self, detail: str, violations: Sequence[Violation] = ()) -> None:
        super().__init__(detail)
        self.violations = tuple(violations)


class Unauthenticated(ConsentinelError):
    """Nobody has said who is calling, or the proof of it does not hold."""


class Forbidden(ConsentinelError):
    """The caller is known and may not do this."""


class NotFound(ConsentinelError):
    """There is no such thing, or not for this caller; both look the same from outside."""


class Conflict(ConsentinelError):
    """Somebody else was first; the caller should look at the present state."""


class AlreadyRecorded(Conflict):
    """The register has an entry under this key; `earlier` is its row."""

    def __init__(self, earlier: Mapping[str, Any]) -> None:
        super().__init__("There is an entry under this key already, and entries are never changed.")
        self.earlier = earlier


class Gone(ConsentinelError):
    """It existed and was erased."""
