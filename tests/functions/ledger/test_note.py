from base64 import b64decode, b64encode
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ledger.note import (
    MAX_BYTES,
    MAX_SIGNATURES,
    NotANote,
    Signer,
    Unverified,
    Verifier,
    key_id,
    open_note,
    signature_lines,
    with_signature,
)
from tests.support.vectors import load

NOTES = load("note/notes.json")
VKEYS = load("note/vkeys.json")
SIGN = load("note/sign.json")
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SIGNER = Signer("log.example/a", KEY)
OTHER = Signer("log.example/b", Ed25519PrivateKey.from_private_bytes(bytes(32)))
TEXT = "log.example/a\n5\nroot\n"

printable = st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs"]) | st.just("\n"), max_size=60).map(
    lambda t: t + "\n"
)


@pytest.mark.parametrize("vector", NOTES, ids=lambda vector: str(vector["desc"]))
def test_a_foreign_note_is_opened_exactly_when_its_vector_says_so(vector: dict[str, Any]) -> None:
    note = b64decode(vector["note_b64"])
    verifiers = [Verifier.parse(text) for text in vector["vkeys"]]

    if vector["wantErr"]:
        with pytest.raises((NotANote, Unverified)):
            open_note(note, verifiers)
    else:
        opened = open_note(note, verifiers)
        assert (list(opened.verified), list(opened.unverified)) == (vector["verified"], vector["unverified"])
        assert note.decode().startswith(opened.text)


@pytest.mark.parametrize("text", VKEYS["valid"])
def test_a_valid_verifier_key_is_read_and_written_back(text: str) -> None:
    assert str(Verifier.parse(text)) == text


def spoiled_keys() -> list[str]:
    good = VKEYS["valid"][0]
    parts = [
        good[start:end] for start in range(len(good)) for end in range(start + 1, len(good) + 1) if end - start < len(good)
    ]
    bumped = [good[:at] + chr(ord(good[at]) + 1) + good[at + 1 :] for at in range(len(good))]
    spaced = [good.replace("+c74f20a3+", "+c7 4f 20 a3+"), good.replace("+c74f20a3+", "+c74f20a3 +"), good + "\n", " " + good]
    return [*VKEYS["invalid"], *parts, *bumped, *spaced]


def test_every_spoiled_verifier_key_is_refused() -> None:
    accepted = []
    for text in spoiled_keys():
        try:
            Verifier.parse(text)
        except NotANote:
            continue
        accepted.append(text)

    assert accepted == []


def test_signing_gives_the_bytes_of_the_foreign_vector() -> None:
    _, _, name, _, encoded = SIGN["skey"].split("+", 4)
    signer = Signer(name, Ed25519PrivateKey.from_private_bytes(b64decode(encoded)[1:]))

    assert signer.sign(SIGN["text"]) == SIGN["want"]


@pytest.mark.parametrize("text", [*(one["text"] for one in SIGN["mustFail"]), "", "a\tb\n", "a\0\n"])
def test_a_text_that_can_be_no_note_is_not_signed(text: str) -> None:
    with pytest.raises(NotANote):
        SIGNER.sign(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\n", "a\u00a0b"])
def test_nobody_signs_under_a_name_that_a_note_cannot_carry(name: str) -> None:
    with pytest.raises(NotANote, match="name"):
        Signer(name, KEY).sign(TEXT)


@settings(deadline=None, max_examples=100)
@given(printable)
def test_what_is_signed_can_be_opened(text: str) -> None:
    note = SIGNER.sign(text).encode()

    opened = open_note(note, [OTHER.verifier, SIGNER.verifier])

    assert opened.text == text
    assert opened.verified == (f"log.example/a+{SIGNER.verifier.key_id.hex()}",)


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_a_note_with_any_one_bit_changed_opens_as_nothing_else(data: st.DataObject) -> None:
    note = SIGNER.sign(TEXT).encode()
    position = data.draw(st.integers(0, len(note) * 8 - 1))
    spoiled = bytearray(note)
    spoiled[position // 8] ^= 1 << position % 8

    with pytest.raises((NotANote, Unverified)):
        open_note(bytes(spoiled), [SIGNER.verifier])


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=200) | st.text("—\n abc+/=AB", max_size=60).map(str.encode))
def test_any_bytes_are_refused_by_name_and_not_by_accident(note: bytes) -> None:
    with pytest.raises((NotANote, Unverified)):
        open_note(note, [SIGNER.verifier])


def test_every_single_bit_of_a_note_counts() -> None:
    note = SIGNER.sign("a\n").encode()
    opened = []
    for position in range(len(note) * 8):
        spoiled = bytearray(note)
        spoiled[position // 8] ^= 1 << position % 8
        try:
            opened.append(open_note(bytes(spoiled), [SIGNER.verifier]))
        except (NotANote, Unverified):
            continue

    assert opened == []


def test_a_signature_by_another_key_under_the_same_name_does_not_hold() -> None:
    impostor = Signer(SIGNER.name, OTHER.key)

    with pytest.raises(Unverified, match="No known key"):
        open_note(impostor.sign(TEXT).encode(), [SIGNER.verifier])


def test_a_signature_that_bears_a_known_keys_hash_and_does_not_hold_spoils_the_note() -> None:
    forged = b64encode(SIGNER.verifier.key_id + bytes(64)).decode()
    note = OTHER.sign(TEXT) + f"— {SIGNER.name} {forged}\n"

    with pytest.raises(Unverified, match="does not hold"):
        open_note(note.encode(), [OTHER.verifier, SIGNER.verifier])


def test_a_signature_over_another_text_cannot_be_moved_to_this_one() -> None:
    moved = SIGNER.sign("another text\n").partition("\n\n")[2]

    with pytest.raises(Unverified):
        open_note(f"{TEXT}\n{moved}".encode(), [SIGNER.verifier])


@pytest.mark.parametrize(
    ("note", "says"),
    [
        (b"x" * (MAX_BYTES + 1), "too long"),
        (SIGNER.sign("a\n").encode().replace(b"a\n", b"a\tb\n", 1), "control"),
        (SIGNER.sign("a\n").encode()[:-1], "block"),
        (b"a\n" + SIGNER.sign("a\n").encode().partition(b"\n\n")[2], "block"),
        (SIGNER.sign("a\n").encode() + b"\n", "signature"),
        ((SIGNER.sign("a\n") + "— x AAAAAAA=\n" * 100).encode(), "too many"),
        ((SIGNER.sign("a\n") + "- x AAAAAAA=\n").encode(), "not a signature"),
        ((SIGNER.sign("a\n") + "— x+y AAAAAAA=\n").encode(), "name"),
        ((SIGNER.sign("a\n") + "— x AAAAA\n").encode(), "base64"),
        ((SIGNER.sign("a\n") + "— x AAAAAA==\n").encode(), "too short"),
        (b"\xff\n\n" + SIGNER.sign("a\n").encode(), "UTF-8"),
    ],
    ids=lambda value: str(value)[:20] if isinstance(value, str) else f"{len(value)} bytes ending {value[-12:]!r}",
)
def test_what_is_not_a_note_is_refused_with_the_reason(note: bytes, says: str) -> None:
    with pytest.raises(NotANote, match=says):
        open_note(note, [SIGNER.verifier])


def test_signatures_of_unknown_keys_are_named_once_and_judged_by_nobody() -> None:
    note = SIGNER.sign(TEXT) + OTHER.sign(TEXT).partition("\n\n")[2] * 2

    opened = open_note(note.encode(), [SIGNER.verifier])

    assert opened.unverified == (f"log.example/b+{OTHER.verifier.key_id.hex()}",)


def test_the_key_id_depends_on_name_algorithm_and_key() -> None:
    ids = {key_id("a", 1, bytes(32)), key_id("b", 1, bytes(32)), key_id("a", 2, bytes(32)), key_id("a", 1, bytes(31) + b"\1")}

    assert len(ids) == 4


def test_the_signatures_of_a_note_can_be_listed_without_any_key() -> None:
    note = SIGNER.sign(TEXT) + OTHER.sign(TEXT).partition("\n\n")[2]

    lines = signature_lines(note.encode())

    assert lines == [(one.name, one.verifier.key_id, one.key.sign(TEXT.encode())) for one in (SIGNER, OTHER)]


def test_a_signature_is_added_once_and_the_others_still_hold() -> None:
    note, line = SIGNER.sign(TEXT).encode(), OTHER.verifier.line(OTHER.key.sign(TEXT.encode()))

    once = with_signature(note, line)
    twice = with_signature(once, line)

    assert once == twice
    assert open_note(once, [OTHER.verifier, SIGNER.verifier]).verified == tuple(
        f"{one.name}+{one.verifier.key_id.hex()}" for one in (SIGNER, OTHER)
    )


@pytest.mark.parametrize(
    "line",
    [
        "",
        "x",
        "— a",
        "— a AAAA",
        "- a AAAAAAA=",
        "— a AAAAAAA=\n",
        "— a\n AAAAAAA=",
        "— a AAAAAAA=\n\n— b AAAAAAA=",
        "— \x01 AAAAAAA=",
    ],
)
def test_what_is_no_signature_line_is_not_added(line: str) -> None:
    with pytest.raises(NotANote):
        with_signature(SIGNER.sign(TEXT).encode(), line)


def test_nothing_is_added_to_what_is_no_note_or_to_one_that_is_full() -> None:
    line = OTHER.verifier.line(bytes(64))
    full = SIGNER.sign(TEXT) + "— x AAAAAAA=\n" * (MAX_SIGNATURES - 1)

    for note in (b"", TEXT.encode(), full.encode()):
        with pytest.raises(NotANote):
            with_signature(note, line)
        with pytest.raises(NotANote):
            signature_lines(note + b"x")


def test_a_text_that_is_signed_may_end_in_empty_lines() -> None:
    opened = open_note(SIGNER.sign("a\n\n\n").encode(), [SIGNER.verifier])

    assert opened.text == "a\n\n\n"
