"""Consent receipts: the data subject's copy, signed, without personal data.

The note (C2SP signed-note) says, a line each: `consentinel/receipt/v1`, the log's origin, the record's id, the leaf hash in
base64, and the seconds within which the log promises to hold the leaf. Whoever has the leaf can hash it (RFC 6962, 2.1) and
check the signature offline.
"""

from base64 import b64encode
from typing import Any

from functions.ledger.leaf import leaf_hash, members
from functions.ledger.note import Signer
from functions.vault.model import TenantKeys

MERGE_DELAY_S = 60


def signer_of(keys: TenantKeys, *, log_host: str) -> Signer:
    """The tenant's receipt key, which signs nothing else."""
    return Signer(f"{log_host}/{keys.tenant}/receipts", keys.receipt_key)


def receipt_of(leaf: bytes, signer: Signer) -> dict[str, Any]:
    """The same receipt for the same leaf, byte for byte."""
    hashed = b64encode(leaf_hash(leaf)).decode()
    says = members(leaf)
    text = f"consentinel/receipt/v1\n{says['log']}\n{says['id']}\n{hashed}\n{MERGE_DELAY_S}\n"
    return {
        "leaf": leaf.decode(),
        "leaf_hash": hashed,
        "log": says["log"],
        "merge_delay_s": MERGE_DELAY_S,
        "note": signer.sign(text),
    }
