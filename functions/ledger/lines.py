"""What stands in the lines of C2SP documents: each number and each byte string in exactly one way of writing it."""

import re
from base64 import b64decode, b64encode

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
_LIMIT = 1 << 63


def decimal(text: str) -> int:
    """An ASCII decimal without leading zeroes, below 2**63; raises `ValueError`."""
    if not _DECIMAL.fullmatch(text) or int(text) >= _LIMIT:
        raise ValueError("A number is a decimal below 2**63 without leading zeroes.")
    return int(text)


def unbase64(text: str) -> bytes:
    """RFC 4648, 4; unused bits are zero (3.5), so that no two texts stand for the same bytes. Raises `ValueError`."""
    decoded = b64decode(text, validate=True)
    if base64(decoded) != text:
        raise ValueError("The unused bits of base64 are zero.")
    return decoded


def base64(value: bytes) -> str:
    return b64encode(value).decode()
