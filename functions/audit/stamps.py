"""Time-stamps as an auditor reads them, who has no authority's certificate: over what, and when; no I/O.

Whether the authority really signed it, the verifiers check, for whoever brings its certificate.
"""

from datetime import datetime, timedelta
from hashlib import sha256

from functions.anchors.der import with_certificates_in_order
from functions.anchors.model import AnchorKind

STAMP = {"S": AnchorKind.RFC3161.value}
# The row of a stamp that was kept is written by the run that asked for it, or by the one after a crash, a day later.
ROW_WITHIN = timedelta(days=2)
SKEW = timedelta(minutes=5)


def is_stamp_of(response: bytes, note: bytes, *, noted_at: datetime) -> bool:
    """Whether it is over the note, and was made shortly before its row was written."""
    from rfc3161_client import decode_timestamp_response  # noqa: PLC0415 - few logs have stamps

    try:
        info = decode_timestamp_response(with_certificates_in_order(response)).tst_info
        imprint, at = info.message_imprint.message, info.gen_time
    except ValueError:
        return False
    return imprint == sha256(note).digest() and -SKEW <= noted_at - at <= ROW_WITHIN
