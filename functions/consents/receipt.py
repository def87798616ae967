"""Consent receipts: the data subject's copy, signed, without personal data.

The note (C2SP signed-note) says, a line each: `consentinel/receipt/v1`, the log's origin, the record's id, the leaf hash in
base64, and the seconds within which the log promises to hold the leaf. Whoever has the leaf can hash it (RFC 6962, 2.1) and
check the signature offline.

The signature is made once, when the act is entered, and kept beside the leaf: whoever could change an entry afterwards would
need the receipt key as well, and nothing that is read is ever signed.
"""

from base64 import b64encode
from typing import Any

from functions.consents.entry import Entry
from functions.ledger.leaf import leaf_hash, members
from functions.ledger.note import Signer, Verifier
from functions.vault.model import TenantKeys

MERGE_DELAY_S = 60


def signer_of(keys: TenantKeys, *, log_host: str) -> Signer:
    """The tenant's receipt key, which signs nothing else."""
    return Signer(f"{log_host}/{keys.tenant}/receipts", keys.receipt_key)


def promise_of(leaf: bytes) -> str:
    """What the receipt key signs."""
    says = members(leaf)
    hashed = b64encode(leaf_hash(leaf)).decode()
    return f"consentinel/receipt/v1\n{says['log']}\n{says['id']}\n{hashed}\n{MERGE_DELAY_S}\n"


def signature_of(leaf: bytes, signer: Signer) -> bytes:
    """Ed25519 over the promise, 64 bytes."""
    return signer.key.sign(promise_of(leaf).encode())


def holds(entry: Entry, verifier: Verifier) -> bool:
    """Whether the leaf is the one that was signed when the act was entered; only then does what it says count."""
    try:
        promise, record = promise_of(entry.leaf), entry.says["id"]
    except (ValueError, KeyError, TypeError):
        return False  # not a leaf any more
    return record == entry.id and leaf_hash(entry.leaf) == entry.leaf_hash and verifier.holds(promise, entry.signature)


def receipt_of(entry: Entry, verifier: Verifier) -> dict[str, Any]:
    """As the browser got it, put together from what the register holds."""
    return {
        "leaf": entry.leaf.decode(),
        "leaf_hash": b64encode(entry.leaf_hash).decode(),
        "log": entry.says["log"],
        "merge_delay_s": MERGE_DELAY_S,
        "note": verifier.note(promise_of(entry.leaf), entry.signature),
    }
