from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ledger.checkpoint import Checkpoint, NotACheckpoint
from functions.ledger.keys import Verifier
from functions.ledger.leaf import leaf_hash
from functions.ledger.note import Signer, Unverified
from functions.ledger.proof import LogProof, NotAProof
from functions.ledger.tree import Frontier, Unproven, inclusion_proof

LOG = Signer("log.example/a", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER = Signer("log.example/b", Ed25519PrivateKey.from_private_bytes(bytes(32)))
HASH = b64encode(bytes(range(32))).decode()
FIRST = "c2sp.org/tlog-proof@v1\n"
HASHES = st.binary(min_size=32, max_size=32)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def leaves(size: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(size)]


def proven(index: int, size: int, extra: bytes | None = None, signer: Signer = LOG) -> LogProof:
    everything = leaves(size)

    def node(level: int, at: int) -> bytes:
        return Frontier().extended(everything[at << level : (at + 1) << level]).root

    checkpoint = Checkpoint(signer.name, size, Frontier().extended(everything).root, 1_764_090_000)
    return LogProof(index, tuple(inclusion_proof(index, size, node)), signer.sign(checkpoint.text), extra)


def believed(text: str, leaf: bytes, log: Verifier) -> bool:
    try:
        LogProof.parse(text).verify(leaf, log)
    except (NotAProof, NotACheckpoint, Unverified, Unproven):
        return False
    return True


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 40), st.data())
def test_a_proof_that_was_written_down_shows_its_leaf_and_no_other(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    text = proven(index, size).text

    checkpoint = LogProof.parse(text).verify(leaves(size)[index], LOG.verifier)

    assert (checkpoint.origin, checkpoint.size) == (LOG.name, size)
    with pytest.raises(Unproven):
        LogProof.parse(text).verify(leaf_hash(b"another"), LOG.verifier)


@given(
    st.builds(
        LogProof,
        st.integers(0, 2**63 - 1),
        st.lists(HASHES, max_size=63).map(tuple),
        TEXTS,
        st.none() | st.binary(min_size=1, max_size=50),
    )
)
def test_a_proof_is_read_as_it_is_written(proof: LogProof) -> None:
    assert LogProof.parse(proof.text) == proof


def test_the_lines_are_those_of_the_specification() -> None:
    proof = LogProof(7, (bytes(range(32)),), "the checkpoint\n", b"extra")

    assert proof.text == f"{FIRST}extra {b64encode(b'extra').decode()}\nindex 7\n{HASH}\n\nthe checkpoint\n"


def test_without_extra_data_there_is_no_line_for_it() -> None:
    assert LogProof(0, (), "x", b"").text == LogProof(0, (), "x").text == f"{FIRST}index 0\n\nx"


@pytest.mark.parametrize(("index", "size"), [(0, 1), (2, 5), (4, 5)])
def test_every_single_bit_of_a_proof_counts(index: int, size: int) -> None:
    text, leaf = proven(index, size).text.encode(), leaves(size)[index]
    accepted = []
    for position in range(len(text) * 8):
        spoiled = bytearray(text)
        spoiled[position // 8] ^= 1 << position % 8
        # What is no longer UTF-8 reaches the reader as the lone surrogates that JSON can carry.
        if believed(spoiled.decode(errors="surrogateescape"), leaf, LOG.verifier):
            accepted.append(position)

    assert believed(text.decode(), leaf, LOG.verifier)
    assert accepted == []


@pytest.mark.parametrize("cut", range(0, 600, 7))
def test_a_proof_that_was_cut_off_or_prolonged_shows_nothing(cut: int) -> None:
    text, leaf = proven(2, 5).text, leaves(5)[2]

    if cut < len(text):
        assert not believed(text[:cut], leaf, LOG.verifier)
    assert not believed(text + "x" * (cut + 1), leaf, LOG.verifier)


def test_extra_data_is_vouched_for_by_nobody() -> None:
    proof = proven(2, 5, extra=b'{"late":true}')

    other = LogProof(proof.index, proof.path, proof.checkpoint, b'{"late":false}')

    assert other.verify(leaves(5)[2], LOG.verifier) == proof.verify(leaves(5)[2], LOG.verifier)


def test_a_proof_of_another_log_is_not_believed() -> None:
    proof = proven(2, 5, signer=OTHER)

    assert proof.verify(leaves(5)[2], OTHER.verifier).origin == OTHER.name
    with pytest.raises(Unverified):
        proof.verify(leaves(5)[2], LOG.verifier)


def test_a_checkpoint_of_another_size_does_not_fit_the_path() -> None:
    proof, larger = proven(2, 5), proven(2, 9)

    with pytest.raises(Unproven):
        LogProof(2, proof.path, larger.checkpoint).verify(leaves(5)[2], LOG.verifier)


@pytest.mark.parametrize("leaf", [b"", bytes(31), bytes(33)])
def test_what_is_no_leaf_hash_is_not_proven(leaf: bytes) -> None:
    with pytest.raises(Unproven):
        proven(2, 5).verify(leaf, LOG.verifier)


@pytest.mark.parametrize("checkpoint", ["", "\n", "x", "null", LOG.sign("log.example/a\n"), "a\n1\n" + HASH + "\n"])
def test_what_stands_for_the_checkpoint_and_is_none_is_refused(checkpoint: str) -> None:
    proof = LogProof.parse(LogProof(0, (), checkpoint).text)

    with pytest.raises(NotACheckpoint):
        proof.verify(leaves(1)[0], LOG.verifier)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "null",
        FIRST,
        f"{FIRST}index 0\n",
        f"{FIRST}\nx",
        f"{FIRST}extra AA==\n\nx",
        "c2sp.org/tlog-proof@v2\nindex 0\n\nx",
        f" {FIRST}index 0\n\nx",
        f"{FIRST}index 0\r\n\r\nx",
        f"{FIRST}index\n\nx",
        f"{FIRST}index \n\nx",
        f"{FIRST}index 00\n\nx",
        f"{FIRST}index -1\n\nx",
        f"{FIRST}index ١\n\nx",
        f"{FIRST}index {2**63}\n\nx",
        f"{FIRST}index 0\nindex 0\n\nx",
        f"{FIRST}index 0\nextra AA==\n\nx",
        f"{FIRST}extra \nindex 0\n\nx",
        f"{FIRST}extra AB==\nindex 0\n\nx",
        f"{FIRST}extra AA==\nextra AA==\nindex 0\n\nx",
        f"{FIRST}index 0\n{HASH[:-1]}\n\nx",
        f"{FIRST}index 0\n{HASH} \n\nx",
        f"{FIRST}index 0\nAAAA\n\nx",
        f"{FIRST}index 0\n{b64encode(bytes(33)).decode()}\n\nx",
        f"{FIRST}index 0\n{HASH[:-2]}9=\n\nx",
        FIRST + "index 0\n" + f"{HASH}\n" * 64 + "\nx",
        f"{FIRST}index 0\n\n\ud800",
    ],
)
def test_a_text_that_is_no_proof_is_refused(text: str) -> None:
    with pytest.raises(NotAProof):
        LogProof.parse(text)


@given(st.text(max_size=80) | st.text("extraindx 01=\n", max_size=40).map(FIRST.__add__))
def test_any_text_is_refused_by_name_or_read_and_written_back(text: str) -> None:
    try:
        proof = LogProof.parse(text)
    except NotAProof:
        return

    assert proof.text == text
