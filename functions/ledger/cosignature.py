"""Timestamped Ed25519 cosignatures (C2SP tlog-cosignature): what a witness signs, and how it says when."""

from dataclasses import dataclass
from typing import Self

_TIME_BYTES = 8
_SIGNATURE_BYTES = 64
_LIMIT = 1 << 63


class NotACosignature(ValueError):
    """The bytes are not a time and a signature."""


def signed_message(text: str, time: int) -> bytes:
    """What is signed for a checkpoint's text at a time in Unix seconds (tlog-cosignature, Ed25519 signed message)."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A time in Unix seconds, and the Ed25519 signature over text and time (tlog-cosignature, Format)."""

    time: int
    signature: bytes

    @classmethod
    def parse(cls, value: bytes) -> Self:
        """Raises `NotACosignature` for another length, and for a time beyond 2**63 - 1."""
        if len(value) != _TIME_BYTES + _SIGNATURE_BYTES:
            raise NotACosignature("A cosignature has eight bytes of time and 64 of signature.")
        time = int.from_bytes(value[:_TIME_BYTES], "big")
        if time >= _LIMIT:
            raise NotACosignature("The time of a cosignature is below 2**63.")
        return cls(time, value[_TIME_BYTES:])

    def __bytes__(self) -> bytes:
        return self.time.to_bytes(_TIME_BYTES, "big") + self.signature
