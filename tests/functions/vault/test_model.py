import os
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.errors import Unauthenticated
from functions.ids import SubjectId, TenantId
from functions.ledger.leaf import leaf_hash
from functions.vault.model import CannotOpen, Subject, TenantKeys, base64url, decrypt, derive, encrypt, from_base64url

KEYS = TenantKeys(TenantId("aaaaaaaaaaaa"), bytes(range(32)))
NEIGHBOUR = TenantKeys(TenantId("bbbbbbbbbbbb"), bytes(range(1, 33)))
SAME_ROOT = TenantKeys(NEIGHBOUR.tenant, KEYS.root)
ANN = Subject(KEYS.pseudonym("0199f0a0-0000-7000-8000-000000000001"), b"a" * 32)
BOB = Subject(KEYS.pseudonym("0199f0a0-0000-7000-8000-000000000002"), b"b" * 32)
LEAF = leaf_hash(b"leaf")
OTHER_LEAF = leaf_hash(b"another")
RECORD = "0199f0a0-0000-7000-8000-000000000001"

personal_data = st.dictionaries(
    st.text("abc", max_size=3), st.text(st.characters(exclude_categories=["Cs"]), max_size=20), max_size=4
)


@settings(deadline=None, max_examples=60)
@given(personal_data)
def test_what_is_sealed_for_a_subject_and_a_leaf_opens_for_both(personal: dict[str, Any]) -> None:
    assert ANN.open(ANN.seal(personal, leaf_hash=LEAF), leaf_hash=LEAF) == personal


def test_sealing_hides_and_never_repeats_itself() -> None:
    one, other = (ANN.seal({"email": "ann@example.com"}, leaf_hash=LEAF) for _ in range(2))

    assert b"ann" not in one
    assert one != other


@pytest.mark.parametrize(
    ("opener", "leaf"),
    [(BOB, LEAF), (ANN, OTHER_LEAF), (Subject(ANN.id, os.urandom(32)), LEAF)],
    ids=["another subject", "another leaf", "a shredded key"],
)
def test_nothing_else_opens_it(opener: Subject, leaf: bytes) -> None:
    sealed = ANN.seal({"email": "ann@example.com"}, leaf_hash=LEAF)

    with pytest.raises(CannotOpen):
        opener.open(sealed, leaf_hash=leaf)


@settings(deadline=None, max_examples=80)
@given(st.data())
def test_a_seal_with_any_one_bit_changed_or_cut_short_does_not_open(data: st.DataObject) -> None:
    sealed = ANN.seal({"name": "Ann"}, leaf_hash=LEAF)
    position = data.draw(st.integers(0, len(sealed) * 8 - 1))
    flipped = bytearray(sealed)
    flipped[position // 8] ^= 1 << position % 8
    cut = sealed[: data.draw(st.integers(0, len(sealed) - 1))]

    for spoiled in (bytes(flipped), cut):
        with pytest.raises(CannotOpen):
            ANN.open(spoiled, leaf_hash=LEAF)


def test_a_commitment_binds_subject_record_and_data() -> None:
    told = {"email": "ann@example.com", "name": "Ann"}
    made = {
        ANN.commitment(told, record=RECORD),
        ANN.commitment({"name": "Ann", "email": "ann@example.com"}, record=RECORD),
        ANN.commitment(told | {"name": "Anna"}, record=RECORD),
        ANN.commitment(told, record="0199f0a0-0000-7000-8000-000000000009"),
        BOB.commitment(told, record=RECORD),
    }

    assert len(made) == 4
    assert all(len(one) == 43 for one in made)


def test_a_commitment_can_be_checked_by_whoever_holds_the_salt() -> None:
    import hmac

    opened = b"consentinel/pii/1\n" + b'{"email":"ann@example.com"}'

    recomputed = base64url(hmac.digest(ANN.salt(RECORD), opened, "sha256"))

    assert ANN.commitment({"email": "ann@example.com"}, record=RECORD) == recomputed


def test_a_pseudonym_is_the_same_for_every_retry_and_tells_nothing() -> None:
    again = TenantKeys(KEYS.tenant, KEYS.root).pseudonym(RECORD)

    assert KEYS.pseudonym(RECORD) == again
    assert SubjectId.parse(again)
    assert len({KEYS.pseudonym(f"{n}") for n in range(200)}) == 200
    assert NEIGHBOUR.pseudonym(RECORD) != again


def test_a_lookup_depends_on_the_tenant_and_on_what_is_looked_for() -> None:
    made = {
        KEYS.lookup("email", "ann@example.com"),
        KEYS.lookup("ip", "ann@example.com"),
        KEYS.lookup("email", "bob@example.com"),
        NEIGHBOUR.lookup("email", "ann@example.com"),
    }

    assert len(made) == 4
    assert KEYS.lookup("email", "ann@example.com") in made


def test_a_wrapped_key_is_bound_to_what_it_is_about() -> None:
    wrapped = KEYS.wrap(b"k" * 32, about=ANN.id)

    assert KEYS.unwrap(wrapped, about=ANN.id) == b"k" * 32
    for keys, about in [(KEYS, BOB.id), (KEYS, ""), (NEIGHBOUR, ANN.id)]:
        with pytest.raises(CannotOpen):
            keys.unwrap(wrapped, about=about)
    with pytest.raises(CannotOpen):
        KEYS.unwrap(wrapped[:-1] + bytes([wrapped[-1] ^ 1]), about=ANN.id)


def test_a_subject_token_names_its_subject() -> None:
    assert KEYS.subject_of(KEYS.subject_token(ANN.id)) == ANN.id


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "st1",
        "st1.",
        f"st1.{ANN.id}",
        f"st1.{ANN.id}.",
        ANN.id,
        KEYS.subject_token(ANN.id)[:-1],
        KEYS.subject_token(ANN.id) + "A",
        KEYS.subject_token(ANN.id) + "=",
        KEYS.subject_token(ANN.id) + "\n",
        " " + KEYS.subject_token(ANN.id),
        KEYS.subject_token(ANN.id).replace("st1", "st2"),
        KEYS.subject_token(ANN.id).replace(ANN.id, BOB.id),
        NEIGHBOUR.subject_token(ANN.id),
        SAME_ROOT.subject_token(ANN.id),
        f"st1.{ANN.id}.é",
        f"st1.{'A' * 21}B.{'A' * 32}",
    ],
)
def test_no_other_token_names_anybody(token: str) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        KEYS.subject_of(token)

    assert ANN.id not in refusal.value.detail


@pytest.mark.parametrize("position", range(len(KEYS.subject_token(ANN.id))))
def test_a_token_with_any_character_changed_names_nobody(position: int) -> None:
    token = KEYS.subject_token(ANN.id)
    changed = token[:position] + ("B" if token[position] != "B" else "C") + token[position + 1 :]

    with pytest.raises(Unauthenticated):
        KEYS.subject_of(changed)


def test_each_use_has_a_key_of_its_own() -> None:
    uses = ["pseudonym/1", "lookup/1", "subject-token/1", "wrap/1", "receipt/1", "log/1", "seal/1"]

    assert len({derive(KEYS.root, use) for use in uses} | {KEYS.root}) == 8


def test_the_receipt_key_is_the_tenants_own_and_the_same_every_time() -> None:
    again = TenantKeys(KEYS.tenant, KEYS.root).receipt_key

    assert isinstance(KEYS.receipt_key, Ed25519PrivateKey)
    assert KEYS.receipt_key.private_bytes_raw() == again.private_bytes_raw()
    assert KEYS.receipt_key.private_bytes_raw() != NEIGHBOUR.receipt_key.private_bytes_raw()


def test_each_tenant_and_year_has_a_log_of_its_own() -> None:
    made = {KEYS.log_id(2026), KEYS.log_id(2027), NEIGHBOUR.log_id(2026)}

    assert len(made) == 3
    assert all(len(one) == 32 for one in made)
    assert KEYS.log_id(2026) in made


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=40))
def test_base64url_goes_both_ways_without_padding(raw: bytes) -> None:
    text = base64url(raw)

    assert "=" not in text
    assert from_base64url(text) == raw


@pytest.mark.parametrize("sealed", [b"", b"short", bytes(12), bytes(27)])
def test_what_was_never_sealed_does_not_open(sealed: bytes) -> None:
    with pytest.raises(CannotOpen):
        decrypt(bytes(32), sealed, about=b"")


def test_what_is_sealed_about_one_thing_does_not_open_about_another() -> None:
    sealed = encrypt(bytes(32), b"text", about=b"this")

    assert decrypt(bytes(32), sealed, about=b"this") == b"text"
    with pytest.raises(CannotOpen):
        decrypt(bytes(32), sealed, about=b"that")
