"""The signed checkpoints of a tenant's logs, where signing left them: docs/reference/ledger.md."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from functions.anchors.model import CheckpointRef, SignedCheckpoint
from functions.ledger.model import Head


class Log(Protocol):
    """The rows of one log."""

    def head(self) -> Head | None: ...


class Objects(Protocol):
    """The log bucket."""

    def read(self, key: str) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class LogCheckpoints:
    """Of one tenant, whose logs are found by their years."""

    log: Callable[[int], Log]
    objects: Objects

    def newest(self, year: int) -> SignedCheckpoint | None:
        """Nothing before the first signature."""
        head = self.log(year).head()
        if head is None or head.signed is None:
            return None
        ref = CheckpointRef(year, head.signed.size)
        note = self._note(head, ref.size)
        return None if note is None else SignedCheckpoint(ref, note)

    def read(self, ref: CheckpointRef) -> str | None:
        head = self.log(ref.year).head()
        return None if head is None else self._note(head, ref.size)

    def _note(self, head: Head, size: int) -> str | None:
        found = self.objects.read(f"{head.origin.rpartition('/')[2]}/checkpoint/{size}")
        return None if found is None else found.decode()
