import json
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from functions.audit.regrowing import Regrown
from functions.ledger.tiles import Tile, hashes_of, tiles_of
from functions.ledger.tree import Frontier

LEAVES = [sha256(str(number).encode()).digest() for number in range(70_000)]


def nodes(level: int, index: int) -> bytes:
    return Frontier().extended(LEAVES[index << level : (index + 1) << level]).roots[0]


@given(st.lists(st.integers(1, 600), max_size=6))
def test_it_has_the_root_and_the_tiles_of_the_tree_at_every_size(parts: list[int]) -> None:
    grown, tiles, size = Regrown(), dict[Tile, bytes](), 0

    for part in parts:
        tiles |= dict(grown.grow(LEAVES[size : size + part]))
        size += part

        assert grown.frontier == Frontier().extended(LEAVES[:size])
        assert tiles | dict(grown.partial()) == {tile: hashes_of(tile, nodes) for tile in tiles_of(size)}


@given(st.integers(0, 1500), st.integers(0, 600))
def test_it_goes_on_from_what_was_noted_of_it(before: int, after: int) -> None:
    grown = Regrown()
    list(grown.grow(LEAVES[:before]))

    again = Regrown.from_json(json.loads(json.dumps(grown.to_json())))

    assert list(again.grow(LEAVES[before : before + after])) == list(grown.grow(LEAVES[before : before + after]))
    assert (again.frontier, list(again.partial())) == (grown.frontier, list(grown.partial()))


def test_rows_above_the_second_grow_too() -> None:
    grown = Regrown()

    tiles = dict(grown.grow(LEAVES))

    assert grown.frontier == Frontier().extended(LEAVES)
    assert tiles[Tile(1, 0)] == hashes_of(Tile(1, 0), nodes)
    assert [tile for tile, _ in grown.partial()] == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
