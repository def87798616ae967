"""Checkpoints (C2SP tlog-checkpoint): origin, tree size and root hash of a log, and when that was signed."""

from dataclasses import dataclass
from typing import Self

from functions.ledger.keys import NotANote, Verifier
from functions.ledger.lines import base64, decimal, unbase64
from functions.ledger.note import open_note
from functions.ledger.tree import HASH_BYTES

_TIME = "time "


class NotACheckpoint(ValueError):
    """The text or note is not a checkpoint, or not one of this log."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of its tree; `time` is in Unix seconds at signing, None with a log that does not say."""

    origin: str
    size: int
    root: bytes
    time: int | None

    @property
    def text(self) -> str:
        """The note text (tlog-checkpoint, Note text), with `time` as an extension line."""
        extension = "" if self.time is None else f"{_TIME}{self.time}\n"
        return f"{self.origin}\n{self.size}\n{base64(self.root)}\n{extension}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a note text; extension lines other than `time` are let through and not kept. Raises `NotACheckpoint`."""
        *lines, rest = text.split("\n")
        if rest or len(lines) < 3 or not all(lines):  # noqa: PLR2004 - origin, size, root
            raise NotACheckpoint("A checkpoint has three lines or more, and none of them is empty.")
        origin, size, root, *extensions = lines
        try:
            return cls(origin, decimal(size), _root(root), _time(extensions))
        except ValueError as error:
            raise NotACheckpoint(f"The checkpoint cannot be read. {error}") from error


def opened(note: bytes, verifier: Verifier) -> Checkpoint:
    """The checkpoint in a note that the log signed; the key's name is the log's origin (tlog-checkpoint, Signatures).

    Raises:
        NotACheckpoint: it is no note, its text is no checkpoint, or it has another origin.
        Unverified: the log did not sign it.
    """
    try:
        text = open_note(note, [verifier]).text
    except NotANote as error:
        raise NotACheckpoint(f"The checkpoint is not a signed note. {error}") from error
    checkpoint = Checkpoint.parse(text)
    if checkpoint.origin != verifier.name:
        raise NotACheckpoint("The checkpoint is that of another log.")
    return checkpoint


def _root(text: str) -> bytes:
    root = unbase64(text)
    if len(root) != HASH_BYTES:
        raise ValueError("A root hash has 32 bytes.")
    return root


def _time(extensions: list[str]) -> int | None:
    times = [line.removeprefix(_TIME) for line in extensions if line.startswith(_TIME)]
    if len(times) > 1:
        raise ValueError("A checkpoint has one time.")
    return decimal(times[0]) if times else None
