"""What a time-stamp says, for the report, and whether its signature holds under the roots that the platform was given."""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from rfc3161_client import decode_timestamp_response

from functions.anchors.der import with_certificates_in_order
from functions.anchors.model import Anchor, StampRefused
from functions.disputes.account import Stamp


class Authority(Protocol):
    """A time-stamp authority whose roots are known."""

    def check(self, response: bytes, data: bytes) -> datetime:
        """Raises `StampRefused`."""


@dataclass(frozen=True, slots=True)
class Stamps:
    """The time-stamps of one pack, each looked at once; without an authority none is confirmed."""

    authority: Authority | None
    seen: dict[Anchor, Stamp | None] = field(default_factory=dict)

    def read(self, anchor: Anchor) -> Stamp | None:
        """None where the stamp is none, or of something else."""
        if anchor not in self.seen:
            at = stamped_at(anchor)
            self.seen[anchor] = None if at is None else Stamp(at, confirmed=self._holds(anchor))
        return self.seen[anchor]

    def _holds(self, anchor: Anchor) -> bool:
        if self.authority is None:
            return False
        try:
            self.authority.check(anchor.token, anchor.checkpoint.encode())
        except StampRefused:
            return False
        return True


def stamped_at(anchor: Anchor) -> datetime | None:
    """By when the checkpoint was there (RFC 3161, 2.4.2, genTime); None where the stamp is none, or of something else."""
    try:
        info = decode_timestamp_response(with_certificates_in_order(anchor.token)).tst_info
        imprint, at = info.message_imprint.message, info.gen_time
    except ValueError:
        return None
    return at if imprint == sha256(anchor.checkpoint.encode()).digest() else None
