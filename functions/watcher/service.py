"""Seeing to a change of the register: the images kept aside, the operator told, and a leaf that says so for ever."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from functions.errors import AlreadyRecorded
from functions.ids import TenantId
from functions.ledger.leaf import canonical
from functions.mail.model import Letter, LetterKind, Letters
from functions.watcher.model import Tampering

PARTITION = "tamper"


class Entries(Protocol):
    """The register of one tenant."""

    def append(self, partition: str, key: str, leaf: bytes, beside: dict[str, Any]) -> None: ...


class Objects(Protocol):
    """The log bucket."""

    def put_once(self, key: str, content: bytes, content_type: str = ...) -> bytes: ...


def keep_aside(tampering: Tampering, *, objects: Objects) -> None:
    """Keep both images where nobody can remove them; told of again, the first stay."""
    objects.put_once(f"kept/{tampering.folder}/{tampering.sequence}", tampering.images(), "application/json")


@dataclass(frozen=True, slots=True)
class Watch:
    """Over the register of one tenant; `log` is the origin of the present year's log."""

    tenant: TenantId
    register: Entries
    letters: Letters
    log: str

    def see_to(self, tampering: Tampering, *, now: datetime) -> None:
        """Tell the operator, and enter in the register that it was seen; told of again, the first entry stays."""
        self.letters.post(Letter(self.tenant, LetterKind.TAMPERING, tampering.sequence))
        leaf = canonical(tampering.leaf_members(log=self.log, at=now))
        try:
            self.register.append(PARTITION, tampering.sequence, leaf, {})
        except AlreadyRecorded:
            return
