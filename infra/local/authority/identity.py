"""The authority's certificate and the root above it, made at first start."""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# Longer than anybody keeps a local stack; a stamp is good while the certificate was when it was made.
VALID = timedelta(days=3650)
ROOT = "root.pem"
CERTIFICATE = "certificate.pem"
KEY = "key.pem"


@dataclass(frozen=True, slots=True)
class Identity:
    """Three PEM files in a folder; the root's own key is gone once it has signed."""

    folder: Path

    @classmethod
    def kept(cls, folder: Path) -> Self:
        """What is in the folder; made there if there is nothing yet, and never by half."""
        if not folder.exists():
            folder.parent.mkdir(parents=True, exist_ok=True)
            _make(folder)
        return cls(folder)

    @property
    def root(self) -> str:
        """What a verifier must be given, PEM."""
        return (self.folder / ROOT).read_text()

    @property
    def certificate(self) -> Path:
        return self.folder / CERTIFICATE

    @property
    def key(self) -> Path:
        return self.folder / KEY


def _make(folder: Path) -> None:
    beside = Path(mkdtemp(dir=folder.parent))
    with ExitStack() as unless_whole:
        unless_whole.callback(rmtree, beside)
        root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root = _root(root_key)
        (beside / ROOT).write_bytes(root.public_bytes(Encoding.PEM))
        (beside / CERTIFICATE).write_bytes(_stamping(key, root, root_key).public_bytes(Encoding.PEM))
        (beside / KEY).touch(mode=0o600)
        (beside / KEY).write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        beside.rename(folder)
        unless_whole.pop_all()


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _begun(subject: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + VALID)
    )


def _root(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = "Consentinel local time-stamp root"
    begun = _begun(name, _name(name), key)
    return begun.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(key, SHA256())


def _stamping(
    key: ec.EllipticCurvePrivateKey, root: x509.Certificate, root_key: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    # RFC 3161, 2.3: this one use, and critical.
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    begun = _begun("Consentinel local time-stamp authority", root.subject, key)
    return begun.add_extension(usage, critical=True).sign(root_key, SHA256())
