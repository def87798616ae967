from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ledger.leaf import leaf_hash
from functions.ledger.tiles import (
    WIDTH,
    Entries,
    NotABundle,
    NotATile,
    Tile,
    TileNodes,
    bundle,
    hashes_of,
    new_entries,
    new_tiles,
    tile_of,
    tiles_of,
    unbundled,
)
from functions.ledger.tree import (
    Frontier,
    consistency_proof,
    inclusion_proof,
    node_hash,
    root_over,
    verify_consistency,
    verify_inclusion,
)

SIZE = 70_000
SIZES = st.integers(0, 300_000) | st.sampled_from([1, 255, 256, 257, 65_535, 65_536, 65_537])


class Tree:
    """Every node over a full subtree, level by level."""

    def __init__(self, size: int) -> None:
        self.levels = [[leaf_hash(str(number).encode()) for number in range(size)]]
        while len(self.levels[-1]) > 1:
            below = self.levels[-1]
            self.levels.append([node_hash(*pair) for pair in zip(below[::2], below[1::2], strict=False)])

    def node(self, level: int, index: int) -> bytes:
        return self.levels[level][index]


@cache
def tree() -> Tree:
    return Tree(SIZE)


class Shelf:
    """Tiles by path, as they lie in a bucket, and which of them were read."""

    def __init__(self, size: int) -> None:
        self.tiles = {tile.path: hashes_of(tile, tree().node) for tile in tiles_of(size)}
        self.read: list[str] = []

    def __call__(self, tile: Tile) -> bytes:
        self.read.append(tile.path)
        return self.tiles[tile.path]


@cache
def shelved(size: int) -> Shelf:
    return Shelf(size)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(1, 999), "tile/1/999"),
        (Tile(1, 1000), "tile/1/x001/000"),
        (Tile(0, 273, 112), "tile/0/273.p/112"),
        (Tile(63, 5, 1), "tile/63/005.p/1"),
    ],
)
def test_a_tile_has_the_path_of_the_specification(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert Tile.parse(path) == tile


@pytest.mark.parametrize(
    ("entries", "path"),
    [
        (Entries(0), "tile/entries/000"),
        (Entries(1234067), "tile/entries/x001/x234/067"),
        (Entries(273, 112), "tile/entries/273.p/112"),
    ],
)
def test_a_bundle_has_the_path_of_the_specification(entries: Entries, path: str) -> None:
    assert entries.path == path


@given(st.builds(Tile, st.integers(0, 63), st.integers(0, 10**18), st.integers(1, WIDTH)))
def test_the_path_of_a_tile_is_read_as_it_is_written(tile: Tile) -> None:
    assert Tile.parse(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x000/000",
        "tile/0/001/000",
        "tile/0/x001/x000",
        "tile/0/x01/000",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/257",
        "tile/0/000.p/",
        "tile/0/000.p",
        "/tile/0/000",
        "tile/0/000/",
        "tile/0/000\n",
        "tile/0/٠٠٠",
        "tile/x/000",
        "tile/entries/000",
        "tile/0/../000",
        "tile/0/" + "x999/" * 50 + "999",
    ],
)
def test_a_path_that_is_no_tiles_is_refused(path: str) -> None:
    with pytest.raises(NotATile):
        Tile.parse(path)


@pytest.mark.parametrize(("level", "index", "width"), [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257), (0, 0, -1)])
def test_there_is_no_tile_that_no_tree_has(level: int, index: int, width: int) -> None:
    with pytest.raises(NotATile):
        Tile(level, index, width)


def test_a_tree_of_70000_leaves_has_the_tiles_that_the_specification_counts() -> None:
    tiles = list(tiles_of(70_000))

    full = [sum(tile.level == level and tile.width == WIDTH for tile in tiles) for level in range(3)]
    partial = [(tile.level, tile.width) for tile in tiles if tile.width < WIDTH]
    assert full == [273, 1, 0]
    assert partial == [(0, 112), (1, 17), (2, 1)]


def test_a_tree_of_256_leaves_has_a_full_tile_and_one_above_it() -> None:
    assert list(tiles_of(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles_of(0)) == []


@given(SIZES, SIZES)
@settings(deadline=None, max_examples=60)
def test_new_tiles_are_those_that_only_the_larger_tree_has(one: int, other: int) -> None:
    old, new = sorted((one, other))

    tiles = list(new_tiles(old, new))

    before = set(tiles_of(old))
    assert tiles == [tile for tile in tiles_of(new) if tile not in before]
    assert [tile.level for tile in tiles] == sorted(tile.level for tile in tiles)
    assert list(new_entries(old, new)) == [Entries(tile.index, tile.width) for tile in tiles if tile.level == 0]


@given(SIZES, SIZES)
def test_a_tree_that_has_not_grown_has_no_new_tiles(one: int, other: int) -> None:
    new, old = sorted((one, other))

    assert list(new_tiles(old, new)) == []
    assert list(new_entries(old, new)) == []


def described(size: int) -> Iterator[tuple[int, int, int]]:
    """Tiles as tlog-tiles, Partial Tiles, says it: `floor(s / 256**l) mod 256` hashes in the partial one."""
    for level in range(8):
        hashes = size // 256**level
        yield from ((level, index, 256) for index in range(hashes // 256))
        if hashes % 256:
            yield level, hashes // 256, hashes % 256


@given(SIZES)
@settings(deadline=None, max_examples=60)
def test_the_tiles_of_a_tree_are_those_of_the_specification(size: int) -> None:
    assert [(tile.level, tile.index, tile.width) for tile in tiles_of(size)] == list(described(size))


@given(SIZES.filter(bool), st.data())
@settings(deadline=None, max_examples=100)
def test_the_tile_of_a_node_is_one_that_the_tree_has_and_holds_the_whole_node(size: int, data: st.DataObject) -> None:
    level = data.draw(st.integers(0, size.bit_length() - 1))
    index = data.draw(st.integers(0, (size >> level) - 1))

    tile, position = tile_of(level, index, size)

    first = (tile.index * WIDTH + position) << 8 * tile.level
    assert first == index << level
    assert position + (1 << level - 8 * tile.level) <= tile.width
    assert tile in set(tiles_of(size))


@pytest.mark.parametrize(("level", "index", "size"), [(0, 0, 0), (0, 5, 5), (1, 2, 5), (3, 0, 5), (-1, 0, 5), (0, -1, 5)])
def test_a_node_that_a_tree_does_not_have_has_no_tile(level: int, index: int, size: int) -> None:
    with pytest.raises(IndexError):
        tile_of(level, index, size)


def test_every_proof_from_tiles_is_the_one_from_all_leaves() -> None:
    indexes = [0, 1, 255, 256, 65_535, 65_536, 69_887, 69_888, SIZE - 1, *range(17, SIZE, 347)]
    nodes = TileNodes(shelved(SIZE), SIZE)
    root = root_over(0, SIZE, nodes)

    for index in indexes:
        proof = inclusion_proof(index, SIZE, nodes)
        assert proof == inclusion_proof(index, SIZE, tree().node)
        verify_inclusion(index, SIZE, tree().node(0, index), proof, root)
    for old in indexes[1:]:
        proof = consistency_proof(old, SIZE, nodes)
        assert proof == consistency_proof(old, SIZE, tree().node)
        verify_consistency(old, SIZE, proof, root_over(0, old, tree().node), root)


def test_the_root_from_tiles_is_that_of_the_frontier() -> None:
    assert root_over(0, SIZE, TileNodes(shelved(SIZE), SIZE)) == Frontier().extended(tree().levels[0]).root


def test_one_proof_reads_few_tiles_and_none_twice() -> None:
    shelf = Shelf(SIZE)

    inclusion_proof(12_345, SIZE, TileNodes(shelf, SIZE))

    assert len(shelf.read) == len(set(shelf.read)) <= 5


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 65_536, 65_537])
def test_trees_of_any_size_are_read_from_their_own_tiles(size: int) -> None:
    nodes = TileNodes(shelved(size), size)

    root = root_over(0, size, nodes)

    assert root == Frontier().extended(tree().levels[0][:size]).root
    verify_inclusion(size - 1, size, nodes(0, size - 1), inclusion_proof(size - 1, size, nodes), root)


@pytest.mark.parametrize("spoiled", [b"", bytes(31), bytes(32 * 5 - 1), bytes(32 * 5 + 1), bytes(32 * 4), bytes(32 * 256)])
def test_bytes_that_are_not_as_many_hashes_as_the_tile_is_wide_are_refused(spoiled: bytes) -> None:
    nodes = TileNodes(lambda _: spoiled, 5)

    with pytest.raises(NotATile, match=r"tile/0/000\.p/5"):
        nodes(0, 0)


@given(st.integers(0, 300 * 32 * 8 - 1))
@settings(deadline=None, max_examples=60)
def test_a_tile_with_any_one_bit_changed_leads_to_another_root(bit: int) -> None:
    size = 300
    tiles = dict(shelved(size).tiles)
    path = "tile/0/000" if bit < WIDTH * 32 * 8 else "tile/0/001.p/44"
    changed = bytearray(tiles[path])
    at = bit % (len(changed) * 8)
    changed[at // 8] ^= 1 << at % 8
    nodes = TileNodes(lambda tile: bytes(changed) if tile.path == path else tiles[tile.path], size)

    from_leaves = Frontier().extended(nodes(0, index) for index in range(size)).root

    assert from_leaves != root_over(0, size, TileNodes(shelved(size), size))


@given(st.lists(st.binary(max_size=40), max_size=WIDTH))
def test_leaves_are_unbundled_as_they_were_bundled(leaves: list[bytes]) -> None:
    assert unbundled(bundle(leaves)) == leaves


def test_a_bundle_is_a_length_of_two_bytes_before_each_leaf() -> None:
    assert bundle([b"a", b"", b"bc" * 128]) == b"\0\1a" + b"\0\0" + b"\1\0" + b"bc" * 128


def test_a_bundle_cut_off_anywhere_but_between_leaves_is_refused() -> None:
    leaves = [b"first", b"second"]
    whole = bundle(leaves)
    between = {0, len(bundle(leaves[:1])), len(whole)}

    for end in set(range(len(whole))) - between:
        with pytest.raises(NotABundle):
            unbundled(whole[:end])


@pytest.mark.parametrize("entries", [b"\0", b"\0\1", b"\xff\xff" + bytes(65_534), bundle([b"x"]) + b"\0", bytes(2 * WIDTH + 2)])
def test_bytes_that_are_no_bundle_are_refused(entries: bytes) -> None:
    with pytest.raises(NotABundle):
        unbundled(entries)


@pytest.mark.parametrize("leaves", [[bytes(65_536)], [b""] * (WIDTH + 1)], ids=["a leaf too long", "a leaf too many"])
def test_leaves_that_do_not_fit_are_not_bundled(leaves: list[bytes]) -> None:
    with pytest.raises(NotABundle):
        bundle(leaves)


def test_the_longest_leaf_and_the_fullest_bundle_fit() -> None:
    leaves = [bytes(65_535), *[b"x"] * (WIDTH - 1)]

    assert unbundled(bundle(leaves)) == leaves
