"""The Merkle tree of a log (RFC 6962): appending, roots, proofs, and their verification; no I/O.

Hashes are SHA-256, 32 bytes. A node is named by its level (0: leaves) and its index there; only nodes over full subtrees are
ever asked for, and those never change.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()

# The hash over the 2**level leaves from index * 2**level on.
Nodes = Callable[[int, int], bytes]


class Unproven(ValueError):
    """The proof does not show what it should, or is none."""


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962, 2.1: the prefix 0x01 keeps a node from passing for a leaf."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that appending needs of a tree: its size, and the roots of its full subtrees, the largest first."""

    size: int = 0
    roots: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.roots) != self.size.bit_count():
            raise ValueError(f"A tree of {self.size} leaves does not have {len(self.roots)} full subtrees.")

    def extended(self, leaf_hashes: Iterable[bytes]) -> "Frontier":
        """The frontier after appending; two hashes a leaf on average."""
        size, roots = self.size, list(self.roots)
        for leaf in leaf_hashes:
            node, carried = leaf, size
            while carried & 1:
                node = node_hash(roots.pop(), node)
                carried >>= 1
            roots.append(node)
            size += 1
        return Frontier(size, tuple(roots))

    @property
    def root(self) -> bytes:
        """RFC 6962, 2.1: the root hash of a tree of this size."""
        return _folded(self.roots) if self.roots else EMPTY_ROOT


def _folded(roots: Sequence[bytes]) -> bytes:
    """The hash over neighbouring full subtrees, the largest first."""
    node = roots[-1]
    for root in reversed(roots[:-1]):
        node = node_hash(root, node)
    return node


def _split(count: int) -> int:
    """The largest power of two below the count (RFC 6962, 2.1)."""
    return 1 << (count - 1).bit_length() - 1


def full_subtrees(size: int) -> Iterator[tuple[int, int]]:
    """Level and index of the full subtrees that a tree consists of, the largest first: those of its frontier."""
    return _full_subtrees(0, size)


def _full_subtrees(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Level and index of the full subtrees that leaves `start` to `end` consist of; `start` is aligned to what follows it."""
    while start < end:
        level = (end - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level


def root_over(start: int, end: int, nodes: Nodes) -> bytes:
    """The hash over a stretch of leaves that is a subtree of the log's tree."""
    return _folded([nodes(level, index) for level, index in _full_subtrees(start, end)])


def inclusion_proof(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """The audit path of a leaf, from its sibling up (RFC 6962, 2.1.1).

    Raises:
        IndexError: the leaf is not in the tree.
    """
    if not 0 <= index < size:
        raise IndexError(f"A tree of {size} leaves has no leaf {index}.")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(root_over(middle, end, nodes))
            end = middle
        else:
            path.append(root_over(start, middle, nodes))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, nodes: Nodes) -> list[bytes]:
    """That the first `old` leaves of a tree are those of the earlier tree (RFC 6962, 2.1.2); nothing for an empty one.

    Raises:
        IndexError: the earlier tree is the larger one.
    """
    if not 0 <= old <= new:
        raise IndexError(f"A tree of {new} leaves does not hold one of {old}.")
    path: list[bytes] = []
    start, end, whole = 0, new, True
    while 0 < old < end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(root_over(middle, end, nodes))
            end = middle
        else:
            path.append(root_over(start, middle, nodes))
            start, whole = middle, False
    if not whole:
        path.append(root_over(start, end, nodes))
    return path[::-1]


def verify_inclusion(index: int, size: int, leaf_hash: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """RFC 9162, 2.1.3.2; raises `Unproven`."""
    _check_hashes([leaf_hash, root, *proof])
    if not 0 <= index < size:
        raise Unproven("The leaf would lie outside the tree.")
    node = leaf_hash
    for sibling, stands_left in _climbed(index, size - 1, proof):
        node = node_hash(sibling, node) if stands_left else node_hash(node, sibling)
    if node != root:
        raise Unproven("The proof leads to another root.")


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """RFC 9162, 2.1.4.2; raises `Unproven`."""
    _check_hashes([old_root, new_root, *proof])
    if not 0 <= old <= new:
        raise Unproven("The earlier tree would be the larger one.")
    if old in {0, new}:
        _check_trivial(old, new, proof, old_root, new_root)
        return
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        raise Unproven("The proof is empty.")
    left, last = old - 1, new - 1
    while left & 1:
        left, last = left >> 1, last >> 1
    old_node = new_node = path[0]
    for sibling, stands_left in _climbed(left, last, path[1:]):
        if stands_left:
            old_node, new_node = node_hash(sibling, old_node), node_hash(sibling, new_node)
        else:
            new_node = node_hash(new_node, sibling)
    if old_node != old_root or new_node != new_root:
        raise Unproven("The proof leads to other roots.")


def _climbed(index: int, last: int, proof: Sequence[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each sibling on the way up from a node, and whether it stands on the left; `last` is the last node of that level.

    Raises:
        Unproven: the proof is not as long as the tree is high.
    """
    for sibling in proof:
        if last == 0:
            raise Unproven("The proof is longer than the tree is high.")
        stands_left = bool(index & 1) or index == last
        yield sibling, stands_left
        while stands_left and index and not index & 1:
            index, last = index >> 1, last >> 1
        index, last = index >> 1, last >> 1
    if last != 0:
        raise Unproven("The proof is shorter than the tree is high.")


def _check_trivial(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """An empty tree is in every tree, and a tree in itself; there is nothing to prove."""
    if proof:
        raise Unproven("There is nothing to prove, and yet a proof.")
    if old == new and old_root != new_root:
        raise Unproven("Two trees of one size have different roots.")
    if old == 0 and old_root != EMPTY_ROOT:
        raise Unproven("That is not the root of an empty tree.")


def _check_hashes(hashes: Iterable[object]) -> None:
    for one in hashes:
        if not isinstance(one, bytes) or len(one) != HASH_BYTES:
            raise Unproven("A hash has 32 bytes.")
