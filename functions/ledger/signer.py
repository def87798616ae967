"""The port by which checkpoints are signed, and KMS behind it."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from functions.ledger.note import Verifier

if TYPE_CHECKING:
    from mypy_boto3_kms.client import KMSClient
    from mypy_boto3_kms.literals import SigningAlgorithmSpecType

# What a note can carry: Ed25519 over the message itself, or ECDSA P-256 over its SHA-256.
ALGORITHMS: "tuple[SigningAlgorithmSpecType, ...]" = ("ED25519_SHA_512", "ECDSA_SHA_256")


class CheckpointSigner(Protocol):
    """Signs the text of a checkpoint as one log."""

    @property
    def verifier(self) -> Verifier: ...
    def sign(self, text: str) -> str: ...


@dataclass(frozen=True)
class KmsKey:
    """A signing key in KMS, Ed25519 or P-256; what it is, KMS is asked once."""

    client: "KMSClient"
    key: str

    @cached_property
    def _public(self) -> tuple[bytes, "SigningAlgorithmSpecType"]:
        answer = self.client.get_public_key(KeyId=self.key)
        return answer["PublicKey"], next(one for one in ALGORITHMS if one in answer["SigningAlgorithms"])

    @property
    def spki(self) -> bytes:
        """The public key, DER of a SubjectPublicKeyInfo (RFC 5280, 4.1)."""
        return self._public[0]

    def sign(self, message: bytes) -> bytes:
        """Ed25519 (RFC 8032), or ECDSA over SHA-256 in DER."""
        answer = self.client.sign(KeyId=self.key, Message=message, MessageType="RAW", SigningAlgorithm=self._public[1])
        return answer["Signature"]


@dataclass(frozen=True, slots=True)
class KmsSigner:
    """One log's name on the platform's key."""

    origin: str
    key: KmsKey

    @property
    def verifier(self) -> Verifier:
        return Verifier.of_public_key(self.origin, self.key.spki)

    def sign(self, text: str) -> str:
        """The signed note (C2SP signed-note)."""
        return self.verifier.note(text, self.key.sign(text.encode()))
