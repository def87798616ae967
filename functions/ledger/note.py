"""Signed notes (C2SP signed-note): a text, a blank line, and lines of signatures that name their key."""

from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from functions.ledger.cosignature import Cosignature
from functions.ledger.keys import Algorithm, NotANote, Verifier, check_name, key_id
from functions.ledger.lines import unbase64

__all__ = [
    "Algorithm",
    "Cosigned",
    "NotANote",
    "Opened",
    "Signer",
    "Unverified",
    "Verifier",
    "key_id",
    "open_note",
    "signature_lines",
    "with_signature",
]

MAX_BYTES = 1_000_000
MAX_SIGNATURES = 100


class Unverified(ValueError):
    """It is a note, and none of the signatures by the known keys holds."""


def _check_text(text: str) -> None:
    if any(character < " " and character != "\n" for character in text):
        raise NotANote("The note holds control characters.")


@dataclass(frozen=True, slots=True)
class Signer:
    """A name and a private key."""

    name: str
    key: Ed25519PrivateKey

    def sign(self, text: str) -> str:
        """The note of a text that ends with a newline; raises `NotANote` for what nobody could open."""
        check_name(self.name)
        _check_text(text)
        if not text.endswith("\n"):
            raise NotANote("The text of a note ends with a newline.")
        return self.verifier.note(text, self.key.sign(text.encode()))

    @property
    def verifier(self) -> Verifier:
        return Verifier(self.name, self.key.public_key().public_bytes_raw())


@dataclass(frozen=True, slots=True)
class Cosigned:
    """Whose cosignature holds (`name+hash`), and the Unix seconds that it states."""

    key: str
    time: int


@dataclass(frozen=True, slots=True)
class Opened:
    """What a note says, who vouches for it, and the signatures nobody here can judge (`name+hash`).

    Cosignatures (0x04) are among the verified; `cosigned` has their times beside.
    """

    text: str
    verified: tuple[str, ...]
    unverified: tuple[str, ...]
    cosigned: tuple[Cosigned, ...] = ()


def open_note(note: bytes, verifiers: Iterable[Verifier]) -> Opened:
    """Check a note against the keys that are known (C2SP signed-note, Signatures).

    Raises:
        NotANote: it has not the form of C2SP signed-note.
        Unverified: no known key signed it, or one did and its signature does not hold.
    """
    text, lines = _split(note)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    verified: dict[str, None] = {}
    unverified: dict[str, None] = {}
    cosigned: list[Cosigned] = []
    for name, key, signature in map(_signature, lines):
        label = f"{name}+{key.hex()}"
        verifier = known.get((name, key))
        if verifier is None:
            unverified[label] = None
        elif label not in verified:
            if not verifier.holds(text, signature):
                raise Unverified(f"The signature by {name} does not hold.")
            verified[label] = None
            if verifier.algorithm is Algorithm.COSIGNATURE:
                cosigned.append(Cosigned(label, Cosignature.parse(signature).time))
    if not verified:
        raise Unverified("No known key signed this note.")
    return Opened(text, tuple(verified), tuple(unverified), tuple(cosigned))


def signature_lines(note: bytes) -> list[tuple[str, bytes, bytes]]:
    """Name, key id and signature of each line, judged by nobody; raises `NotANote`."""
    _, lines = _split(note)
    return [_signature(line) for line in lines]


def with_signature(note: bytes, line: str) -> bytes:
    """The note with a signature line (without its newline) at its end, or as it is if it has that line already.

    Raises:
        NotANote: the note or the line is none, or it would be one signature too many.
    """
    _, lines = _split(note)
    _signature(line)
    if line in lines:
        return note
    extended = note + line.encode() + b"\n"
    _split(extended)
    return extended


def _split(note: bytes) -> tuple[str, list[str]]:
    if len(note) > MAX_BYTES:
        raise NotANote("The note is too long.")
    try:
        whole = note.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotANote("The note is not UTF-8.") from error
    _check_text(whole)
    text, separator, block = whole.rpartition("\n\n")
    if not separator or not block.endswith("\n"):
        raise NotANote("The note has no block of signatures.")
    lines = block[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NotANote("The note has too many signatures.")
    return text + "\n", lines


def _signature(line: str) -> tuple[str, bytes, bytes]:
    mark, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if mark != "—":
        raise NotANote("A line of the signature block is not a signature.")
    check_name(name)
    try:
        signature = unbase64(encoded)
    except ValueError as error:
        raise NotANote("A signature is not base64.") from error
    if len(signature) < 5:  # noqa: PLR2004 - four bytes of key id and at least one more
        raise NotANote("A signature is too short.")
    return name, signature[:4], signature[4:]
