"""One entry of the register against its place in the tree; no I/O.

`disagreement` needs the bytes alone. What the leaf says is read by `misfit`, which parses it and writes it anew in canonical
form, at many times the price.
"""

import json
from datetime import datetime

from functions.audit.model import Kind
from functions.audit.rows import Item
from functions.consents.entry import Entry
from functions.consents.receipt import holds
from functions.cookies.config import Published
from functions.ids import RecordId, SiteId, SiteKey, TenantId
from functions.ledger.keys import Verifier
from functions.ledger.kinds import EntryRef
from functions.ledger.leaf import canonical, leaf_hash
from functions.ledger.model import Candidate, Flaw
from functions.policies.model import PolicyVersion

CONSENT, POLICY, CONFIG = "consent#", "policy#", "config#"
# Whatever may stand in a row that somebody has changed, read as if nobody had.
UNREADABLE = (AttributeError, KeyError, TypeError, ValueError, OverflowError, RecursionError)


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


def receipt_holds(ref: EntryRef, leaf: bytes, signature: bytes, verifier: Verifier) -> bool:
    return holds(Entry.of(RecordId(ref.key), leaf, signature=signature, sealed=b""), verifier)


def beside(candidate: Candidate, item: Item) -> Kind | None:
    """Whether a version of a document, or a config, that stands beside its leaf is the one that the leaf says."""
    says, ref = candidate.says or {}, candidate.ref
    try:
        if ref.partition.startswith(POLICY):
            stated = PolicyVersion.from_json(json.loads(item["version"]["S"])).leaf_members(log=says["log"])
        elif ref.partition.startswith(CONFIG):
            site = SiteKey.of(TenantId(item["pk"]["S"].partition("#")[0]), SiteId(says["site"]))
            stated = Published.from_json(json.loads(item["config"]["S"])).leaf_members(site=site, log=says["log"])
        else:
            return None
        return None if canonical(stated) == candidate.leaf else Kind.ENTRY_STATED
    except UNREADABLE:
        return Kind.ENTRY_STATED
