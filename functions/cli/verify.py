"""Checks a consent receipt or a dispute pack offline and says in words what is proven and what is not.

It is one file, needs Python 3.11 and the package `cryptography`, asks no network and trusts nobody:

    python verify.py FILE [--key VKEY …] [--checkpoint FILE] [--consistency FILE] [--authority CERT.pem …] [--json]

Exit 0: everything that is there holds. 1: something does not hold, or could not be proven although it was asked for.
2: it is not a receipt or pack, or cannot be read. docs/reference/receipts.md lists what is checked.
"""

import argparse
import binascii
import hmac
import json
import re
import struct
import sys
import warnings
import zlib
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha1, sha256
from pathlib import Path
from typing import Any, Never, Self

try:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import ExtendedKeyUsageOID
except ImportError as missing:
    sys.stderr.write("verify.py needs the package cryptography: python -m pip install cryptography\n")
    raise SystemExit(2) from missing

# What has been parsed and not looked at yet.
Json = dict[str, Any] | list[Any] | str | int | bool | None

RECEIPT = "consentinel/receipt/v1"
PACK = "consentinel/dispute-pack/v1"
PROOF = "c2sp.org/tlog-proof@v1"

MAX_FILE = 50_000_000
MAX_ENTRY = 20_000_000
MAX_UNPACKED = 100_000_000
MAX_ENTRIES = 5_000
MAX_DEPTH = 32
MAX_LEAF = 1_024
MAX_NOTE = 1_000_000
MAX_LINES = 100
MAX_ANCHORS = 100
EXACT = 2**53 - 1  # RFC 8785: the largest whole number that every reader has exactly

MERGE_DELAY = timedelta(seconds=60)
AHEAD = timedelta(seconds=6)  # five seconds of clocks, and what whole seconds leave out

# A name or number of the document in a message is never longer than this.
QUOTED = 120


class Unreadable(ValueError):
    """It is not a receipt or a pack, or what was brought along cannot be read; exit 2."""


class Fails(ValueError):
    """Something that is there does not hold; exit 1."""


class Standing(StrEnum):
    """How a thing that was looked at stands."""

    HOLDS = "holds"
    FAILS = "fails"
    UNPROVEN = "unproven"  # asked for, and not to be had from what is there
    OPEN = "open"  # true or not: this file cannot tell, and need not


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found at one check, in words; `record` is the id in a pack, else empty."""

    check: str
    standing: Standing
    words: str
    record: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything that was found, and what the records say (a line of label and value each)."""

    findings: tuple[Finding, ...]
    records: tuple[tuple[tuple[str, str], ...], ...] = ()
    readable: bool = True

    @property
    def exit_code(self) -> int:
        if not self.readable:
            return 2
        return int(any(finding.standing in {Standing.FAILS, Standing.UNPROVEN} for finding in self.findings))

    def to_json(self) -> dict[str, Any]:
        findings = [
            {"check": one.check, "standing": one.standing.value, "words": one.words}
            | ({"record": one.record} if one.record else {})
            for one in self.findings
        ]
        return {"exit": self.exit_code, "findings": findings, "records": [dict(record) for record in self.records]}

    def text(self) -> str:
        return "\n".join(_lines_of(self)) + "\n"


@dataclass(slots=True)
class Findings:
    """Findings as they are made."""

    made: list[Finding] = field(default_factory=list)

    def add(self, check: str, standing: Standing, words: str) -> None:
        self.made.append(Finding(check, standing, words))

    @contextmanager
    def checking(self, check: str) -> Iterator[None]:
        """What fails inside becomes a finding, and the other checks go on."""
        try:
            yield
        except Fails as error:
            self.add(check, Standing.FAILS, str(error))

    def has(self, check: str, standing: Standing) -> bool:
        return any(finding.check == check and finding.standing is standing for finding in self.made)


# JSON and its canonical form


def parse_json(raw: bytes) -> Json:
    """Strictly: UTF-8, no member twice, whole numbers of at most 53 bits, no half surrogates; raises `Unreadable`."""
    try:
        value: Json = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_refused_number,
            parse_float=_refused_number,
            parse_int=_integer,
        )
    except UnicodeDecodeError as error:
        raise Unreadable("It is not UTF-8 text.") from error
    except RecursionError as error:
        raise Unreadable("It is nested too deeply.") from error
    except json.JSONDecodeError as error:
        raise Unreadable("It is not JSON.") from error
    _check_value(value, MAX_DEPTH)
    return value


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(members)
    if len(result) != len(members):
        raise Unreadable("It has the same member twice.")
    return result


def _refused_number(_text: str) -> Never:
    raise Unreadable("It holds a number that is not whole.")


def _integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > EXACT:  # noqa: PLR2004 - a sign and sixteen digits
        raise Unreadable("It holds a number beyond 53 bits.")
    return int(text)


def _check_value(value: Json, left: int) -> None:
    if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
        raise Unreadable("It holds half of a surrogate pair.")
    if isinstance(value, dict | list):
        if left == 0:
            raise Unreadable("It is nested too deeply.")
        for inner in (*value.keys(), *value.values()) if isinstance(value, dict) else value:
            _check_value(inner, left - 1)


def canonical(value: Json) -> bytes:
    """RFC 8785 for texts, truth values, whole numbers, lists and objects; raises `Unreadable` for anything else."""
    return _canonical(value).encode()


def _canonical(value: Json) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return json.dumps(value, ensure_ascii=False)
        case list():
            return "[" + ",".join(map(_canonical, value)) + "]"
        case dict():
            # RFC 8785, 3.2.3: members in the order of their UTF-16 code units
            names = sorted(value, key=lambda name: name.encode("utf-16-be"))
            return "{" + ",".join(f"{_canonical(name)}:{_canonical(value[name])}" for name in names) + "}"
        case _:
            raise Unreadable("It holds a null where only texts, whole numbers and truth values may be.")


def from_base64(text: str, what: str) -> bytes:
    """The one spelling of RFC 4648, 4, with its padding; raises `Fails`."""
    if len(text) > MAX_NOTE:
        raise Fails(f"{what} is too long.")
    try:
        raw = b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise Fails(f"{what} is not base64.") from error
    if b64encode(raw).decode() != text:
        raise Fails(f"{what} is not base64 as it must be spelt.")
    return raw


def from_base64_hash(text: str, what: str) -> bytes:
    raw = from_base64(text, what)
    if len(raw) != 32:  # noqa: PLR2004 - SHA-256
        raise Fails(f"{what} is not a hash of 32 bytes.")
    return raw


# Keys and signed notes (C2SP signed-note)

ED25519, P256, WITNESS = 1, 2, 4
P256_SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
KEY_LENGTHS = {ED25519: 32, WITNESS: 32, P256: len(P256_SPKI) + 64}
SPACE = re.compile(r"[\s\x1c-\x1f\x85\ufeff]")


def _named(name: str) -> str:
    if not name or "+" in name or SPACE.search(name):
        raise Fails("The name of a key is empty, or has a space or a plus sign in it.")
    return name


@dataclass(frozen=True, slots=True)
class Key:
    """A verifier key: Ed25519 (0x01), ECDSA P-256 with SHA-256 (0x02), or that of a witness (0x04)."""

    name: str
    algorithm: int
    public: bytes
    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        name, hexadecimal, encoded = ([*text.split("+", 2), "", ""])[:3]
        raw = from_base64(encoded, "A verifier key")
        if not raw or KEY_LENGTHS.get(raw[0]) != len(raw) - 1:
            raise Fails("A verifier key is of an unknown kind, or has the wrong length.")
        key = cls(_named(name), raw[0], raw[1:], text)
        if key.algorithm == P256 and not key.public.startswith(P256_SPKI):
            raise Fails("A verifier key is not one of P-256.")
        if hexadecimal != key.id.hex():
            raise Fails("The hash in a verifier key is not that of its name and key.")
        return key

    @property
    def id(self) -> bytes:
        """C2SP signed-note: of an ECDSA key, that of its SPKI alone."""
        named = b"" if self.algorithm == P256 else self.name.encode() + b"\n" + bytes([self.algorithm])
        return sha256(named + self.public).digest()[:4]

    def holds(self, text: str, signature: bytes) -> bool:
        try:
            self._verify(text.encode(), signature)
        except (InvalidSignature, ValueError):
            return False
        return True

    def _verify(self, text: bytes, signature: bytes) -> None:
        if self.algorithm == P256:
            point = self.public[len(P256_SPKI) - 1 :]
            public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
            public.verify(signature, text, ec.ECDSA(hashes.SHA256()))
            return
        if self.algorithm == WITNESS:  # C2SP tlog-cosignature: eight bytes of time, and a signature over time and text
            time, signature = int.from_bytes(signature[:8]), signature[8:]
            text = b"cosignature/v1\ntime %d\n" % time + text
        Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)


def open_note(note: str, keys: Sequence[Key]) -> tuple[str, list[Key]]:
    """The text of a note and the keys that signed it; raises `Fails` when none did, or one of theirs does not hold."""
    text, lines = _split_note(note)
    verified: list[Key] = []
    for name, signature in map(_signature, lines):
        key = next((one for one in keys if (one.name, one.id) == (name, signature[:4])), None)
        if key is None or key in verified:
            continue
        if not key.holds(text, signature[4:]):
            raise Fails(f"The signature by {shown(name)} does not hold.")
        verified.append(key)
    if not verified:
        raise Fails("None of the known keys has signed it.")
    return text, verified


def _split_note(note: str) -> tuple[str, list[str]]:
    if len(note.encode()) > MAX_NOTE or any(character < " " and character != "\n" for character in note):
        raise Fails("It is not a signed note: too long, or with control characters in it.")
    text, separator, block = note.rpartition("\n\n")
    lines = block.split("\n")[:-1]
    if not separator or not block.endswith("\n") or len(lines) > MAX_LINES:
        raise Fails("It is not a signed note: the block of signatures is missing.")
    return text + "\n", lines


def _signature(line: str) -> tuple[str, bytes]:
    mark, name, encoded = ([*line.split(" ", 2), "", ""])[:3]
    signature = from_base64(encoded, "A signature")
    if mark != "—" or len(signature) < 5:  # noqa: PLR2004 - four bytes of key id, and one at least
        raise Fails("A line of a signed note is not a signature.")
    return _named(name), signature


# The tree (RFC 9162, 2.1)

EMPTY_ROOT = sha256(b"").digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def root_by_inclusion(index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes:
    """RFC 9162, 2.1.3.2; raises `Fails` when the path has not the length that it must have."""
    if index >= size:
        raise Fails("The record would lie outside the log.")
    first, second, node = index, size - 1, leaf
    for sibling in path:
        if second == 0:
            raise Fails("The proof is longer than the log is high.")
        if first & 1 or first == second:
            node = node_hash(sibling, node)
            while first and not first & 1:
                first, second = first >> 1, second >> 1
        else:
            node = node_hash(node, sibling)
        first, second = first >> 1, second >> 1
    if second:
        raise Fails("The proof is shorter than the log is high.")
    return node


def check_consistency(one: "Checkpoint", other: "Checkpoint", path: Sequence[bytes]) -> None:
    """That the smaller tree is the beginning of the larger (RFC 9162, 2.1.4.2); raises `Fails`."""
    old, new = (one, other) if one.size <= other.size else (other, one)
    if old.size in {0, new.size}:
        if path:
            raise Fails("There is nothing to join, and yet a proof of consistency.")
        if old.root != (EMPTY_ROOT if old.size == 0 else new.root):
            raise Fails("Two checkpoints of one size have different roots: there are two logs of one name.")
        return
    _join(old, new, path)


def _join(old: "Checkpoint", new: "Checkpoint", path: Sequence[bytes]) -> None:
    whole = [old.root, *path] if old.size & (old.size - 1) == 0 else [*path]
    if not whole:
        raise Fails("There is no proof of consistency.")
    first, second = old.size - 1, new.size - 1
    while first & 1:
        first, second = first >> 1, second >> 1
    earlier = later = whole[0]
    for sibling in whole[1:]:
        if second == 0:
            raise Fails("The proof of consistency is too long.")
        if first & 1 or first == second:
            earlier, later = node_hash(sibling, earlier), node_hash(sibling, later)
            while first and not first & 1:
                first, second = first >> 1, second >> 1
        else:
            later = node_hash(later, sibling)
        first, second = first >> 1, second >> 1
    if second or earlier != old.root or later != new.root:
        raise Fails("The proof of consistency does not join the two checkpoints: one is not the beginning of the other.")


# Checkpoints (C2SP tlog-checkpoint) and proofs (C2SP tlog-proof)


def decimal(text: str, what: str) -> int:
    if not re.fullmatch(r"0|[1-9][0-9]{0,15}", text) or int(text) > EXACT:
        raise Fails(f"{what} is not a whole number.")
    return int(text)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log said of itself; `at` is when it was signed, where it says so."""

    origin: str
    size: int
    root: bytes
    at: datetime | None

    @classmethod
    def parse(cls, text: str) -> Self:
        lines = text.split("\n")[:-1]
        if len(lines) < 3 or not all(lines):  # noqa: PLR2004 - origin, size, root
            raise Fails("A checkpoint has not the three lines it needs, or an empty one.")
        times = [line for line in lines[3:] if line.startswith("time ")]
        if len(times) > 1:
            raise Fails("A checkpoint tells two times.")
        at = from_seconds(decimal(times[0][5:], "The time of a checkpoint")) if times else None
        return cls(lines[0], decimal(lines[1], "The size of a checkpoint"), from_base64_hash(lines[2], "A root"), at)


@dataclass(frozen=True, slots=True)
class Proof:
    """Where a record stands in a log, and the path from it to the checkpoint's root."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    late: bool

    @classmethod
    def parse(cls, text: str) -> Self:
        head, separator, checkpoint = text.partition("\n\n")
        lines = head.split("\n")
        if not separator or lines.pop(0) != PROOF or len(lines) > MAX_LINES:
            raise Fails("It is not a tlog-proof.")
        extra = lines.pop(0)[6:] if lines and lines[0].startswith("extra ") else None
        if not lines or not lines[0].startswith("index "):
            raise Fails("The proof does not say where the record stands.")
        index = decimal(lines.pop(0)[6:], "The record's place in the log")
        path = tuple(from_base64_hash(line, "A hash of the proof") for line in lines)
        return cls(index, path, checkpoint, extra is not None and _says_late(extra))


def _says_late(extra: str) -> bool:
    try:
        said = parse_json(from_base64(extra, "The extra line of the proof"))
    except Unreadable as error:
        raise Fails("The extra line of the proof cannot be read.") from error
    return isinstance(said, dict) and said.get("late") is True


def signed_checkpoint(note: str, origin: str, key: Key, witnesses: Sequence[Key] = ()) -> tuple[Checkpoint, list[Key]]:
    """A log's checkpoint and who signed it; raises `Fails` unless the log itself did, under its own name."""
    text, verified = open_note(note, [key, *witnesses])
    checkpoint = Checkpoint.parse(text)
    if checkpoint.origin != origin:
        raise Fails(f"The checkpoint is of another log: {shown(checkpoint.origin)}.")
    if key.name != origin or key.algorithm == WITNESS or key not in verified:
        raise Fails("The checkpoint is not signed by the log itself.")
    return checkpoint, verified


# Time-stamp tokens (RFC 3161, in CMS: RFC 5652)


@dataclass(frozen=True, slots=True)
class Der:
    """One element of DER: its tag, its content, and all of its bytes."""

    tag: int
    content: bytes
    raw: bytes

    @classmethod
    def only(cls, raw: bytes, tag: int) -> Self:
        element, end = cls._at(raw, 0)
        if end != len(raw) or element.tag != tag:
            raise Fails("The time-stamp is not what RFC 3161 prescribes.")
        return element

    @classmethod
    def _at(cls, raw: bytes, at: int) -> tuple[Self, int]:
        """Definite lengths in the fewest bytes, and tags of one byte."""
        if len(raw) < at + 2 or raw[at] & 0x1F == 0x1F:  # noqa: PLR2004 - a tag of several bytes
            raise Fails("The time-stamp is not DER.")
        length, start = raw[at + 1], at + 2
        if length > 0x7F:  # noqa: PLR2004 - the long form
            count, start = length & 0x7F, start + (length & 0x7F)
            length = int.from_bytes(raw[at + 2 : start])
            if not 1 <= count <= 4 or len(raw) < start or length < max(0x80, 1 << 8 * (count - 1)):  # noqa: PLR2004 - X.690
                raise Fails("The time-stamp is not DER.")
        end = start + length
        if len(raw) < end:
            raise Fails("The time-stamp is cut off.")
        return cls(raw[at], raw[start:end], raw[at:end]), end

    def inside(self) -> list["Der"]:
        found: list[Der] = []
        at = 0
        while at < len(self.content):
            element, at = self._at(self.content, at)
            found.append(element)
        return found


SEQUENCE, SET, OID, OCTETS, INTEGER, TIME, NULL = 0x30, 0x31, 0x06, 0x04, 0x02, 0x18, 0x05
SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
TST_INFO = bytes.fromhex("2a864886f70d0109100104")
CONTENT_TYPE = bytes.fromhex("2a864886f70d010903")
SIGNING_CERTIFICATE = bytes.fromhex("2a864886f70d010910020c")
SIGNING_CERTIFICATE_V2 = bytes.fromhex("2a864886f70d010910022f")
MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")
RSA_PSS = bytes.fromhex("2a864886f70d01010a")
DIGESTS: dict[bytes, hashes.HashAlgorithm] = {
    bytes.fromhex("608648016503040201"): hashes.SHA256(),
    bytes.fromhex("608648016503040202"): hashes.SHA384(),
    bytes.fromhex("608648016503040203"): hashes.SHA512(),
}
SHA_256 = next(iter(DIGESTS))


@dataclass(frozen=True, slots=True)
class Signer:
    """The one SignerInfo of a token."""

    issuer: bytes
    serial: int
    digest: hashes.HashAlgorithm
    signed: bytes
    attributes: dict[bytes, bytes]
    pss: bool
    signature: bytes


@dataclass(frozen=True, slots=True)
class Token:
    """A time-stamp as it was read; nothing in it is proven until `signed_under` says so."""

    imprint: bytes
    at: datetime
    info: bytes
    certificates: tuple[bytes, ...]
    signer: Signer

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """From a TimeStampResp or the TimeStampToken in it; raises `Fails`."""
        try:
            return cls._of(Der.only(raw, SEQUENCE))
        except (IndexError, StopIteration, ValueError) as error:
            raise error if isinstance(error, Fails) else Fails("The time-stamp is not what RFC 3161 prescribes.") from error

    @classmethod
    def _of(cls, whole: Der) -> Self:
        parts = whole.inside()
        if parts[0].tag == SEQUENCE:  # a response: PKIStatusInfo, TimeStampToken
            if parts[0].inside()[0].content not in {b"\0", b"\1"}:
                raise Fails("The authority did not grant the time-stamp.")
            parts = parts[1].inside()
        if parts[0].content != SIGNED_DATA:
            raise Fails("The time-stamp is not signed data.")
        signed = Der.only(parts[1].content, SEQUENCE).inside()
        kind, wrapped = signed[2].inside()
        if kind.content != TST_INFO:
            raise Fails("The signed data is not a time-stamp.")
        info = Der.only(wrapped.content, OCTETS).content
        imprint, at = _tst_info(info)
        certificates = next((part.inside() for part in signed[3:] if part.tag == 0xA0), [])  # noqa: PLR2004 - [0]
        signers = signed[-1].inside()
        if signed[-1].tag != SET or len(signers) != 1:
            raise Fails("The time-stamp has not exactly one signer.")
        return cls(imprint, at, info, tuple(one.raw for one in certificates), _signer(signers[0]))

    def signed_under(self, authorities: Sequence[x509.Certificate]) -> None:
        """That one of these authorities answers for it; raises `Fails`."""
        attributes, digest = self.signer.attributes, hashed(self.info, self.signer.digest)
        if attributes.get(CONTENT_TYPE) != TST_INFO or attributes.get(MESSAGE_DIGEST) != digest:
            raise Fails("What the authority signed is not this time-stamp.")
        with warnings.catch_warnings(action="ignore"):  # an odd certificate is refused or not, and not remarked upon
            certificate = self._certificate(authorities)
            _check_signature(certificate, self.signer)
            _check_chain(certificate, authorities, self._loaded(), self.at)
            _check_named(certificate, attributes)

    def _loaded(self) -> list[x509.Certificate]:
        return [x509.load_der_x509_certificate(raw) for raw in self.certificates]

    def _certificate(self, authorities: Sequence[x509.Certificate]) -> x509.Certificate:
        wanted = (self.signer.serial, self.signer.issuer)
        try:
            for one in (*self._loaded(), *authorities):
                if (one.serial_number, one.issuer.public_bytes()) == wanted:
                    return one
        except (ValueError, x509.InvalidVersion) as error:
            raise Fails("A certificate in the time-stamp cannot be read.") from error
        raise Fails("The certificate of the time-stamp's signer is missing.")


def _tst_info(raw: bytes) -> tuple[bytes, datetime]:
    """RFC 3161, 2.4.2: the imprint and the time."""
    parts = Der.only(raw, SEQUENCE).inside()
    algorithm, imprint = parts[2].inside()
    if algorithm.inside()[0].content != SHA_256:
        raise Fails("The time-stamp is not over a SHA-256.")
    at = parts[4]
    if at.tag != TIME or not re.fullmatch(rb"[0-9]{14}(\.[0-9]+)?Z", at.content):
        raise Fails("The time-stamp tells no time.")
    return imprint.content, datetime.strptime(at.content[:14].decode(), "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def _signer(raw: Der) -> Signer:
    """RFC 5652, 5.3, by issuer and serial number, with signed attributes, as RFC 3161 demands them."""
    _, identifier, digest, attributes, algorithm, signature, *_ = raw.inside()
    issuer, serial = identifier.inside()
    known = DIGESTS.get(digest.inside()[0].content)
    if known is None or attributes.tag != 0xA0:  # noqa: PLR2004 - [0]
        raise Fails("The time-stamp is signed in a way that is not known here.")
    pss = algorithm.inside()[0].content == RSA_PSS
    return Signer(
        issuer=issuer.raw,
        serial=int.from_bytes(serial.content, signed=True),
        digest=known,
        signed=bytes([SET]) + attributes.raw[1:],  # RFC 5652, 5.4: as a SET, though it stands there as [0]
        attributes=_attributes(attributes),
        pss=pss,
        signature=signature.content,
    )


def _attributes(raw: Der) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for attribute in raw.inside():
        kind, values = attribute.inside()
        if kind.content in found:
            raise Fails("A signed attribute of the time-stamp stands there twice.")
        found[kind.content] = values.inside()[0].content
    return found


def _check_named(certificate: x509.Certificate, attributes: dict[bytes, bytes]) -> None:
    """That the signer named this very certificate (RFC 3161, 2.4.2, and RFC 5816), and not another of its key."""
    raw = certificate.public_bytes(Encoding.DER)
    newer, older = attributes.get(SIGNING_CERTIFICATE_V2), attributes.get(SIGNING_CERTIFICATE)
    try:
        first = [Der(SEQUENCE, named, named).inside()[0].inside()[0].inside() for named in (newer, older) if named is not None]
        right = [_hashed_as(parts, raw, newer=newer is not None and number == 0) for number, parts in enumerate(first)]
    except (IndexError, StopIteration) as error:
        raise Fails("The time-stamp is not what RFC 3161 prescribes.") from error
    if not right or not all(right):
        raise Fails("The time-stamp does not name the certificate of its signer.")


def _hashed_as(parts: Sequence[Der], raw: bytes, *, newer: bool) -> bool:
    """RFC 5035, 3 and 4: the first names SHA-1 and cannot name another; the second has SHA-256 unless it says otherwise."""
    named = next(part.content for part in parts if part.tag == OCTETS)
    if not newer:
        return named == sha1(raw, usedforsecurity=False).digest()
    algorithm = DIGESTS.get(parts[0].inside()[0].content) if parts[0].tag == SEQUENCE else hashes.SHA256()
    return algorithm is not None and hashed(raw, algorithm) == named


def hashed(raw: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
    hasher = hashes.Hash(algorithm)
    hasher.update(raw)
    return hasher.finalize()


def _check_signature(certificate: x509.Certificate, signer: Signer) -> None:
    try:
        _verify_by(certificate.public_key(), signer)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError) as error:
        raise Fails("The authority's signature does not hold, or is of a kind that is not known here.") from error


def _verify_by(key: object, signer: Signer) -> None:
    if isinstance(key, rsa.RSAPublicKey):
        pss = padding.PSS(padding.MGF1(signer.digest), padding.PSS.DIGEST_LENGTH)
        key.verify(signer.signature, signer.signed, pss if signer.pss else padding.PKCS1v15(), signer.digest)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signer.signature, signer.signed, ec.ECDSA(signer.digest))
    else:
        raise UnsupportedAlgorithm("neither RSA nor ECDSA")


def _check_chain(
    certificate: x509.Certificate, authorities: Sequence[x509.Certificate], others: Sequence[x509.Certificate], at: datetime
) -> None:
    """From the signer up to an authority that was brought, all valid when it signed; raises `Fails`."""
    if not _may_time_stamp(certificate):
        raise Fails("The certificate of the time-stamp's signer is not one for time-stamping.")
    current = certificate
    for below in range(8):
        if not current.not_valid_before_utc <= at <= current.not_valid_after_utc:
            raise Fails("A certificate was not valid when the time-stamp was made.")
        if current in authorities:
            return
        above = next((one for one in [*authorities, *others] if _issued(current, one, below)), None)
        if above is None:
            break
        current = above
    raise Fails("The time-stamp was not made under the authority whose certificate you brought.")


def _may_time_stamp(certificate: x509.Certificate) -> bool:
    """RFC 3161, 2.3: for time-stamping alone, and critically so."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return False
    return usage.critical and list(usage.value) == [ExtendedKeyUsageOID.TIME_STAMPING]


def _issued(certificate: x509.Certificate, issuer: x509.Certificate, below: int) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
        limits = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    except (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return False
    return limits.ca and (limits.path_length is None or below <= limits.path_length)


# A receipt

RENDERING = (
    "The part of the file called receipt says the record in other words and was not compared with it: the record counts."
)


@dataclass(frozen=True, slots=True)
class Brought:
    """What the person who checks has from elsewhere."""

    keys: tuple[Key, ...] = ()
    checkpoint: str | None = None
    consistency: tuple[bytes, ...] | None = None
    authorities: tuple[x509.Certificate, ...] = ()

    def named(self, name: str) -> list[Key]:
        return [key for key in self.keys if key.name == name]

    @property
    def witnesses(self) -> list[Key]:
        return [key for key in self.keys if key.algorithm == WITNESS]


@dataclass(frozen=True, slots=True)
class Anchor:
    kind: str
    checkpoint: str
    token: str
    consistency: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """The document, with the right members of the right types, and a leaf that is canonical; nothing in it is believed."""

    leaf: bytes
    says: dict[str, Any]
    leaf_hash: str
    note: str
    proof: str | None
    keys: dict[str, str]
    anchors: tuple[Anchor, ...]
    opening: dict[str, Any] | None

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """Raises `Unreadable`."""
        document = parse_json(raw)
        if not isinstance(document, dict) or document.get("format") != RECEIPT:
            raise Unreadable(_why_not_a_receipt(document))
        members = {"format", "receipt", "leaf", "leaf_hash", "note", "proof", "keys", "anchors"}
        _members(document, members, frozenset({"opening"}))
        texts = _texts(document, "leaf", "leaf_hash", "note")
        if document["proof"] is not None:
            _texts(document, "proof")
        if not isinstance(document["anchors"], list) or len(document["anchors"]) > MAX_ANCHORS:
            raise Unreadable("The receipt's anchors are not a list, or are too many.")
        leaf = texts["leaf"].encode()
        return cls(
            leaf=leaf,
            says=_leaf(leaf),
            leaf_hash=texts["leaf_hash"],
            note=texts["note"],
            proof=document["proof"],
            keys=_keys(document["keys"], proven=document["proof"] is not None),
            anchors=tuple(map(_anchor, document["anchors"])),
            opening=_opening(document["opening"]) if "opening" in document else None,
        )

    @property
    def at(self) -> datetime:
        return from_ms(self.says["at"])


def _why_not_a_receipt(document: Json) -> str:
    if isinstance(document, dict) and {"leaf", "leaf_hash", "note", "merge_delay_s"} <= document.keys():
        return "This is the promise that the browser got. Fetch the receipt of this record, and check that."
    return "This is not a consent receipt."


def _members(value: Json, needed: set[str], allowed: frozenset[str] = frozenset()) -> dict[str, Any]:
    if not isinstance(value, dict) or not needed <= value.keys() <= needed | allowed:
        raise Unreadable("The receipt has not the members that it must have, or further ones.")
    return value


def _texts(value: dict[str, Any], *names: str) -> dict[str, str]:
    if not all(isinstance(value[name], str) for name in names):
        raise Unreadable("A member of the receipt is not a text.")
    return {name: value[name] for name in names}


def _leaf(leaf: bytes) -> dict[str, Any]:
    if len(leaf) > MAX_LEAF:
        raise Unreadable(f"The record is longer than {MAX_LEAF} bytes.")
    says = parse_json(leaf)
    if not isinstance(says, dict) or canonical(says) != leaf:
        raise Unreadable("The record is not canonical JSON (RFC 8785).")
    if not all(isinstance(says.get(name), str) for name in ("typ", "log", "id")):
        raise Unreadable("The record does not say what it is, in which log, under which id.")
    at = says.get("at")
    if not isinstance(at, int) or isinstance(at, bool) or not 0 <= at < 10**14:
        raise Unreadable("The record does not say when it was made.")
    if not _told_members(says):
        raise Unreadable("A member of the record is not of the type that it must be.")
    return says


TEXTS = ("act", "sec", "site", "sid", "idv", "sub", "prev", "pii")
OBJECTS = ("pol", "cfg", "cat", "ui")


def _told_members(says: dict[str, Any]) -> bool:
    """That what will be shown is of the type it is shown as; what a kind of record does not have may be missing."""
    named = [inner for inner in (says.get("pol"), says.get("cfg")) if isinstance(inner, dict)]
    return (
        all(isinstance(says.get(name, ""), str) for name in TEXTS)
        and all(isinstance(says.get(name, {}), dict) for name in OBJECTS)
        and all(isinstance(inner.get("sha256", ""), str) for inner in named)
    )


def _keys(value: Json, *, proven: bool) -> dict[str, str]:
    """The log's key may be missing while nothing is signed by it."""
    keys = _members(value, {"receipt", "log"} if proven else {"receipt"}, frozenset({"log"}))
    present = {name: key for name, key in keys.items() if key is not None or proven or name == "receipt"}
    return _texts(present, *present)


def _anchor(value: Json) -> Anchor:
    anchor = _members(value, {"kind", "checkpoint", "token", "consistency"})
    texts, consistency = _texts(anchor, "kind", "checkpoint", "token"), anchor["consistency"]
    if not isinstance(consistency, list) or not all(isinstance(one, str) for one in consistency):
        raise Unreadable("An anchor's proof of consistency is not a list of texts.")
    if len(consistency) > MAX_LINES:
        raise Unreadable("An anchor's proof of consistency is too long.")
    return Anchor(**texts, consistency=tuple(consistency))


def _opening(value: Json) -> dict[str, Any]:
    opening = _members(value, {"personal", "salt"})
    _texts(opening, "salt")
    if not isinstance(opening["personal"], dict):
        raise Unreadable("The personal data of the receipt is not an object.")
    canonical(opening["personal"])
    return opening


class Role(StrEnum):
    """What a key signs: the promise, the checkpoint of the proof, or beside the log."""

    RECEIPT = "receipt"
    LOG = "log"
    WITNESS = "witness"


@dataclass(slots=True)
class Examination:
    """One receipt under examination; `verified` collects the keys whose signatures held, by what they signed."""

    receipt: Receipt
    brought: Brought
    findings: Findings = field(default_factory=Findings)
    verified: list[tuple[Role, Key]] = field(default_factory=list)
    joined: bool = False
    stamped: bool = False
    index: int = 0
    proven: Checkpoint | None = None
    dated: list[tuple[Checkpoint, tuple[bytes, ...]]] = field(default_factory=list)
    known: list[Checkpoint] = field(default_factory=list)
    late: bool = False

    def run(self) -> None:
        self._check_leaf_hash()
        with self.findings.checking("promise"):
            self._check_promise()
        if self.receipt.proof is None:
            words = "The record is only promised: there is no proof yet that the log holds it. Fetch the receipt again later."
            self.findings.add("proof", Standing.OPEN, words)
        else:
            with self.findings.checking("proof"):
                self._check_proof(self.receipt.proof)
        for anchor in self.receipt.anchors:
            self._check_anchor(anchor)
        self._check_opening()
        self._compare_keys()
        self._compare_checkpoint()
        self._compare_authorities()
        self.findings.add("rendering", Standing.OPEN, RENDERING)
        if self.proven is not None:
            self._look_at_times(self.proven)
            self._say_what_is_open()

    def _holds(self, check: str, words: str) -> None:
        self.findings.add(check, Standing.HOLDS, words)

    def _check_leaf_hash(self) -> None:
        if self.receipt.leaf_hash == self._hash_text:
            self._holds("leaf_hash", "The record is the one whose hash the receipt states; not one byte of it was changed.")
        else:
            self.findings.add("leaf_hash", Standing.FAILS, "The record is not the one whose hash the receipt states.")

    @property
    def _hash(self) -> bytes:
        return sha256(b"\0" + self.receipt.leaf).digest()

    @property
    def _hash_text(self) -> str:
        return b64encode(self._hash).decode()

    def _check_promise(self) -> None:
        key = Key.parse(self.receipt.keys["receipt"])
        try:
            text, verified = open_note(self.receipt.note, [key])
        except Fails as error:
            raise Fails(f"The promise is not signed by the receipt key. {error}") from error
        says, lines = self.receipt.says, text.split("\n")
        if lines[:-2] != [RECEIPT, says["log"], says["id"], self._hash_text] or lines[-1]:
            raise Fails("The promise is signed, and is that of another record.")
        decimal(lines[-2], "The promised delay")
        self.verified += [(Role.RECEIPT, one) for one in verified]
        self._holds("promise", f"{self._signer(key)} signed that it received exactly this record.")

    def _signer(self, key: Key) -> str:
        """A name proves nothing while nobody has compared the key."""
        if key in self.brought.keys:
            return f"{shown(key.name)}, whose key you brought,"
        return f"The key in this file that calls itself {shown(key.name)}"

    def _log_key(self) -> Key:
        return Key.parse(self.receipt.keys["log"])

    def _check_proof(self, text: str) -> None:
        proof, origin = Proof.parse(text), self.receipt.says["log"]
        key = self._log_key()
        checkpoint, verified = signed_checkpoint(proof.checkpoint, origin, key, self.brought.witnesses)
        root = root_by_inclusion(proof.index, checkpoint.size, self._hash, proof.path)
        if root != checkpoint.root:
            raise Fails("The proof does not lead from this record to the log's signed root: the log does not hold it.")
        self.verified += [(Role.LOG if one == key else Role.WITNESS, one) for one in verified]
        self.index, self.proven, self.late = proof.index, checkpoint, proof.late
        place = f"as number {proof.index + 1:,} of {checkpoint.size:,}"
        signed = "" if key in self.brought.keys else f"; {_lowered(self._signer(key))} signed this"
        self._holds("proof", f"The log holds the record, {place}{signed}{_signed_at(checkpoint)}.")
        for key in verified:
            if key.algorithm == WITNESS:
                self._holds("witness", f"The witness {shown(key.name)}, whose key you brought, has seen this state of the log.")

    def _check_anchor(self, anchor: Anchor) -> None:
        if self.proven is None:
            words = "An anchor could not be checked, because nothing proves that the log holds the record."
            self.findings.add("anchor", Standing.UNPROVEN, words)
            return
        with self.findings.checking("anchor"):
            token = self._joined(anchor, self.proven)
            with self.findings.checking("token"):
                self._check_token(token, self.dated[-1][0])

    def _joined(self, anchor: Anchor, proven: Checkpoint) -> Token:
        if anchor.kind != "rfc3161":
            raise Fails("An anchor is of a kind that is not known here.")
        checkpoint, _ = signed_checkpoint(anchor.checkpoint, self.receipt.says["log"], self._log_key())
        token = Token.parse(from_base64(anchor.token, "The time-stamp"))
        if token.imprint != sha256(anchor.checkpoint.encode()).digest():
            raise Fails("The time-stamp is not over the checkpoint beside it.")
        path = tuple(from_base64_hash(one, "A hash of an anchor") for one in anchor.consistency)
        check_consistency(checkpoint, proven, path)
        self.dated.append((checkpoint, path))
        words = "was in it already" if checkpoint.size > self.index else "came after it"
        self._holds(
            "anchor",
            f"A checkpoint of {checkpoint.size:,} records with a time-stamp over it is of one and the same log as the proof's; "
            f"this record {words}.",
        )
        return token

    def _check_token(self, token: Token, checkpoint: Checkpoint) -> None:
        if not self.brought.authorities:
            words = (
                f"The time-stamp says {instant(token.at)}. That is not proven: bring the authority's certificate (--authority)."
            )
            self.findings.add("token", Standing.OPEN, words)
            return
        token.signed_under(self.brought.authorities)
        if checkpoint.size > self.index:
            self.known.append(checkpoint)
            self.stamped = True
        self._holds("token", f"The authority whose certificate you brought saw that checkpoint on {instant(token.at)}.")

    def _check_opening(self) -> None:
        opening = self.receipt.opening
        if opening is None:
            return
        with self.findings.checking("opening"):
            salt = from_base64(opening["salt"], "The salt")
            mac = hmac.digest(salt, b"consentinel/pii/1\n" + canonical(opening["personal"]), "sha256")
            if not salt or urlsafe_b64encode(mac).decode().rstrip("=") != self.receipt.says.get("pii"):
                raise Fails("The personal data is not what the record was made with.")
            self._holds("opening", "The personal data beside the record is what it was made with.")

    def _compare_keys(self) -> None:
        for role, text in self.receipt.keys.items():
            check, name = f"{role}_key", text.split("+", 1)[0]
            same = self.brought.named(name)
            if text in [key.text for key in same]:
                self._holds(check, f"The {role} key is the one you brought.")
            elif same:
                self.findings.add(check, Standing.FAILS, f"The {role} key is not the one of that name that you brought.")
            elif self.receipt.proof is not None or role == "receipt":
                words = f"The {role} key came with the document: compare it with one from elsewhere (--key). {shown(text, 400)}"
                self.findings.add(check, Standing.OPEN, words)

    def _compare_checkpoint(self) -> None:
        if self.brought.checkpoint is None:
            return
        if self.proven is None:
            words = "The checkpoint you brought could not be compared: nothing proves that the log holds the record."
            self.findings.add("checkpoint", Standing.UNPROVEN, words)
            return
        with self.findings.checking("checkpoint"):
            own, _ = signed_checkpoint(self.brought.checkpoint, self.receipt.says["log"], self._log_key())
            path = self._path_from(own, self.proven)
            if path is None:
                words = (
                    "Nothing joins the checkpoint you brought to the proof's: ask for a proof of consistency (--consistency)."
                )
                self.findings.add("checkpoint", Standing.UNPROVEN, words)
                return
            check_consistency(own, self.proven, path)
            self.known.append(own)
            self._holds("checkpoint", f"The log is the one whose checkpoint of {own.size:,} records you brought, unchanged.")

    def _compare_authorities(self) -> None:
        """A time-stamp that could not be found is asked for in vain, as a checkpoint is that could not be joined."""
        if self.brought.authorities and not self.stamped:
            words = "No time-stamp under an authority whose certificate you brought shows the log with this record in it."
            self.findings.add("authority", Standing.UNPROVEN, words)

    def _path_from(self, own: Checkpoint, proven: Checkpoint) -> tuple[bytes, ...] | None:
        if own.size == 0:
            return None  # an empty tree is the beginning of every log, and so tells nothing of this one
        if own.size == proven.size:
            return ()
        path = next((path for anchored, path in self.dated if anchored.size == own.size), self.brought.consistency)
        self.joined = path == self.brought.consistency  # between two sizes there is one proof only
        return path

    def _look_at_times(self, proven: Checkpoint) -> None:
        seen = [proven, *(checkpoint for checkpoint, _ in self.dated), *self.known]
        holding = [one.at for one in seen if one.at is not None and one.size > self.index]
        missing = [one.at for one in seen if one.at is not None and one.size <= self.index]
        if holding and min(holding) + AHEAD < self.receipt.at:
            words = f"The record says {instant(self.receipt.at)}, and was in the log before that."
            self.findings.add("time", Standing.FAILS, words)
        elif any(at > self.receipt.at + MERGE_DELAY for at in missing):
            words = "The record is late: a checkpoint that was signed more than 60 seconds after its time does not hold it."
            self.findings.add("late", Standing.OPEN, words)
        elif self.late:
            words = "The record is late: the log says that it came in more than 60 seconds after its time."
            self.findings.add("late", Standing.OPEN, words)
        elif not holding or min(holding) > self.receipt.at + MERGE_DELAY:
            words = "Nothing here shows that the log held the record within 60 seconds of its time; it may have come in late."
            self.findings.add("late", Standing.OPEN, words)

    def _say_what_is_open(self) -> None:
        if not self.known and not self.findings.has("witness", Standing.HOLDS):
            words = (
                "Nothing shows that this is the only log of its name: bring an earlier checkpoint (--checkpoint), a time-stamp "
                "authority's certificate (--authority) or a witness's key (--key)."
            )
            self.findings.add("only_log", Standing.OPEN, words)


def check_receipt(raw: bytes, brought: Brought) -> Examination:
    """Raises `Unreadable`."""
    examination = Examination(Receipt.parse(raw), brought)
    examination.run()
    return examination


def unused(brought: Brought, examinations: Sequence[Examination]) -> Iterator[Finding]:
    """What was brought and met nothing: whoever names a log otherwise must not get past its key."""
    verified = [key for examination in examinations for _, key in examination.verified]
    for key in brought.keys:
        if key not in verified:
            words = f"Nothing here is signed by the key of {shown(key.name)} that you brought."
            yield Finding("brought_key", Standing.UNPROVEN, words)
    if brought.consistency and not any(examination.joined for examination in examinations):
        words = "The proof of consistency you brought joins nothing here: it needs a checkpoint of another size beside it."
        yield Finding("brought_consistency", Standing.UNPROVEN, words)


# A dispute pack


@dataclass(frozen=True, slots=True)
class Pack:
    """The files of a pack by path: the SHA-256 of each, and the bytes of those that are read."""

    digests: dict[str, str]
    manifest: dict[str, str]
    records: dict[str, bytes]

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """Raises `Unreadable`."""
        digests: dict[str, str] = {}
        kept: dict[str, bytes] = {}
        for entry in _entries(raw):
            content = entry.content(raw)
            digests[entry.name] = sha256(content).hexdigest()
            if entry.name == "manifest.json" or _is_record(entry.name):
                kept[entry.name] = content
        manifest = _manifest(kept.pop("manifest.json", None))
        del digests["manifest.json"]
        return cls(digests, manifest, kept)


def _is_record(path: str) -> bool:
    return path.startswith("records/") and path.endswith(".json")


# The archive is read here and not by zipfile, which forgives what lets two programs find different files in one archive.

DAMAGED = "The ZIP archive is damaged, or packed in a way that is not known here."
END, CENTRAL, LOCAL, LOCATOR = b"PK\x05\x06", b"PK\x01\x02", b"PK\x03\x04", b"PK\x06\x07"
STORED, DEFLATED = 0, 8


@dataclass(frozen=True, slots=True)
class Entry:
    """A file as the directory of an archive names it; `start` is where its local header begins."""

    name: str
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    start: int

    def content(self, raw: bytes) -> bytes:
        """Stops as soon as there is more than was announced; raises `Unreadable`."""
        content = self._packed(raw) if self.method == STORED else _inflated(self._packed(raw), self.size)
        if len(content) != self.size or zlib.crc32(content) != self.crc:
            raise Unreadable(DAMAGED)
        return content

    def _packed(self, raw: bytes) -> bytes:
        length, extra = _numbers("<HH", raw, self.start + 26)
        begin = self.start + 30 + length + extra
        if raw[self.start : self.start + 4] != LOCAL or _entry_name(raw, self.start + 30, length) != self.name:
            raise Unreadable(DAMAGED)
        if begin + self.packed > len(raw):
            raise Unreadable(DAMAGED)
        return raw[begin : begin + self.packed]


def _numbers(form: str, raw: bytes, at: int) -> tuple[int, ...]:
    try:
        return struct.unpack_from(form, raw, at)
    except struct.error as error:
        raise Unreadable(DAMAGED) from error


def _inflated(packed: bytes, size: int) -> bytes:
    inflating = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = inflating.decompress(packed, size + 1)
    except zlib.error as error:
        raise Unreadable(DAMAGED) from error
    if not inflating.eof or inflating.unused_data:
        raise Unreadable(DAMAGED)
    return content


def _entry_name(raw: bytes, at: int, length: int) -> str:
    name = raw[at : at + length]
    if not re.fullmatch(rb"[ -~]*", name):
        raise Unreadable(DAMAGED)
    return name.decode("ascii")


def _entries(raw: bytes) -> list[Entry]:
    """Without folders; within the limits, so that a small archive cannot become a huge one."""
    directory = _directory(raw)
    if directory and min(entry.start for entry in directory) != 0:
        raise Unreadable(DAMAGED)
    entries = [entry for entry in directory if not entry.name.endswith("/")]
    if len(entries) > MAX_ENTRIES or sum(entry.size for entry in entries) > MAX_UNPACKED:
        raise Unreadable("The pack is too large.")
    if any(entry.size > MAX_ENTRY for entry in entries):
        raise Unreadable("A file of the pack is too large.")
    if any(entry.flags & 1 or entry.method not in {STORED, DEFLATED} for entry in entries):
        raise Unreadable("A file of the pack is encrypted, or packed in a way that is not known here.")
    if len({entry.name for entry in entries}) != len(entries):
        raise Unreadable("The pack has two files of one name.")
    return entries


def _directory(raw: bytes) -> list[Entry]:
    """The directory ends where its end record begins, and that, with its comment, ends the file; no ZIP64."""
    end = _end(raw)
    disks, _, count, size, start = _numbers("<IHHII", raw, end + 4)
    if start + size != end or disks != 0 or raw[max(end - 20, 0) : end].startswith(LOCATOR):
        raise Unreadable(DAMAGED)
    entries, at = [], start
    while at < end:
        if raw[at : at + 4] != CENTRAL:
            raise Unreadable(DAMAGED)
        flags, method, _, crc, packed, unpacked, *lengths, _, _, _, begin = _numbers("<HHIIIIHHHHHII", raw, at + 8)
        name, extra, comment = lengths
        entries.append(Entry(_entry_name(raw, at + 46, name), flags, method, crc, packed, unpacked, begin))
        at += 46 + name + extra + comment
    if len(entries) != count:
        raise Unreadable(DAMAGED)
    return entries


def _end(raw: bytes) -> int:
    at = raw.rfind(END)
    while at >= max(0, len(raw) - 22 - 0xFFFF):
        if at <= len(raw) - 22 and _numbers("<H", raw, at + 20) == (len(raw) - at - 22,):
            return at
        at = raw.rfind(END, 0, at + 3)
    raise Unreadable(DAMAGED)


def _manifest(raw: bytes | None) -> dict[str, str]:
    manifest = parse_json(raw) if raw is not None else None
    if not isinstance(manifest, dict) or manifest.get("format") != PACK or manifest.keys() != {"format", "files"}:
        raise Unreadable("This is not a dispute pack.")
    files = manifest["files"]
    if not isinstance(files, dict) or not all(isinstance(digest, str) for digest in files.values()):
        raise Unreadable("The pack's manifest is not a list of files and their hashes.")
    return files


VOUCHED = (
    "Nobody has signed the manifest: report.pdf, texts/*.html, anchors/*, keys.txt and the verifiers in the pack are vouched "
    "for by nobody; whoever made the pack may have written them. The proven texts are the .md files that the records name."
)


def check_pack(raw: bytes, brought: Brought) -> Verdict:
    """Raises `Unreadable`, also for a record in it that is not a receipt."""
    pack = Pack.parse(raw)
    findings = Findings()
    with findings.checking("manifest"):
        _check_manifest(pack)
        findings.add("manifest", Standing.HOLDS, f"All {len(pack.digests):,} files of the pack are as its manifest lists them.")
    findings.add("vouched", Standing.OPEN, VOUCHED)
    if not pack.records:
        findings.add("records", Standing.UNPROVEN, "There is no record in the pack.")
    examinations: list[Examination] = []
    for path in sorted(pack.records):
        examination = check_receipt(pack.records[path], _about(brought, pack.records[path]))
        if brought.checkpoint is not None and examination.brought.checkpoint is None:
            words = "The checkpoint you brought is of another log than the one this record is in."
            examination.findings.add("checkpoint", Standing.UNPROVEN, words)
        _check_belongings(examination, path, pack)
        examinations.append(examination)
    _ask_of_each(brought, examinations)
    for examination in examinations:
        record = examination.receipt.says["id"]
        findings.made += [replace(finding, record=record) for finding in examination.findings.made]
    if brought.checkpoint is not None and not examinations:
        findings.add("checkpoint", Standing.UNPROVEN, "The checkpoint you brought is of a log that no record here is in.")
    records = tuple(described(examination.receipt) for examination in examinations)
    return Verdict((*findings.made, *unused(brought, examinations)), records)


UNSIGNED = {
    Role.RECEIPT: "The promise of this record is not signed by a key that you brought, though another's in the pack is.",
    Role.LOG: "That the log holds this record is not signed by a key that you brought, though it is of another in the pack.",
    Role.WITNESS: "No witness whose key you brought has seen the log with this record, though one has with another here.",
}


def _ask_of_each(brought: Brought, examinations: Sequence[Examination]) -> None:
    """What a brought key has signed of one record must not vouch for its neighbours: each is judged as if it came alone."""
    signed = [{role for role, key in one.verified if key in brought.keys} for one in examinations]
    for role in sorted(set().union(*signed), key=list(Role).index):
        for examination, by_brought in zip(examinations, signed, strict=True):
            if role not in by_brought:
                check = role.value if role is Role.WITNESS else f"{role}_key"
                examination.findings.add(check, Standing.UNPROVEN, UNSIGNED[role])


def _about(brought: Brought, raw: bytes) -> Brought:
    """Without the checkpoint, where it is of another year's log."""
    if brought.checkpoint is None or Receipt.parse(raw).says["log"] == brought.checkpoint.split("\n", 1)[0]:
        return brought
    return replace(brought, checkpoint=None, consistency=None)


def _check_manifest(pack: Pack) -> None:
    for path in sorted(pack.digests.keys() | pack.manifest.keys()):
        if path not in pack.manifest:
            raise Fails(f"The pack holds a file that its manifest does not list: {shown(path)}.")
        if path not in pack.digests:
            raise Fails(f"The pack's manifest lists a file that is missing: {shown(path)}.")
        if pack.digests[path] != pack.manifest[path]:
            raise Fails(f"A file of the pack was changed: {shown(path)}.")


def _check_belongings(examination: Examination, path: str, pack: Pack) -> None:
    """That what the record names is there as the record names it."""
    says, findings = examination.receipt.says, examination.findings
    if path != f"records/{says['id']}.json":
        findings.add("name", Standing.FAILS, "The record lies in the pack under the name of another.")
    for member, folder, ending, what in (("pol", "texts", "md", "text"), ("cfg", "windows", "json", "window")):
        named = says.get(member)
        if not isinstance(named, dict):
            continue
        digest = str(named.get("sha256"))
        if pack.digests.get(f"{folder}/{digest}.{ending}") == digest:
            findings.add(what, Standing.HOLDS, f"The {what} that was shown is in the pack, exactly as the record names it.")
        else:
            findings.add(what, Standing.FAILS, f"The {what} that the record names is not in the pack, or is another.")


# In words


def from_ms(ms: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=ms)


def from_seconds(seconds: int) -> datetime:
    if seconds >= 10**11:
        raise Fails("The time of a checkpoint is beyond all calendars.")
    return datetime.fromtimestamp(0, UTC) + timedelta(seconds=seconds)


def instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S UTC")


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _signed_at(checkpoint: Checkpoint) -> str:
    return f"; it says that it signed this on {instant(checkpoint.at)}" if checkpoint.at else ""


def shown(value: object, most: int = QUOTED) -> str:
    """As it can stand on a terminal: nothing that moves the cursor or turns the direction of writing."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    clean = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    return clean if len(clean) <= most else clean[: most - 1] + "…"


LABELS = {
    "act": "act",
    "sec": "section",
    "site": "site",
    "sid": "data subject",
    "idv": "identity",
    "pol": "document",
    "cat": "categories",
    "cfg": "window",
    "ui": "shown",
    "sub": "submission",
    "prev": "earlier record",
    "log": "log",
    "typ": "kind",
}


def described(receipt: Receipt) -> tuple[tuple[str, str], ...]:
    """What the record says, from the leaf alone."""
    says = receipt.says
    lines = [("record", shown(says["id"])), ("at", instant(receipt.at))]
    lines += [(label, _told(says[name])) for name, label in LABELS.items() if name in says]
    if receipt.opening is not None:
        # a label of its own, so that a member called "act" cannot pass for the record's
        lines += [(f"personal {shown(name)}", _told(value)) for name, value in receipt.opening["personal"].items()]
    return tuple(lines)


def _told(value: object) -> str:
    if not isinstance(value, dict):
        return shown(value)
    return ", ".join(f"{shown(name)} {_told(inner)}" for name, inner in value.items())


UNCOMPARED = "VERIFIED. Everything here is consistent; keys not compared: bring them from elsewhere (--key)."
HEADLINES = (
    "VERIFIED. The record and everything here that proves it hold.",
    "NOT VERIFIED. Something does not hold, or could not be proven.",
    "CANNOT BE CHECKED.",
)
HEADINGS = {
    Standing.FAILS: "Does not hold:",
    Standing.UNPROVEN: "Could not be proven:",
    Standing.HOLDS: "Proven:",
    Standing.OPEN: "Not proven by this file:",
}


def _lines_of(verdict: Verdict) -> Iterator[str]:
    uncompared = any(one.check in {"receipt_key", "log_key"} and one.standing is Standing.OPEN for one in verdict.findings)
    yield UNCOMPARED if uncompared and verdict.exit_code == 0 else HEADLINES[verdict.exit_code]
    for standing, heading in HEADINGS.items():
        found = [finding for finding in verdict.findings if finding.standing is standing]
        if found:
            yield from ("", heading)
            yield from (f"  - {f'[{shown(one.record)}] ' if one.record else ''}{one.words}" for one in found)
    for record in verdict.records:
        yield from ("", "What the file claims, not proven:" if verdict.exit_code else "What the record says:")
        yield from (f"  {label}: {value}" for label, value in record)


# From outside


def read(path: Path | str) -> bytes:
    """Raises `Unreadable`."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_FILE + 1)
    except (OSError, ValueError) as error:
        raise Unreadable(f"The file cannot be read: {shown(str(path))}.") from error
    if len(content) > MAX_FILE:
        raise Unreadable(f"The file is larger than {MAX_FILE // 1_000_000} MB.")
    return content


def verify(
    path: Path | str,
    *,
    keys: Sequence[str] = (),
    checkpoint: Path | str | None = None,
    consistency: Path | str | None = None,
    certificates: Sequence[Path | str] = (),
) -> Verdict:
    """Check a receipt or a pack; whatever is in the file, this answers and does not raise.

    Args:
        path: the receipt (JSON) or dispute pack (ZIP).
        keys: verifier keys from elsewhere, of the log, of the receipts, or of witnesses.
        checkpoint: a file with an earlier checkpoint that was kept.
        consistency: a file with the proof of consistency between that and the receipt's, a base64 hash a line.
        certificates: PEM files of time-stamp authorities.
    """
    try:
        brought = Brought(
            keys=tuple(map(_brought_key, keys)),
            checkpoint=None if checkpoint is None else _brought_checkpoint(checkpoint),
            consistency=None if consistency is None else _brought_consistency(consistency),
            authorities=tuple(one for certificate in certificates for one in _brought_certificates(certificate)),
        )
        return check(read(path), brought)
    except Unreadable as error:
        return Verdict((Finding("unreadable", Standing.FAILS, str(error)),), readable=False)


def check(raw: bytes, brought: Brought) -> Verdict:
    """Raises `Unreadable`."""
    if raw.startswith(b"PK"):
        return check_pack(raw, brought)
    examination = check_receipt(raw, brought)
    findings = (*examination.findings.made, *unused(brought, [examination]))
    return Verdict(findings, (described(examination.receipt),))


def _brought_key(text: str) -> Key:
    try:
        return Key.parse(text.strip())
    except Fails as error:
        raise Unreadable(f"The key you brought cannot be read. {error}") from error


def _brought_checkpoint(path: Path | str) -> str:
    try:
        return _as_signed(read(path).decode())
    except UnicodeDecodeError as error:
        raise Unreadable("The checkpoint you brought is not UTF-8 text.") from error


def _as_signed(text: str) -> str:
    """A note that went through a mail program: its own line ends, no blank lines around it, one newline at the end."""
    lines = text.replace("\r\n", "\n").split("\n")
    told = [number for number, line in enumerate(lines) if line.strip(" \t")]
    return "\n".join(lines[told[0] : told[-1] + 1] if told else []) + "\n"


def _brought_consistency(path: Path | str) -> tuple[bytes, ...]:
    try:
        lines = read(path).decode("ascii").split()
        return tuple(from_base64_hash(line, "A hash of the proof of consistency") for line in lines)
    except (UnicodeDecodeError, Fails) as error:
        raise Unreadable("The proof of consistency you brought is not a list of base64 hashes.") from error


def _brought_certificates(path: Path | str) -> list[x509.Certificate]:
    try:
        with warnings.catch_warnings(action="ignore"):
            return x509.load_pem_x509_certificates(read(path))
    except (ValueError, x509.InvalidVersion) as error:
        raise error if isinstance(error, Unreadable) else Unreadable("A certificate you brought is not PEM.") from error


def report(verdict: Verdict, *, as_json: bool) -> str:
    return json.dumps(verdict.to_json(), ensure_ascii=False, indent=2) + "\n" if as_json else verdict.text()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Check a consent receipt or a dispute pack, offline.")
    parser.add_argument("file", help="the receipt (JSON) or the dispute pack (ZIP)")
    parser.add_argument("--key", action="append", default=[], metavar="VKEY", help="a verifier key from elsewhere")
    parser.add_argument("--checkpoint", metavar="FILE", help="an earlier checkpoint of the log that you kept")
    parser.add_argument("--consistency", metavar="FILE", help="the proof that joins it to the receipt's, a hash a line")
    parser.add_argument(
        "--authority", action="append", default=[], metavar="CERT.pem", help="a time-stamp authority's certificate"
    )
    parser.add_argument("--json", action="store_true", help="findings as JSON")
    asked = parser.parse_args(arguments)
    verdict = verify(
        asked.file, keys=asked.key, checkpoint=asked.checkpoint, consistency=asked.consistency, certificates=asked.authority
    )
    # A console of another encoding shows question marks rather than failing.
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    sys.stdout.write(report(verdict, as_json=asked.json))
    return verdict.exit_code


if __name__ == "__main__":
    sys.exit(main())
