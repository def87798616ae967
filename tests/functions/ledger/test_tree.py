import json
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ledger.leaf import leaf_hash
from functions.ledger.tree import (
    EMPTY_ROOT,
    Frontier,
    Unproven,
    consistency_proof,
    inclusion_proof,
    node_hash,
    root_over,
    verify_consistency,
    verify_inclusion,
)

MERKLE = Path(__file__).parents[2] / "vectors" / "merkle"
ROOTS = json.loads((MERKLE / "roots.json").read_bytes())
INCLUSION = sorted(MERKLE.glob("inclusion/**/*.json"))
CONSISTENCY = sorted(MERKLE.glob("consistency/**/*.json"))
SIZES = st.integers(1, 200)


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def hashed(text: str | None) -> bytes:
    return b64decode(text or "")


def leaves(count: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(count)]


class Tree:
    """Every node of a tree, computed the slow way of RFC 6962, 2.1."""

    def __init__(self, count: int) -> None:
        self.leaves = leaves(count)

    def node(self, level: int, index: int) -> bytes:
        assert (index + 1) << level <= len(self.leaves), "only full subtrees are asked for"
        return self.root(index << level, (index + 1) << level)

    def root(self, start: int, end: int) -> bytes:
        if end - start == 0:
            return sha256(b"").digest()
        if end - start == 1:
            return self.leaves[start]
        k = 1
        while k * 2 < end - start:
            k *= 2
        return node_hash(self.root(start, start + k), self.root(start + k, end))


def outcome(check: Any, *arguments: Any) -> bool:
    try:
        check(*arguments)
    except Unproven:
        return False
    return True


@pytest.mark.parametrize("path", INCLUSION, ids=named)
def test_an_inclusion_proof_is_accepted_exactly_when_the_vector_says_so(path: Path) -> None:
    said = json.loads(path.read_bytes())
    proof = [hashed(one) for one in said["proof"] or []]

    accepted = outcome(
        verify_inclusion, said["leafIdx"], said["treeSize"], hashed(said["leafHash"]), proof, hashed(said["root"])
    )

    assert accepted is not said["wantErr"]


@pytest.mark.parametrize("path", CONSISTENCY, ids=named)
def test_a_consistency_proof_is_accepted_exactly_when_the_vector_says_so(path: Path) -> None:
    said = json.loads(path.read_bytes())
    proof = [hashed(one) for one in said["proof"] or []]

    accepted = outcome(verify_consistency, said["size1"], said["size2"], proof, hashed(said["root1"]), hashed(said["root2"]))

    assert accepted is not said["wantErr"]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_foreign_tree(size: int) -> None:
    hashes = [leaf_hash(bytes.fromhex(one)) for one in ROOTS["leaf_inputs_hex"][:size]]

    assert Frontier().extended(hashes).root.hex() == ROOTS["roots_by_tree_size_hex"][size]


def test_a_node_is_hashed_as_the_foreign_tree_hashes_it() -> None:
    said = ROOTS["node_hash"]

    assert node_hash(said["left_utf8"].encode(), said["right_utf8"].encode()).hex() == said["want_hex"]


@given(st.lists(st.integers(0, 40), max_size=6))
@settings(deadline=None, max_examples=60)
def test_appending_in_batches_is_appending_one_by_one(batches: list[int]) -> None:
    everything = leaves(sum(batches))
    frontier, done = Frontier(), 0
    for batch in batches:
        frontier = frontier.extended(everything[done : done + batch])
        done += batch

    assert frontier == Frontier().extended(everything)
    assert frontier.root == (Tree(done).root(0, done) if done else EMPTY_ROOT)


@given(SIZES, st.data())
@settings(deadline=None, max_examples=120)
def test_every_leaf_is_proven_and_no_other_passes_for_it(size: int, data: st.DataObject) -> None:
    tree, index = Tree(size), data.draw(st.integers(0, size - 1))
    root = tree.root(0, size)

    proof = inclusion_proof(index, size, tree.node)

    verify_inclusion(index, size, tree.leaves[index], proof, root)
    assert not outcome(verify_inclusion, index, size, leaf_hash(b"another"), proof, root)
    if size > 1:
        other = data.draw(st.integers(0, size - 1).filter(lambda one: one != index))
        assert not outcome(verify_inclusion, other, size, tree.leaves[index], proof, root)


@given(SIZES, st.data())
@settings(deadline=None, max_examples=120)
def test_a_tree_is_proven_to_have_grown_and_a_changed_one_is_not(size: int, data: st.DataObject) -> None:
    tree, old = Tree(size), data.draw(st.integers(0, size))
    roots = (tree.root(0, old), tree.root(0, size))

    proof = consistency_proof(old, size, tree.node)

    verify_consistency(old, size, proof, *roots)
    if 0 < old < size:
        changed = Tree(size)
        changed.leaves[data.draw(st.integers(0, old - 1))] = leaf_hash(b"changed")
        assert not outcome(verify_consistency, old, size, proof, roots[0], changed.root(0, size))
        assert not outcome(verify_consistency, old, size, proof, changed.root(0, old), roots[1])


@given(SIZES, st.data())
@settings(deadline=None, max_examples=80)
def test_a_proof_with_one_bit_changed_shows_nothing(size: int, data: st.DataObject) -> None:
    tree, index = Tree(size), data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, tree.node)
    if not proof:
        return
    at, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
    flipped = int.from_bytes(proof[at], "big") ^ (1 << bit)

    altered = [*proof[:at], flipped.to_bytes(32, "big"), *proof[at + 1 :]]

    assert not outcome(verify_inclusion, index, size, tree.leaves[index], altered, tree.root(0, size))


@pytest.mark.parametrize("wrong", [b"", b"x" * 31, b"x" * 33, None, "x" * 32])
def test_what_is_no_hash_proves_nothing(wrong: Any) -> None:
    (leaf,) = leaves(1)

    assert not outcome(verify_inclusion, 0, 1, wrong, [], leaf)
    assert not outcome(verify_inclusion, 0, 1, leaf, [], wrong)
    assert not outcome(verify_inclusion, 0, 2, leaf, [wrong], leaf)
    assert not outcome(verify_consistency, 1, 2, [wrong], leaf, leaf)


def test_there_is_no_proof_for_what_is_not_in_the_tree() -> None:
    tree = Tree(3)

    for index in (-1, 3):
        with pytest.raises(IndexError):
            inclusion_proof(index, 3, tree.node)
    for old in (-1, 4):
        with pytest.raises(IndexError):
            consistency_proof(old, 3, tree.node)


def test_a_frontier_has_as_many_roots_as_its_size_has_ones() -> None:
    with pytest.raises(ValueError, match="full subtrees"):
        Frontier(3, tuple(leaves(1)))


def test_the_root_over_a_stretch_is_that_of_its_leaves() -> None:
    tree = Tree(11)

    assert root_over(8, 11, tree.node) == tree.root(8, 11)
