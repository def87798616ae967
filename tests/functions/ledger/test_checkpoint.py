from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ledger.checkpoint import Checkpoint, NotACheckpoint, opened
from functions.ledger.keys import Algorithm, Verifier
from functions.ledger.note import Signer, Unverified
from functions.ledger.tree import EMPTY_ROOT
from tests.support.vectors import FOLDER

ORIGIN = "log.example/0d2f"
ROOT = b64encode(bytes(range(32))).decode()
LOG = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
CHECKPOINT = Checkpoint(ORIGIN, 1204, bytes(range(32)), 1_764_090_000)
NUMBERS = st.integers(0, 2**63 - 1)
ORIGINS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)


@given(st.builds(Checkpoint, ORIGINS, NUMBERS, st.binary(min_size=32, max_size=32), st.none() | NUMBERS))
def test_a_checkpoint_is_read_as_it_is_written(checkpoint: Checkpoint) -> None:
    assert Checkpoint.parse(checkpoint.text) == checkpoint


def test_a_checkpoint_has_the_lines_of_the_specification_and_its_time_as_an_extension() -> None:
    assert CHECKPOINT.text == f"{ORIGIN}\n1204\n{ROOT}\ntime 1764090000\n"


def test_the_checkpoint_of_the_specification_is_read() -> None:
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

    checkpoint = Checkpoint.parse(text)

    assert (checkpoint.origin, checkpoint.size, checkpoint.time) == ("example.com/behind-the-sofa", 20852163, None)
    assert checkpoint.text == text


def test_a_foreign_checkpoint_is_read() -> None:
    text = (FOLDER / "note/cosignature-v1-checkpoint.txt").read_text().partition("\n\n")[0] + "\n"

    assert Checkpoint.parse(text).text == text


def test_extension_lines_that_nobody_knows_are_let_through() -> None:
    text = f"{ORIGIN}\n1204\n{ROOT}\nsomething\ntime 1764090000\ntimes 5\nand more\n"

    assert Checkpoint.parse(text) == CHECKPOINT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "\n\n\n",
        f"{ORIGIN}\n",
        f"{ORIGIN}\n1\n",
        f"{ORIGIN}\n1\n{ROOT}",
        f"\n1\n{ROOT}\n",
        f"{ORIGIN}\n\n{ROOT}\n",
        f"{ORIGIN}\n1\n\n",
        f"{ORIGIN}\n1\n{ROOT}\n\n",
        f"{ORIGIN}\n1\n{ROOT}\n\nmore\n",
        f"{ORIGIN}\n1\n{ROOT}\nmore",
        f"{ORIGIN}\n01\n{ROOT}\n",
        f"{ORIGIN}\n-1\n{ROOT}\n",
        f"{ORIGIN}\n+1\n{ROOT}\n",
        f"{ORIGIN}\n1 \n{ROOT}\n",
        f"{ORIGIN}\n١\n{ROOT}\n",
        f"{ORIGIN}\n{2**63}\n{ROOT}\n",
        f"{ORIGIN}\n{'9' * 5000}\n{ROOT}\n",
        f"{ORIGIN}\n1\n{ROOT[:-1]}\n",
        f"{ORIGIN}\n1\n{ROOT[:-2]}9=\n",
        f"{ORIGIN}\n1\n {ROOT}\n",
        f"{ORIGIN}\n1\n{b64encode(bytes(31)).decode()}\n",
        f"{ORIGIN}\n1\n{b64encode(bytes(33)).decode()}\n",
        f"{ORIGIN}\n1\n{bytes(32).hex()}\n",
        f"{ORIGIN}\n1\n{ROOT}\ntime \n",
        f"{ORIGIN}\n1\n{ROOT}\ntime 01\n",
        f"{ORIGIN}\n1\n{ROOT}\ntime 1.5\n",
        f"{ORIGIN}\n1\n{ROOT}\ntime now\n",
        f"{ORIGIN}\n1\n{ROOT}\ntime 1\ntime 1\n",
        f"{ORIGIN}\r\n1\r\n{ROOT}\r\n",
    ],
)
def test_a_text_that_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NotACheckpoint):
        Checkpoint.parse(text)


def test_a_signed_checkpoint_is_opened_with_the_logs_key() -> None:
    assert opened(LOG.sign(CHECKPOINT.text).encode(), LOG.verifier) == CHECKPOINT


def test_a_checkpoint_signed_with_p256_is_opened_too() -> None:
    key = ec.derive_private_key(0xC0FFEE, ec.SECP256R1())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    log = Verifier.of_public_key(ORIGIN, public)
    note = log.note(CHECKPOINT.text, key.sign(CHECKPOINT.text.encode(), ec.ECDSA(SHA256())))

    checkpoint = opened(note.encode(), log)

    assert (checkpoint, log.algorithm) == (CHECKPOINT, Algorithm.ECDSA_P256)


def test_every_single_bit_of_a_signed_checkpoint_counts() -> None:
    note, accepted = LOG.sign(CHECKPOINT.text).encode(), []
    for position in range(len(note) * 8):
        spoiled = bytearray(note)
        spoiled[position // 8] ^= 1 << position % 8
        try:
            accepted.append(opened(bytes(spoiled), LOG.verifier))
        except (NotACheckpoint, Unverified):
            continue

    assert accepted == []


def test_a_checkpoint_of_another_log_is_refused_although_the_signature_holds() -> None:
    other = Checkpoint("log.example/other", 0, EMPTY_ROOT, None)

    with pytest.raises(NotACheckpoint, match="another log"):
        opened(LOG.sign(other.text).encode(), LOG.verifier)


def test_what_the_log_signed_and_is_no_checkpoint_is_refused() -> None:
    with pytest.raises(NotACheckpoint, match="three lines"):
        opened(LOG.sign(f"{ORIGIN}\n").encode(), LOG.verifier)


def test_a_checkpoint_signed_by_somebody_else_under_the_logs_name_is_not_believed() -> None:
    impostor = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))

    with pytest.raises(Unverified):
        opened(impostor.sign(CHECKPOINT.text).encode(), LOG.verifier)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused_by_name(note: bytes) -> None:
    with pytest.raises(NotACheckpoint):
        opened(note, LOG.verifier)
