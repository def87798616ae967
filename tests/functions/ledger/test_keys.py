import subprocess
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ledger.keys import Algorithm, NotANote, Verifier, key_id
from functions.ledger.note import Unverified, open_note

NAME = "log.example/a"
TEXT = "log.example/a\n5\nroot\n"
P256 = ec.derive_private_key(0xC0FFEE, ec.SECP256R1())
ED25519 = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def spki(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


LOG = Verifier.of_public_key(NAME, spki(P256.public_key()))


def signed(text: str) -> bytes:
    return P256.sign(text.encode(), ec.ECDSA(SHA256()))


def vkey(algorithm: int, public: bytes) -> str:
    """A verifier key whose hash is right, whatever the key is."""
    return f"{NAME}+{key_id(NAME, algorithm, public).hex()}+{b64encode(bytes([algorithm]) + public).decode()}"


def test_a_p256_key_is_named_by_the_hash_of_its_spki_alone() -> None:
    assert LOG.algorithm is Algorithm.ECDSA_P256
    assert LOG.key_id == sha256(LOG.public).digest()[:4]
    assert LOG.key_id == Verifier.of_public_key("another.example", LOG.public).key_id


@pytest.mark.parametrize("key", [P256.public_key(), ED25519.public_key()], ids=["P-256", "Ed25519"])
def test_the_public_key_of_a_key_service_becomes_a_verifier_key_and_back(key: PublicKeyTypes) -> None:
    verifier = Verifier.of_public_key(NAME, spki(key))

    assert Verifier.parse(str(verifier)) == verifier


def test_ed25519_from_an_spki_is_the_same_verifier_as_from_its_32_bytes() -> None:
    public = ED25519.public_key()

    assert Verifier.of_public_key(NAME, spki(public)) == Verifier(NAME, public.public_bytes_raw())


@pytest.mark.parametrize(
    "der",
    [
        b"",
        b"\x30",
        LOG.public[:-1],
        LOG.public + b"\0",
        LOG.public[:-1] + bytes([LOG.public[-1] ^ 1]),
        spki(ec.derive_private_key(7, ec.SECP384R1()).public_key()),
        spki(ec.derive_private_key(7, ec.SECP256K1()).public_key()),
        spki(x25519.X25519PrivateKey.from_private_bytes(bytes(32)).public_key()),
        spki(rsa.generate_private_key(65537, 2048).public_key()),
    ],
    ids=["nothing", "one byte", "cut", "longer", "no point", "P-384", "secp256k1", "X25519", "RSA"],
)
def test_a_public_key_of_another_kind_is_refused(der: bytes) -> None:
    with pytest.raises(NotANote):
        Verifier.of_public_key(NAME, der)
    with pytest.raises(NotANote):
        Verifier.parse(vkey(Algorithm.ECDSA_P256, der))


def test_a_compressed_point_is_the_same_key_in_a_second_spelling_and_refused() -> None:
    point = P256.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    compressed = LOG.public[:1] + bytes([0x39]) + LOG.public[2:24] + bytes([0x22]) + LOG.public[25:26] + point

    with pytest.raises(NotANote, match="canonical"):
        Verifier.of_public_key(NAME, compressed)


@pytest.mark.parametrize("algorithm", [0, 3, 5, 6, 0xFE, 0xFF])
def test_a_verifier_key_of_another_algorithm_is_refused(algorithm: int) -> None:
    with pytest.raises(NotANote, match="algorithm"):
        Verifier.parse(vkey(algorithm, bytes(32)))


@pytest.mark.parametrize("algorithm", Algorithm)
@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_verifier_key_of_another_length_is_refused(algorithm: Algorithm, length: int) -> None:
    with pytest.raises(NotANote):
        Verifier.parse(vkey(algorithm, bytes(length)))


@pytest.mark.parametrize("name", ["", "a b", "a\u2003b", "\ud800"])
def test_a_key_has_a_name_that_a_note_can_carry(name: str) -> None:
    with pytest.raises(NotANote, match="name"):
        Verifier.of_public_key(name, LOG.public)
    with pytest.raises(NotANote, match="name"):
        Verifier.parse(f"{name}+00000000+AAAA")


@pytest.mark.parametrize("text", ["\ud800", "a+b", "a++", "a+é+é", "a+00000000+é", "a+00000000+\ud800", "a+b+c+d"])
def test_any_text_that_is_no_verifier_key_is_refused_by_name(text: str) -> None:
    with pytest.raises(NotANote):
        Verifier.parse(text)


def test_a_verifier_key_has_one_spelling() -> None:
    text = str(LOG)
    unused_bit_set = text[:-2] + chr(ord(text[-2]) + 1) + text[-1]

    with pytest.raises(NotANote, match="base64"):
        Verifier.parse(unused_bit_set)


@settings(deadline=None, max_examples=50)
@given(st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs"]) | st.just("\n"), max_size=60))
def test_a_note_signed_with_p256_opens_and_not_with_another_text(text: str) -> None:
    note = LOG.note(text + "\n", signed(text + "\n")).encode()

    opened = open_note(note, [LOG])

    assert opened.text == text + "\n"
    assert opened.verified == (f"{NAME}+{LOG.key_id.hex()}",)
    with pytest.raises(Unverified):
        open_note(b"x" + note, [LOG])


def test_openssl_agrees_that_the_p256_signature_in_a_note_holds(tmp_path: Path) -> None:
    signature = signed(TEXT)
    (tmp_path / "key.pem").write_bytes(P256.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (tmp_path / "signature").write_bytes(signature)
    command = ["openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", "signature"]

    says, denies = (
        subprocess.run(command, cwd=tmp_path, input=text.encode(), capture_output=True, check=False).returncode == 0
        for text in (TEXT, TEXT + "x")
    )

    assert (says, denies) == (LOG.holds(TEXT, signature), LOG.holds(TEXT + "x", signature)) == (True, False)


def test_every_single_bit_of_a_p256_signature_counts() -> None:
    signature = signed(TEXT)
    held = [at for at in range(len(signature) * 8) if LOG.holds(TEXT, flipped(signature, at))]

    assert held == []


def flipped(value: bytes, at: int) -> bytes:
    spoiled = bytearray(value)
    spoiled[at // 8] ^= 1 << at % 8
    return bytes(spoiled)


@pytest.mark.parametrize(
    "verifier",
    [LOG, Verifier(NAME, ED25519.public_key().public_bytes_raw()), Verifier(NAME, bytes(32), Algorithm.COSIGNATURE)],
    ids=lambda verifier: verifier.algorithm.name,
)
@pytest.mark.parametrize(
    "signature",
    [
        b"",
        b"\0",
        bytes(64),
        bytes(72),
        b"\xff" * 72,
        bytes(10_000),
        signed(TEXT) + b"\0",
        signed(TEXT)[:-1],
        b"\x30\x06\x02\x01\x00\x02\x01\x00",
        P256.sign(TEXT.encode(), ec.ECDSA(SHA384())),
        ED25519.sign(TEXT.encode())[:63],
        ED25519.sign(TEXT.encode()) + b"\0",
    ],
    ids=lambda signature: f"{len(signature)} bytes {signature[:3].hex()}",
)
def test_a_malformed_signature_does_not_hold_and_nothing_breaks(verifier: Verifier, signature: bytes) -> None:
    assert not verifier.holds(TEXT, signature)
