"""Verifier keys of signed notes (C2SP signed-note, Signature types): a name and a public key, and what they vouch for."""

from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from functions.ledger.cosignature import Cosignature, NotACosignature, signed_message
from functions.ledger.lines import base64, unbase64

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

_KEY_ID_DIGITS = 8
_ED25519_BYTES = 32


class NotANote(ValueError):
    """The bytes are not a signed note, or a key is not a verifier key."""


class Algorithm(IntEnum):
    """The signature types that are known here."""

    ED25519 = 0x01
    ECDSA_P256 = 0x02
    COSIGNATURE = 0x04


def check_name(name: str) -> None:
    """C2SP signed-note, Format; raises `NotANote`."""
    if not name or "+" in name or any(character.isspace() or "\ud800" <= character <= "\udfff" for character in name):
        raise NotANote("A key name is Unicode without spaces and plus signs.")


def key_id(name: str, algorithm: int, public: bytes) -> bytes:
    """The first four bytes of SHA-256(name ‖ newline ‖ algorithm ‖ key); of the SPKI alone for ECDSA (0x02)."""
    if algorithm == Algorithm.ECDSA_P256:
        return sha256(public).digest()[:4]
    return sha256(name.encode() + b"\n" + bytes([algorithm]) + public).digest()[:4]


@dataclass(frozen=True, slots=True)
class Verifier:
    """A name and a public key, as published in a verifier key (`name+hash+key`).

    The key is 32 bytes for Ed25519 and its cosignatures, a DER SPKI for P-256.
    """

    name: str
    public: bytes
    algorithm: Algorithm = Algorithm.ED25519

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `NotANote` for what is no verifier key of a known algorithm."""
        parts = text.split("+", 2)
        if len(parts) != 3:  # noqa: PLR2004 - name, hash, key
            raise NotANote("A verifier key has three parts.")
        name, hexadecimal, encoded = parts
        check_name(name)
        try:
            stated, key = bytes.fromhex(hexadecimal), unbase64(encoded)
        except ValueError as error:
            raise NotANote("A verifier key is hexadecimal and base64.") from error
        verifier = cls(name, key[1:], _algorithm(key))
        if len(hexadecimal) != _KEY_ID_DIGITS or verifier.key_id != stated:
            raise NotANote("The hash in the verifier key is not that of its name and key.")
        return verifier

    @classmethod
    def of_public_key(cls, name: str, der_spki: bytes) -> Self:
        """From the DER SPKI that KMS gives (GetPublicKey); raises `NotANote` unless it is Ed25519 or P-256."""
        from cryptography.hazmat.primitives.serialization import load_der_public_key  # noqa: PLC0415 - see `_p256`

        check_name(name)
        try:
            key = load_der_public_key(der_spki)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise NotANote("The public key cannot be read.") from error
        if isinstance(key, Ed25519PublicKey):
            return cls(name, key.public_bytes_raw())
        _p256(der_spki)
        return cls(name, der_spki, Algorithm.ECDSA_P256)

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64(bytes([self.algorithm]) + self.public)}"

    @property
    def key_id(self) -> bytes:
        return key_id(self.name, self.algorithm, self.public)

    def line(self, signature: bytes) -> str:
        """A signature by this key as a line of a note, without its newline."""
        return f"— {self.name} {base64(self.key_id + signature)}"

    def note(self, text: str, signature: bytes) -> str:
        """A text and its signature by this key as a note; whether it holds is for `holds` to say."""
        return f"{text}\n{self.line(signature)}\n"

    def holds(self, text: str, signature: bytes) -> bool:
        """Whether the signature, of whatever form, is one over the text by this key."""
        try:
            self._verify(text, signature)
        except (InvalidSignature, NotACosignature):
            return False
        return True

    def _verify(self, text: str, signature: bytes) -> None:
        match self.algorithm:
            case Algorithm.ED25519:
                Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
            case Algorithm.COSIGNATURE:
                said = Cosignature.parse(signature)
                Ed25519PublicKey.from_public_bytes(self.public).verify(said.signature, signed_message(text, said.time))
            case Algorithm.ECDSA_P256:
                _verify_p256(self.public, signature, text.encode())


def _algorithm(key: bytes) -> Algorithm:
    """The algorithm byte of an encoded key, once the rest is a key of that algorithm."""
    try:
        algorithm = Algorithm(key[0])
    except (IndexError, ValueError) as error:
        raise NotANote("Keys of this algorithm are not known here.") from error
    match algorithm:
        case Algorithm.ED25519 | Algorithm.COSIGNATURE:
            if len(key) != 1 + _ED25519_BYTES:
                raise NotANote("An Ed25519 key has 32 bytes.")
        case Algorithm.ECDSA_P256:
            _p256(key[1:])
    return algorithm


def _p256(der_spki: bytes) -> "EllipticCurvePublicKey":
    """The point of a DER SPKI in the one encoding it has with KMS, uncompressed; raises `NotANote`."""
    # 8 ms of import that requests, which only ever meet Ed25519, must not pay.
    from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415 - P-256 alone needs it
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - P-256 alone needs it

    try:
        key = form.load_der_public_key(der_spki)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise NotANote("The public key cannot be read.") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise NotANote("Of ECDSA keys only P-256 is known here.")
    if key.public_bytes(form.Encoding.DER, form.PublicFormat.SubjectPublicKeyInfo) != der_spki:
        raise NotANote("The public key is not in its canonical encoding.")
    return key


def _verify_p256(der_spki: bytes, signature: bytes, message: bytes) -> None:
    """A DER signature over SHA-256 (C2SP signed-note, 0x02); raises `InvalidSignature`."""
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA  # noqa: PLC0415 - see `_p256`
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - P-256 alone needs it

    _p256(der_spki).verify(signature, message, ECDSA(SHA256()))
