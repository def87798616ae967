"""What a time-stamp says, for the report; whether its authority really signed it, the verifiers check."""

from datetime import datetime
from hashlib import sha256

from rfc3161_client import decode_timestamp_response

from functions.anchors.der import with_certificates_in_order
from functions.anchors.model import Anchor


def stamped_at(anchor: Anchor) -> datetime | None:
    """By when the checkpoint was there (RFC 3161, 2.4.2, genTime); None where the stamp is none, or of something else."""
    try:
        info = decode_timestamp_response(with_certificates_in_order(anchor.token)).tst_info
        imprint, at = info.message_imprint.message, info.gen_time
    except ValueError:
        return None
    return at if imprint == sha256(anchor.checkpoint.encode()).digest() else None
