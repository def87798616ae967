"""A consent receipt as docs/reference/receipts.md has it: what a verifier needs, with nothing signed anew for it."""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from functions.anchors.model import Anchor, AnchorRow
from functions.consents.entry import Entry
from functions.consents.receipt import receipt_of
from functions.ledger.note import Verifier
from functions.ledger.proof import LogProof
from functions.listings.record import RegisterRecord
from functions.listings.record import State as Found
from functions.vault.model import Subject

FORMAT = "consentinel/receipt/v1"


class State(StrEnum):
    """How far a receipt has come."""

    PROMISED = "promised"
    COMPLETE = "complete"  # its record is under a signed checkpoint


@dataclass(frozen=True, slots=True)
class Opening:
    """The personal data of a record, and the salt by which its commitment can be checked by whoever has both."""

    personal: dict[str, Any]
    salt: bytes

    @classmethod
    def of(cls, entry: Entry, owner: Subject | None) -> Self | None:
        """None without the owner's key, and where what was sealed is not what the leaf commits to."""
        record = RegisterRecord.opened(entry, owner)
        if owner is None or record.state is not Found.WHOLE:
            return None
        return cls(record.personal, owner.salt(entry.id))

    def to_json(self) -> dict[str, Any]:
        return {"personal": self.personal, "salt": b64encode(self.salt).decode()}


@dataclass(frozen=True, slots=True)
class Dated:
    """A checkpoint that somebody else dated, and the proof that it and the receipt's own are of one log (RFC 6962, 2.1.2)."""

    anchor: Anchor
    consistency: tuple[bytes, ...]

    def to_json(self) -> dict[str, Any]:
        return self.anchor.to_json() | {"consistency": [b64encode(one).decode() for one in self.consistency]}


@dataclass(frozen=True, slots=True)
class Proven:
    """That a log holds a record: the proof, the key that the log signs by, and who dated it."""

    proof: LogProof
    vkey: str
    dated: tuple[Dated, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """One record's; `rendering` is what ISO/IEC TS 27560 has words for."""

    entry: Entry
    rendering: dict[str, Any]
    verifier: Verifier
    proven: Proven | None
    opening: Opening | None

    @property
    def state(self) -> State:
        return State.PROMISED if self.proven is None else State.COMPLETE

    @property
    def vkeys(self) -> dict[str, str | None]:
        return {"receipt": str(self.verifier), "log": self.proven.vkey if self.proven else None}

    def to_json(self) -> dict[str, Any]:
        promise = receipt_of(self.entry, self.verifier)
        document = {
            "format": FORMAT,
            "receipt": {"state": self.state.value, **self.rendering},
            "leaf": promise["leaf"],
            "leaf_hash": promise["leaf_hash"],
            "note": promise["note"],
            "proof": self.proven and self.proven.proof.text,
            "keys": self.vkeys,
            "anchors": [one.to_json() for one in self.proven.dated] if self.proven else [],
        }
        return document | ({"opening": self.opening.to_json()} if self.opening else {})


def telling(rows: Iterable[AnchorRow], *, index: int) -> list[AnchorRow]:
    """Of the anchors that hold the entry, the first, which dates it best, and the last; those between add nothing."""
    holding = [row for row in rows if index < row.ref.size]
    return list(dict.fromkeys([holding[0], holding[-1]])) if holding else []
