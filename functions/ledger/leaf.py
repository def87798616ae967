"""Leaves: what the register says of an act, as bytes that can be hashed, proven and shown to anybody.

A leaf is RFC 8785 canonical JSON of texts, booleans and whole numbers, with no personal data in it, of 1,024 bytes at the
most. Its hash is SHA-256(0x00 ‖ leaf), RFC 6962, 2.1.
"""

import json
from hashlib import sha256
from typing import Any

import rfc8785

MAX_BYTES = 1024


class LeafTooLarge(ValueError):
    """What should be recorded does not fit a leaf; the schemas at the edge are there to prevent it."""


def canonical(members: dict[str, Any]) -> bytes:
    """The bytes of a leaf; raises `LeafTooLarge` beyond 1,024."""
    leaf = rfc8785.dumps(members)
    if len(leaf) > MAX_BYTES:
        raise LeafTooLarge(f"A leaf of {len(leaf)} bytes is over the limit of {MAX_BYTES}.")
    return leaf


def leaf_hash(leaf: bytes) -> bytes:
    """RFC 6962, 2.1: the prefix 0x00 keeps a leaf from passing for an inner node."""
    return sha256(b"\x00" + leaf).digest()


def members(leaf: bytes) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(leaf)
    return parsed
