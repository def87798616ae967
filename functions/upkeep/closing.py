"""The turn of the year: the old log is closed, and its last checkpoint becomes a leaf of the new one."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from functions.clock import to_ms
from functions.errors import AlreadyRecorded
from functions.ids import TenantId
from functions.ledger.leaf import canonical
from functions.ledger.model import Head, closes_at

LEAF_TYPE = "consentinel/closing/v1"
PARTITION = "closing"


class Log(Protocol):
    """The rows of one log."""

    @property
    def tenant(self) -> TenantId: ...
    @property
    def year(self) -> int: ...
    def head(self) -> Head | None: ...


class Entries(Protocol):
    """The register of one tenant."""

    def append(self, partition: str, key: str, leaf: bytes, beside: dict[str, Any]) -> None: ...


class Closing(Protocol):
    """The sequencer's queue."""

    def close(self, tenant: TenantId, year: int) -> None: ...


@dataclass(frozen=True, slots=True)
class YearEnd:
    """Of one log; `following` is the origin of the log after it."""

    log: Log
    register: Entries
    queue: Closing
    following: str

    def turn(self, *, now: datetime) -> None:
        """Have the log closed once it takes nothing more, and when it is closed and signed to its end, enter that."""
        head = self.log.head()
        if head is None or now < closes_at(self.log.year):
            return
        if not head.closed or head.signed_size < head.size:
            self.queue.close(self.log.tenant, self.log.year)
            return
        try:
            self.register.append(PARTITION, str(self.log.year), canonical(self._leaf(head, now)), {})
        except AlreadyRecorded:
            return

    def _leaf(self, head: Head, now: datetime) -> dict[str, Any]:
        root = b64encode(head.frontier.root).decode()
        return {
            "typ": LEAF_TYPE,
            "log": self.following,
            "at": to_ms(now),
            "year": self.log.year,
            "closed": {"log": head.origin, "size": head.size, "root": root},
        }
