"""Signed notes (C2SP signed-note, Ed25519): a text, a blank line, and lines of signatures that name their key."""

from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = 0x01
MAX_BYTES = 1_000_000
MAX_SIGNATURES = 100


class NotANote(ValueError):
    """The bytes are not a signed note, or a key is not a verifier key."""


class Unverified(ValueError):
    """It is a note, and none of the signatures by the known keys holds."""


def _check_name(name: str) -> None:
    if not name or "+" in name or any(character.isspace() for character in name):
        raise NotANote("A key name has no spaces and no plus sign.")


def _check_text(text: str) -> None:
    if any(character < " " and character != "\n" for character in text):
        raise NotANote("The note holds control characters.")


def key_id(name: str, algorithm: int, public: bytes) -> bytes:
    """The first four bytes of SHA-256(name ‖ newline ‖ algorithm ‖ key)."""
    return sha256(name.encode() + b"\n" + bytes([algorithm]) + public).digest()[:4]


@dataclass(frozen=True, slots=True)
class Signer:
    """A name and a private key."""

    name: str
    key: Ed25519PrivateKey

    def sign(self, text: str) -> str:
        """The note of a text that ends with a newline; raises `NotANote` for what nobody could open."""
        _check_name(self.name)
        _check_text(text)
        if not text.endswith("\n"):
            raise NotANote("The text of a note ends with a newline.")
        return self.verifier.note(text, self.key.sign(text.encode()))

    @property
    def verifier(self) -> "Verifier":
        return Verifier(self.name, self.key.public_key().public_bytes_raw())


@dataclass(frozen=True, slots=True)
class Verifier:
    """A name and a public key, as published in a verifier key (`name+hash+key`)."""

    name: str
    public: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        parts = text.split("+", 2)
        if len(parts) != 3:  # noqa: PLR2004 - name, hash, key
            raise NotANote("A verifier key has three parts.")
        name, hexadecimal, encoded = parts
        _check_name(name)
        try:
            stated, key = bytes.fromhex(hexadecimal), b64decode(encoded, validate=True)
        except ValueError as error:
            raise NotANote("A verifier key is hexadecimal and base64.") from error
        if len(hexadecimal) != 8 or len(key) != 33 or key[0] != ED25519:  # noqa: PLR2004 - four bytes; algorithm and 32
            raise NotANote("Only Ed25519 keys are known here.")
        if key_id(name, ED25519, key[1:]) != stated:
            raise NotANote("The hash in the verifier key is not that of its name and key.")
        return cls(name, key[1:])

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{b64encode(bytes([ED25519]) + self.public).decode()}"

    @property
    def key_id(self) -> bytes:
        return key_id(self.name, ED25519, self.public)

    def note(self, text: str, signature: bytes) -> str:
        """A text and its signature by this key as a note; whether it holds is for `holds` to say."""
        return f"{text}\n— {self.name} {b64encode(self.key_id + signature).decode()}\n"

    def holds(self, text: str, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Opened:
    """What a note says, who vouches for it, and the signatures nobody here can judge (`name+hash`)."""

    text: str
    verified: tuple[str, ...]
    unverified: tuple[str, ...]


def open_note(note: bytes, verifiers: Iterable[Verifier]) -> Opened:
    """Check a note against the keys that are known.

    Raises:
        NotANote: it has not the form of C2SP signed-note.
        Unverified: no known key signed it, or one did and its signature does not hold.
    """
    text, lines = _split(note)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    verified: dict[str, None] = {}
    unverified: dict[str, None] = {}
    for name, signature in map(_signature, lines):
        label = f"{name}+{signature[:4].hex()}"
        verifier = known.get((name, signature[:4]))
        if verifier is None:
            unverified[label] = None
        elif label not in verified:
            if not verifier.holds(text, signature[4:]):
                raise Unverified(f"The signature by {name} does not hold.")
            verified[label] = None
    if not verified:
        raise Unverified("No known key signed this note.")
    return Opened(text, tuple(verified), tuple(unverified))


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


def _signature(line: str) -> tuple[str, bytes]:
    mark, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if mark != "—":
        raise NotANote("A line of the signature block is not a signature.")
    _check_name(name)
    try:
        signature = b64decode(encoded, validate=True)
    except ValueError as error:
        raise NotANote("A signature is not base64.") from error
    if len(signature) < 5:  # noqa: PLR2004 - four bytes of key id and at least one more
        raise NotANote("A signature is too short.")
    return name, signature
