"""Receipts, logs and dispute packs as an honest operator would make them, for whoever has to read them.

The tree is the project's; notes are signed here with bare `cryptography`, so that verifiers are not tested against the
code that signs in production.
"""

import hmac
import json
import subprocess
import zipfile
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from functions.ledger.tree import consistency_proof, inclusion_proof, root_over

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ORIGIN = "log.example/0d2fb1c2a3948576a0b1c2d3e4f50617"
RECEIPTS = "log.example/tn_rosa/receipts"
RECORD = "019c9f3a-1c00-7abc-8def-0123456789ab"
SALT = bytes(range(32))
PERSONAL = {"email": "maria@example.com", "name": "Мария Иванова", "ip": "192.0.2.0/24"}
TEXT = "# Бюлетин\n\nСъгласна съм да получавам новини.\n".encode()
WINDOW = rfc8785.dumps({"site": "pk_main", "version": 3})


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A key that signs notes, of the kind that its private key is of."""

    name: str
    private: Ed25519PrivateKey | EllipticCurvePrivateKey

    @property
    def _public(self) -> bytes:
        if isinstance(self.private, Ed25519PrivateKey):
            return b"\x01" + self.private.public_key().public_bytes_raw()
        return b"\x02" + self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def id(self) -> bytes:
        """C2SP signed-note: of a P-256 key, that of its SPKI."""
        public = self._public
        return sha256(self.name.encode() + b"\n" + public if public[0] == 1 else public[1:]).digest()[:4]

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.id.hex()}+{b64encode(self._public).decode()}"

    def sign(self, text: bytes) -> bytes:
        if isinstance(self.private, Ed25519PrivateKey):
            return self.private.sign(text)
        return self.private.sign(text, ECDSA(SHA256()))

    def note(self, text: str) -> str:
        return f"{text}\n— {self.name} {b64encode(self.id + self.sign(text.encode())).decode()}\n"


def ed25519(name: str, seed: int = 1) -> NoteKey:
    return NoteKey(name, Ed25519PrivateKey.from_private_bytes(bytes([seed] * 32)))


def p256(name: str, seed: int = 1) -> NoteKey:
    return NoteKey(name, derive_private_key(seed + 10**9, SECP256R1()))


KINDS = {"Ed25519": ed25519, "P-256": p256}


@dataclass(frozen=True, slots=True)
class Witness:
    """C2SP tlog-cosignature, Ed25519."""

    name: str
    private: Ed25519PrivateKey

    @property
    def _public(self) -> bytes:
        return b"\x04" + self.private.public_key().public_bytes_raw()

    @property
    def _id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + self._public).digest()[:4]

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self._id.hex()}+{b64encode(self._public).decode()}"

    def cosigned(self, checkpoint: str, *, at: datetime = AT) -> str:
        text, seconds = checkpoint.rpartition("\n\n")[0] + "\n", int(at.timestamp())
        signature = self.private.sign(f"cosignature/v1\ntime {seconds}\n{text}".encode())
        return f"{checkpoint}— {self.name} {b64encode(self._id + seconds.to_bytes(8) + signature).decode()}\n"


@dataclass
class Log:
    """A whole log in memory."""

    key: NoteKey
    leaves: list[bytes] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return self.key.name

    def append(self, leaf: bytes) -> int:
        self.leaves.append(leaf)
        return len(self.leaves) - 1

    def filled(self, count: int, *, what: str = "another record") -> "Log":
        for _ in range(count):
            self.append(f"{what} {len(self.leaves)}".encode())
        return self

    def nodes(self, level: int, index: int) -> bytes:
        if level == 0:
            return sha256(b"\0" + self.leaves[index]).digest()
        left, right = self.nodes(level - 1, 2 * index), self.nodes(level - 1, 2 * index + 1)
        return sha256(b"\1" + left + right).digest()

    def checkpoint(self, size: int | None = None, *, at: datetime | None = AT) -> str:
        size = len(self.leaves) if size is None else size
        root = root_over(0, size, self.nodes) if size else sha256(b"").digest()
        time = f"time {int(at.timestamp())}\n" if at else ""
        return self.key.note(f"{self.origin}\n{size}\n{b64encode(root).decode()}\n{time}")

    def proof(
        self, index: int, *, size: int | None = None, checkpoint: str | None = None, extra: Mapping[str, Any] | None = None
    ) -> str:
        """C2SP tlog-proof."""
        size = len(self.leaves) if size is None else size
        lines = ["c2sp.org/tlog-proof@v1"]
        if extra is not None:
            lines.append("extra " + b64encode(json.dumps(extra).encode()).decode())
        lines += [f"index {index}", *_encoded(inclusion_proof(index, size, self.nodes))]
        return "\n".join(lines) + "\n\n" + (checkpoint or self.checkpoint(size))

    def consistency(self, old: int, new: int | None = None) -> list[str]:
        return _encoded(consistency_proof(old, len(self.leaves) if new is None else new, self.nodes))


def _encoded(hashes: Iterable[bytes]) -> list[str]:
    return [b64encode(one).decode() for one in hashes]


def commitment(personal: Mapping[str, Any], salt: bytes = SALT) -> str:
    mac = hmac.digest(salt, b"consentinel/pii/1\n" + rfc8785.dumps(dict(personal)), "sha256")
    return urlsafe_b64encode(mac).decode().rstrip("=")


def leaf_of(changes: Mapping[str, Any] | None = None, *, at: datetime = AT) -> bytes:
    """That of a newsletter's consent; `changes` are members to set, or to leave out where they are None."""
    members = {
        "typ": "consentinel/consent/v1",
        "log": ORIGIN,
        "id": RECORD,
        "at": int(at.timestamp() * 1000),
        "at_client": int(at.timestamp() * 1000) - 120,
        "site": "main",
        "sid": "AAECAwQFBgcICQoLDA0ODw",
        "act": "given",
        "sec": "newsletter",
        "ui": {"lang": "bg", "gpc": False, "layer": "section", "via": "checkbox"},
        "idv": "claimed",
        "pii": commitment(PERSONAL),
        "pol": {"id": "newsletter", "ver": 2, "sha256": sha256(TEXT).hexdigest(), "lang": "bg"},
        **(changes or {}),
    }
    return rfc8785.dumps({name: value for name, value in members.items() if value is not None})


BANNER = {
    "sec": "banner",
    "act": "partial",
    "pol": None,
    "cat": {"necessary": True, "performance": True, "functional": False, "targeting": False},
    "cfg": {"ver": 3, "sha256": sha256(WINDOW).hexdigest()},
    "ui": {"lang": "bg", "gpc": False, "layer": "panel", "via": "button", "build": "b" * 64},
}


def promise(leaf: bytes, key: NoteKey) -> str:
    says = json.loads(leaf)
    hashed = b64encode(sha256(b"\0" + leaf).digest()).decode()
    return key.note(f"consentinel/receipt/v1\n{says['log']}\n{says['id']}\n{hashed}\n60\n")


def receipt_of(
    leaf: bytes,
    *,
    receipts: NoteKey,
    log: NoteKey,
    proof: str | None = None,
    anchors: Sequence[Mapping[str, Any]] = (),
    opening: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    says = json.loads(leaf)
    document = {
        "format": "consentinel/receipt/v1",
        "receipt": {"schema_version": "ISO/IEC TS 27560", "record_id": says["id"], "event": {"act": says.get("act")}},
        "leaf": leaf.decode(),
        "leaf_hash": b64encode(sha256(b"\0" + leaf).digest()).decode(),
        "note": promise(leaf, receipts),
        "proof": proof,
        "keys": {"receipt": receipts.vkey, "log": log.vkey},
        "anchors": list(anchors),
    }
    return document if opening is None else {**document, "opening": dict(opening)}


OPENING: dict[str, Any] = {"personal": PERSONAL, "salt": b64encode(SALT).decode()}


@dataclass
class Shop:
    """A log with one record in it among others, and the keys around it."""

    kind: str = "Ed25519"
    before: int = 5
    after: int = 6
    leaf: bytes = field(default_factory=leaf_of)
    seed: int = 1
    what: str = "another record"

    def __post_init__(self) -> None:
        self.receipts = KINDS[self.kind](RECEIPTS, 7)
        self.log = Log(KINDS[self.kind](ORIGIN, self.seed)).filled(self.before, what=self.what)
        self.index = self.log.append(self.leaf)
        self.log.filled(self.after, what=self.what)

    def receipt(self, **changes: Any) -> dict[str, Any]:
        """Proven and opened; `changes` are arguments of `receipt_of`."""
        proof = self.log.proof(self.index)
        return receipt_of(
            self.leaf, **{"receipts": self.receipts, "log": self.log.key, "proof": proof, "opening": OPENING, **changes}
        )

    def anchor(self, authority: "Authority", size: int, *, to: int | None = None) -> dict[str, Any]:
        checkpoint = self.log.checkpoint(size)
        token = b64encode(authority.token(checkpoint.encode())).decode()
        return {"kind": "rfc3161", "checkpoint": checkpoint, "token": token, "consistency": self.log.consistency(size, to)}


def as_file(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def pack_of(
    receipts: Iterable[Mapping[str, Any]],
    *,
    texts: Iterable[bytes] = (TEXT,),
    windows: Iterable[bytes] = (WINDOW,),
    further: Mapping[str, bytes] | None = None,
) -> dict[str, bytes]:
    """The files of a dispute pack without their manifest."""
    files = {f"records/{json.loads(receipt['leaf'])['id']}.json": as_file(receipt) for receipt in receipts}
    files |= {f"texts/{sha256(text).hexdigest()}.md": text for text in texts}
    files |= {f"windows/{sha256(window).hexdigest()}.json": window for window in windows}
    return files | {"report.pdf": b"%PDF-1.7\n", "keys.txt": b"", **(further or {})}


def manifest_of(files: Mapping[str, bytes]) -> bytes:
    listed = {path: sha256(content).hexdigest() for path, content in files.items()}
    return json.dumps({"format": "consentinel/dispute-pack/v1", "files": listed}).encode()


def zipped(files: Mapping[str, bytes], *, manifest: bytes | None = None, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The archive, with the manifest of these files unless another is given."""
    into = BytesIO()
    with zipfile.ZipFile(into, "w", compression) as archive:
        for path, content in {**files, "manifest.json": manifest or manifest_of(files)}.items():
            archive.writestr(zipfile.ZipInfo(path, (2026, 3, 1, 12, 0, 0)), content, compression)
    return into.getvalue()


CONFIG = """
[ca]
default_ca = none
[req]
distinguished_name = name
prompt = no
[name]
CN = {name}
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
[stamping]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[serving]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = critical, timeStamping, serverAuth
[tsa]
serial = {folder}/serial
signer_cert = {folder}/{leaf}.pem
signer_key = {folder}/{leaf}.key
certs = {folder}/root.pem
signer_digest = {digest}
default_policy = 1.2.3.4.1
digests = sha256, sha512
ess_cert_id_alg = sha256
ess_cert_id_chain = yes
"""


@dataclass(frozen=True, slots=True)
class Authority:
    """A time-stamp authority, made and run by `openssl ts`; its root is `certificate`.

    `algorithm` is as `openssl genpkey` takes it; `encloses` says whether its certificates come with a time-stamp.
    """

    folder: Path
    name: str = "Time-stamps of the test"
    algorithm: str = "RSA"
    digest: str = "sha256"
    encloses: bool = True

    @classmethod
    def opened(cls, folder: Path, **choices: Any) -> "Authority":
        authority = cls(folder, **choices)
        folder.mkdir(parents=True, exist_ok=True)
        config = CONFIG.format(name=authority.name, folder=folder, leaf="tsa", digest=authority.digest)
        (folder / "config").write_text(config, "utf-8")
        (folder / "serial").write_text("01\n", "utf-8")
        for name in ("root", "tsa"):
            authority._key(name)
        authority._run("req", "-x509", "-new", "-key", "root.key", "-days", "3650", "-extensions", "root", "-out", "root.pem")
        authority._run("req", "-new", "-key", "tsa.key", "-subj", "/CN=Signer", "-out", "tsa.csr")
        authority.certify("stamping")
        return authority

    def certify(self, profile: str) -> None:
        """Give the signer's key a certificate; `serving` is one that is not fit for time-stamping."""
        signing = ["-CA", "root.pem", "-CAkey", "root.key", "-set_serial", "7", "-days", "3000", "-extfile", "config"]
        self._run("x509", "-req", "-in", "tsa.csr", *signing, "-extensions", profile, "-out", "tsa.pem")

    @property
    def certificate(self) -> Path:
        return self.folder / "root.pem"

    def token(self, content: bytes) -> bytes:
        """An RFC 3161 response over the content's SHA-256."""
        (self.folder / "content").write_bytes(content)
        certificates = ["-cert"] if self.encloses else []
        self._run("ts", "-query", "-data", "content", "-sha256", *certificates, "-out", "query")
        self._run("ts", "-reply", "-section", "tsa", "-queryfile", "query", "-out", "answer")
        return (self.folder / "answer").read_bytes()

    def _key(self, name: str) -> None:
        choice = "ec_paramgen_curve:P-256" if self.algorithm == "EC" else "rsa_keygen_bits:2048"
        self._run("genpkey", "-algorithm", self.algorithm, "-pkeyopt", choice, "-out", f"{name}.key")

    def _run(self, command: str, *arguments: str) -> None:
        configured = ["-config", "config"] if command in {"req", "ts"} and "-query" not in arguments else []
        subprocess.run(
            ["openssl", command, *configured, *arguments], cwd=self.folder, check=True, capture_output=True, text=True
        )
