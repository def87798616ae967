import json
from collections import Counter
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ledger.leaf import MAX_BYTES, LeafTooLarge, canonical, leaf_hash, members
from tests.support.vectors import FOLDER, load

MERKLE = load("merkle/roots.json")
DOCUMENTS = sorted(path.stem for path in (FOLDER / "jcs/input").glob("*.json"))

names = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = names | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1)
leaves = st.dictionaries(names, values | st.dictionaries(names, values, max_size=3), max_size=6)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_foreign_document_gets_the_foreign_bytes(name: str) -> None:
    wanted = bytes.fromhex((FOLDER / f"jcs/outhex/{name}.txt").read_text())

    assert rfc8785.dumps(load(f"jcs/input/{name}.json")) == wanted
    assert (FOLDER / f"jcs/output/{name}.json").read_bytes() == wanted


def test_ten_thousand_foreign_numbers_are_written_the_foreign_way_or_refused() -> None:
    tally: Counter[str] = Counter()
    for line in (FOLDER / "jcs/es6numbers-10000.txt").read_text().splitlines():
        _, wanted = line.split(",")
        if not wanted.lstrip("-").isdigit():
            continue
        try:
            tally["equal" if canonical({"n": int(wanted)}) == f'{{"n":{wanted}}}'.encode() else "different"] += 1
        except rfc8785.CanonicalizationError:
            tally["refused"] += 1

    assert tally["different"] == 0
    assert tally["equal"] > 0
    assert tally["refused"] > 0


@settings(deadline=None, max_examples=150)
@given(leaves)
def test_a_leaf_says_what_was_put_in_and_has_one_form_whatever_the_order(said: dict[str, Any]) -> None:
    leaf = canonical(said)

    assert members(leaf) == said
    assert canonical(dict(reversed(said.items()))) == leaf
    assert len(leaf) <= MAX_BYTES


def test_a_leaf_of_1024_bytes_fits_and_one_byte_more_does_not() -> None:
    assert len(canonical({"n": "x" * (MAX_BYTES - 8)})) == 1024
    with pytest.raises(LeafTooLarge, match="1025"):
        canonical({"n": "x" * (MAX_BYTES - 7)})


def test_the_limit_counts_bytes_and_not_characters() -> None:
    with pytest.raises(LeafTooLarge):
        canonical({"n": "ж" * 600})


@pytest.mark.parametrize("value", [2**53, -(2**53), float("nan"), float("inf"), b"bytes", {1: "x"}, "\ud800"], ids=repr)
def test_what_canonical_json_cannot_carry_is_refused(value: Any) -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical({"n": value})


def test_leaf_hashes_are_those_of_others() -> None:
    vector = MERKLE["leaf_hash"]

    assert leaf_hash(b"").hex() == MERKLE["empty_leaf_hash_hex"]
    assert leaf_hash(vector["data_utf8"].encode()).hex() == vector["want_hex"]
    # RFC 6962, 2.1: the root of a tree of one leaf is that leaf's hash.
    assert leaf_hash(bytes.fromhex(MERKLE["leaf_inputs_hex"][0])).hex() == MERKLE["roots_by_tree_size_hex"][1]


def test_a_leaf_changed_in_one_byte_has_another_hash() -> None:
    leaf = canonical({"act": "refused"})

    assert leaf_hash(leaf) != leaf_hash(leaf.replace(b"refused", b"refusee"))


def test_a_leaf_never_passes_for_an_inner_node() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    vector = MERKLE["node_hash"]

    assert leaf_hash(left + right).hex() != vector["want_hex"]
    assert leaf_hash(f"{vector['left_utf8']}{vector['right_utf8']}".encode()).hex() != vector["want_hex"]


def test_a_leaf_is_plain_json_to_anybody() -> None:
    assert json.loads(canonical({"ж": 1, "a": True})) == {"a": True, "ж": 1}
