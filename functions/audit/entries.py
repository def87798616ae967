"""One entry of the register against its place in the tree; no I/O.

`disagreement` needs the bytes alone. What the leaf says is read by `misfit`, which parses it and writes it anew in canonical
form, at many times the price.
"""

from datetime import datetime

from functions.audit.model import Kind
from functions.clock import to_ms
from functions.consents.entry import Entry
from functions.consents.receipt import holds
from functions.ids import RecordId
from functions.ledger.keys import Verifier
from functions.ledger.kinds import EntryRef
from functions.ledger.leaf import leaf_hash
from functions.ledger.model import MERGE_DELAY, Candidate, Flaw

CONSENT = "consent#"


def disagreement(hashed: bytes, leaf: bytes, stated: bytes) -> Kind | None:
    """Whether the stored leaf is the one that the tree has, and the hash beside it that of the leaf."""
    if leaf_hash(leaf) != hashed:
        return Kind.ENTRY_HASH
    return None if stated == hashed else Kind.ENTRY_STATED


def misfit(candidate: Candidate, *, origin: str, year: int, sequenced_at: datetime) -> Kind | None:
    """Whether what the leaf says belongs where it stands."""
    match candidate.flaw(origin=origin, closed=False, now=sequenced_at):
        case Flaw.HASH:
            return Kind.ENTRY_STATED
        case Flaw.LEAF:
            return Kind.ENTRY_LEAF
        case Flaw.KEY:
            return Kind.ENTRY_KEY
        case Flaw.LOG:
            return Kind.ENTRY_LOG
        case Flaw.AHEAD:
            return Kind.ENTRY_AHEAD
        case Flaw.CLOSED | None:
            return None if candidate.year == year else Kind.ENTRY_YEAR


def is_late(at_ms: int, signed_at: datetime | None) -> bool:
    """Whether a checkpoint of that time should have held the entry."""
    return signed_at is not None and at_ms <= to_ms(signed_at - MERGE_DELAY)


def receipt_holds(ref: EntryRef, leaf: bytes, signature: bytes, verifier: Verifier) -> bool:
    return holds(Entry.of(RecordId(ref.key), leaf, signature=signature, sealed=b""), verifier)
