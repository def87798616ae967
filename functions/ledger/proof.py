"""Proofs that stand alone (C2SP tlog-proof): a leaf's place in a log, the way to the root, and the signed checkpoint."""

from dataclasses import dataclass
from typing import Self

from functions.ledger.checkpoint import Checkpoint, opened
from functions.ledger.keys import Verifier
from functions.ledger.lines import base64, decimal, unbase64
from functions.ledger.tree import HASH_BYTES, verify_inclusion

_FIRST = "c2sp.org/tlog-proof@v1"
_EXTRA = "extra "
_INDEX = "index "
# A tree of fewer than 2**63 leaves is not higher.
_LONGEST = 63


class NotAProof(ValueError):
    """The text has not the form of C2SP tlog-proof."""


@dataclass(frozen=True, slots=True)
class LogProof:
    """A leaf's index, its audit path from the sibling up, and the checkpoint as the log signed it, cosignatures included.

    `extra` is vouched for by nobody; empty bytes are written as none.
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    @property
    def text(self) -> str:
        """The lines of tlog-proof, Format."""
        extra = [_EXTRA + base64(self.extra)] if self.extra else []
        return "\n".join([_FIRST, *extra, f"{_INDEX}{self.index}", *map(base64, self.path), "", self.checkpoint])

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read everything but the checkpoint, which is for `verify` to judge; raises `NotAProof`."""
        head, blank, checkpoint = text.partition("\n\n")
        if not blank or any("\ud800" <= character <= "\udfff" for character in text):
            raise NotAProof("A proof is Unicode and has an empty line before its checkpoint.")
        first, *lines = head.split("\n")
        if first != _FIRST:
            raise NotAProof("A proof begins with its format.")
        try:
            extra = _extra(lines.pop(0)) if lines and lines[0].startswith(_EXTRA) else None
            index, path = _index(lines[:1]), tuple(_hash(line) for line in lines[1:])
        except ValueError as error:
            raise NotAProof(f"The proof cannot be read. {error}") from error
        if len(path) > _LONGEST:
            raise NotAProof("The proof is longer than any tree is high.")
        return cls(index, path, checkpoint, extra)

    def verify(self, leaf_hash: bytes, log: Verifier) -> Checkpoint:
        """The checkpoint, once the log is seen to have signed it and the path to lead from the leaf to its root.

        Raises:
            NotACheckpoint: what stands for the checkpoint is none of this log.
            Unverified: the log did not sign it.
            Unproven: the path does not lead from this leaf to its root.
        """
        checkpoint = opened(self.checkpoint.encode(), log)
        verify_inclusion(self.index, checkpoint.size, leaf_hash, self.path, checkpoint.root)
        return checkpoint


def _extra(line: str) -> bytes:
    extra = unbase64(line.removeprefix(_EXTRA))
    if not extra:
        raise ValueError("Without extra data there is no line for it.")
    return extra


def _index(lines: list[str]) -> int:
    if not lines or not lines[0].startswith(_INDEX):
        raise ValueError("The index is missing.")
    return decimal(lines[0].removeprefix(_INDEX))


def _hash(line: str) -> bytes:
    hashed = unbase64(line)
    if len(hashed) != HASH_BYTES:
        raise ValueError("A hash has 32 bytes.")
    return hashed
