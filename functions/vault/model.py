"""Keys and what is made with them: pseudonyms, lookups, sealed personal data, the tokens of a browser.

Everything of a tenant hangs on one random root key of 256 bits, which KMS wraps. Each use has a key of its own,
HKDF-SHA256(root, use), so that no use can stand in for another. Each data subject has a random key of their own, wrapped
by the tenant's; without it nothing that was sealed for them can be opened by anybody.
"""

import hmac
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from functions.errors import Unauthenticated
from functions.ids import SubjectId, TenantId

NONCE = 12


class CannotOpen(ValueError):
    """The key is not the one it was sealed with, or the bytes or what they belong to were changed."""


def base64url(raw: bytes) -> str:
    """Without padding, as in RFC 7515, appendix C."""
    return urlsafe_b64encode(raw).decode().rstrip("=")


def from_base64url(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def derive(key: bytes, use: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=f"consentinel/{use}".encode()).derive(key)


def encrypt(key: bytes, plaintext: bytes, *, about: bytes) -> bytes:
    """AES-256-GCM under a fresh nonce, which stands in front."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, about)


def decrypt(key: bytes, sealed: bytes, *, about: bytes) -> bytes:
    """Raises `CannotOpen`."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], about)
    except (InvalidTag, ValueError) as error:
        raise CannotOpen("It was sealed with another key, or changed since.") from error


def new_subject_id() -> SubjectId:
    return SubjectId(base64url(os.urandom(16)))


@dataclass(frozen=True, slots=True)
class Subject:
    """A data subject with the key that opens what is sealed for them."""

    id: SubjectId
    key: bytes

    def seal(self, personal: dict[str, Any], *, leaf_hash: bytes) -> bytes:
        """Personal data as ciphertext that belongs to one leaf and opens for no other."""
        return encrypt(derive(self.key, "seal/1"), rfc8785.dumps(personal), about=leaf_hash)

    def open(self, sealed: bytes, *, leaf_hash: bytes) -> dict[str, Any]:
        """Raises `CannotOpen`."""
        opened: dict[str, Any] = json.loads(decrypt(derive(self.key, "seal/1"), sealed, about=leaf_hash))
        return opened

    def salt(self, record: str) -> bytes:
        return derive(self.key, f"salt/1/{record}")

    def commitment(self, personal: dict[str, Any], *, record: str) -> str:
        """HMAC-SHA256 that binds a leaf to its personal data and tells nothing of it while the salt is unknown."""
        return base64url(hmac.digest(self.salt(record), b"consentinel/pii/1\n" + rfc8785.dumps(personal), "sha256"))


@dataclass(frozen=True)
class TenantKeys:
    """The tenant's root key, unwrapped, and the keys for each use of it."""

    tenant: TenantId
    root: bytes

    @cached_property
    def _pseudonym(self) -> bytes:
        return derive(self.root, "pseudonym/1")

    @cached_property
    def _lookup(self) -> bytes:
        return derive(self.root, "lookup/1")

    @cached_property
    def _token(self) -> bytes:
        return derive(self.root, "subject-token/1")

    @cached_property
    def _wrap(self) -> bytes:
        return derive(self.root, "wrap/1")

    @cached_property
    def receipt_key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(derive(self.root, "receipt/1"))

    def log_id(self, year: int) -> str:
        """The name of a year's log: looks random from outside, is the same on every call."""
        return hmac.digest(derive(self.root, "log/1"), str(year).encode(), "sha256")[:16].hex()

    def pseudonym(self, secret: str) -> SubjectId:
        """The subject of a browser that has no token yet: retries and races arrive at the same one, and nobody else does.

        Nothing that is shown to anybody, such as the id of an act, may take the secret's place.
        """
        return SubjectId(base64url(hmac.digest(self._pseudonym, secret.encode(), "sha256")[:16]))

    def lookup(self, kind: str, value: str) -> str:
        """A keyed hash to find by; nobody without the key can try values."""
        return base64url(hmac.digest(self._lookup, f"{kind}\n{value}".encode(), "sha256")[:24])

    def wrap(self, key: bytes, *, about: str) -> bytes:
        return encrypt(self._wrap, key, about=about.encode())

    def unwrap(self, wrapped: bytes, *, about: str) -> bytes:
        """Raises `CannotOpen`."""
        return decrypt(self._wrap, wrapped, about=about.encode())

    def subject_token(self, subject: SubjectId) -> str:
        """What this browser shows to add to, read and withdraw its own records; a subject id alone allows nothing."""
        return f"st1.{subject}.{base64url(self._token_mac(subject))}"

    def subject_of(self, token: str) -> SubjectId:
        """Raises `Unauthenticated`."""
        kind, _, rest = token.partition(".")
        subject, _, mac = rest.partition(".")
        if kind != "st1" or not SubjectId.pattern.fullmatch(subject):
            raise Unauthenticated("That is not a subject token.")
        if not hmac.compare_digest(mac.encode(), base64url(self._token_mac(SubjectId(subject))).encode()):
            raise Unauthenticated("That subject token is not valid here.")
        return SubjectId(subject)

    def _token_mac(self, subject: SubjectId) -> bytes:
        return hmac.digest(self._token, f"{self.tenant}\n{subject}".encode(), sha256)[:24]
