from base64 import b64decode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ledger.cosignature import Cosignature, NotACosignature, signed_message
from functions.ledger.keys import Algorithm, Verifier
from functions.ledger.note import Cosigned, NotANote, Signer, Unverified, open_note, with_signature
from tests.support.vectors import FOLDER

FOREIGN = (FOLDER / "note/cosignature-v1-checkpoint.txt").read_bytes()
FOREIGN_KEY = (FOLDER / "note/cosignature-v1-vkey.txt").read_text().strip()
TEXT = "log.example/a\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
LOG = Signer("log.example/a", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
WITNESS = Verifier("witness.example/w1", KEY.public_key().public_bytes_raw(), Algorithm.COSIGNATURE)
LATEST = 2**63 - 1


def cosigned(text: str, time: int) -> bytes:
    return bytes(Cosignature(time, KEY.sign(signed_message(text, time))))


def test_a_foreign_witness_vouches_for_a_checkpoint_at_a_time() -> None:
    witness = Verifier.parse(FOREIGN_KEY)
    stated = int.from_bytes(b64decode(FOREIGN.split()[-1])[4:12], "big")

    opened = open_note(FOREIGN, [witness])

    label = f"mirror.example.org+{witness.key_id.hex()}"
    assert opened.verified == (label,)
    assert opened.cosigned == (Cosigned(label, stated),)
    assert str(witness) == FOREIGN_KEY


def test_every_single_bit_of_a_foreign_cosigned_checkpoint_counts() -> None:
    witness, held = Verifier.parse(FOREIGN_KEY), []
    for position in range(len(FOREIGN) * 8):
        spoiled = bytearray(FOREIGN)
        spoiled[position // 8] ^= 1 << position % 8
        try:
            held.append(open_note(bytes(spoiled), [witness]))
        except (NotANote, Unverified):
            continue

    assert held == []


def test_the_signed_message_is_the_one_of_the_specification() -> None:
    checkpoint = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

    message = signed_message(checkpoint, 1679315147)

    assert message.decode() == f"cosignature/v1\ntime 1679315147\n{checkpoint}"


@settings(deadline=None, max_examples=50)
@given(st.integers(0, LATEST))
def test_a_cosignature_stands_beside_the_logs_signature_and_says_when(time: int) -> None:
    note = with_signature(LOG.sign(TEXT).encode(), WITNESS.line(cosigned(TEXT, time)))

    opened = open_note(note, [LOG.verifier, WITNESS])

    assert len(opened.verified) == 2
    assert [one.time for one in opened.cosigned] == [time]
    assert open_note(note, [LOG.verifier]).cosigned == ()


def test_another_time_than_the_signed_one_does_not_hold() -> None:
    honest = Cosignature.parse(cosigned(TEXT, 1_764_090_000))

    backdated = Cosignature(honest.time - 1, honest.signature)

    assert WITNESS.holds(TEXT, bytes(honest))
    assert not WITNESS.holds(TEXT, bytes(backdated))


def test_a_cosignature_and_a_signature_by_the_same_key_do_not_pass_for_each_other() -> None:
    plain = Verifier(WITNESS.name, WITNESS.public)
    signature = KEY.sign(TEXT.encode())

    assert plain.holds(TEXT, signature)
    assert not WITNESS.holds(TEXT, signature)
    assert not WITNESS.holds(TEXT, bytes(8) + signature)
    assert not plain.holds(TEXT, cosigned(TEXT, 0))
    assert plain.key_id != WITNESS.key_id


@pytest.mark.parametrize("length", [0, 1, 8, 64, 71, 73])
def test_a_cosignature_has_72_bytes(length: int) -> None:
    with pytest.raises(NotACosignature):
        Cosignature.parse(bytes(length))


def test_a_time_that_is_signed_and_too_large_does_not_hold() -> None:
    late = cosigned(TEXT, LATEST + 1)

    assert WITNESS.holds(TEXT, cosigned(TEXT, LATEST))
    assert not WITNESS.holds(TEXT, late)


@given(st.integers(0, LATEST), st.binary(min_size=64, max_size=64))
def test_what_is_written_is_read(time: int, signature: bytes) -> None:
    written = Cosignature(time, signature)

    assert Cosignature.parse(bytes(written)) == written
