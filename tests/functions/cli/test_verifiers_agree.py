"""The Python verifier and the browser page's, which share no line, over the same files."""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from typing import Any

import pytest

from tests.functions.cli.test_verify import NOT_RECEIPTS, TWINS, WITNESS
from tests.functions.cli.test_verify_packs import LAUNDERING, NOT_PACKS, files
from tests.support.receipts import AT, BANNER, KINDS, ORIGIN, Authority, Shop, as_file, ed25519, leaf_of, pack_of, zipped
from tests.support.verifiers import Case, by_javascript, by_python

HOW = [by_python, by_javascript]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.opened(tmp_path_factory.mktemp("authority"), algorithm="EC")


def corpus(authority: Authority) -> Iterator[Case]:
    for kind in KINDS:
        yield from _with_keys_of(kind, authority)
    yield from map(Case, NOT_RECEIPTS.values())
    yield from map(Case, NOT_PACKS.values())
    yield from LAUNDERING.values()
    whole = files()
    yield Case(zipped(whole))
    yield Case(zipped(whole)[:-2] + b"\7\0comment")
    for path in whole:
        yield Case(zipped({**whole, path: b"changed"}))
        yield Case(zipped({name: content for name, content in whole.items() if name != path}))


def _with_keys_of(kind: str, authority: Authority) -> Iterator[Case]:
    shop, forked = Shop(kind), Shop(kind, what="a record of the rewritten log")
    receipt = as_file(shop.receipt())
    yield from (Case(as_file(tampered(shop.receipt()))) for tampered in TWINS)
    yield Case(receipt, keys=[shop.receipts.vkey, shop.log.key.vkey])
    yield from (
        Case(receipt, keys=[key]) for key in (ed25519(ORIGIN, 9).vkey, ed25519("other").vkey, WITNESS.vkey, "none", "a+b+")
    )
    yield Case(as_file(shop.receipt(proof=None)), checkpoint=shop.log.checkpoint())
    yield Case(as_file({**shop.receipt(proof=None), "keys": {"receipt": shop.receipts.vkey, "log": None}}))
    yield Case(as_file(shop.receipt(opening=None)))
    yield Case(as_file(Shop(kind, leaf=leaf_of(BANNER)).receipt()))
    cosigned = shop.log.proof(shop.index, checkpoint=WITNESS.cosigned(shop.log.checkpoint()))
    yield from (Case(as_file(shop.receipt(proof=cosigned)), keys=keys) for keys in ([], [WITNESS.vkey]))
    extras: list[Any] = [{"late": True, "sequenced_at": 1}, {"late": False}, [], {"late": 1}]
    for extra in extras:
        yield Case(as_file(shop.receipt(proof=shop.log.proof(shop.index, extra=extra))))
    for at in (None, AT.replace(year=2025), AT.replace(year=2027)):
        yield Case(as_file(shop.receipt(proof=shop.log.proof(shop.index, checkpoint=shop.log.checkpoint(at=at)))))
    for one in (shop, forked):
        yield from _anchored(one, shop, authority)


def _anchored(shop: Shop, genuine: Shop, authority: Authority) -> Iterator[Case]:
    twins: list[dict[str, Any]] = [
        {},
        {"kind": "roughtime"},
        {"token": "AAAA"},
        {"token": b64encode(authority.token(b"something else")).decode()},
        {"consistency": []},
        {"checkpoint": shop.log.checkpoint(5)},
    ]
    for size in (0, 3, 8, 12):
        anchor = {**genuine.anchor(authority, size), "consistency": shop.log.consistency(size)}
        for changes in twins:
            yield Case(as_file(shop.receipt(anchors=[{**anchor, **changes}])))
        yield Case(as_file(shop.receipt(anchors=[anchor])), checkpoint=genuine.log.checkpoint(size))
        yield Case(as_file(shop.receipt(proof=None, anchors=[anchor])))
        joins = "\n".join(shop.log.consistency(size))
        for consistency in (None, joins, joins[4:], "", joins + "\n" + joins):
            yield Case(as_file(shop.receipt()), checkpoint=genuine.log.checkpoint(size), consistency=consistency)
            yield Case(
                as_file(shop.receipt(anchors=[anchor])), checkpoint=genuine.log.checkpoint(size), consistency=consistency
            )


def test_both_say_the_same_of_good_and_bad_files(authority: Authority) -> None:
    cases = list(corpus(authority))

    python, javascript = (by(cases) for by in HOW)

    assert [(case, one, other) for case, one, other in zip(cases, python, javascript, strict=True) if one != other] == []
    assert {one.exit_code for one in python} == {0, 1, 2}


TIMES = {
    "20260228235959Z": True,
    "20240229000000Z": True,
    "00010101000000Z": True,
    "20261301000000Z": False,
    "20260001000000Z": False,
    "20260229000000Z": False,
    "20260230000000Z": False,
    "20260101240000Z": False,
    "20260101006000Z": False,
    "20260101000060Z": False,
    "00000101000000Z": False,
    "\ufeff260101000000": False,
}


def test_both_read_the_same_times_in_a_time_stamp(authority: Authority) -> None:
    shop = Shop()
    anchor = shop.anchor(authority, 8)
    token = b64decode(anchor["token"])
    start = token.index(b"\x18\x0f") + 2
    cases = []
    for time in TIMES:
        raw = token[:start] + time.encode()[:15].ljust(15) + token[start + 15 :]
        cases.append(Case(as_file(shop.receipt(anchors=[{**anchor, "token": b64encode(raw).decode()}]))))

    for by in HOW:
        assert [found.of("anchor") == ["holds"] for found in by(cases)] == list(TIMES.values())


MAILED = [
    ("\n", "\r\n", ""),
    ("\n", "\n", "\n\n"),
    ("\n", "\n", "\n \t\n"),
    ("\n", "\r", ""),
    ("\n", "\n", "\ufeff"),
    ("\n", "\n", "\u00a0\n"),
    ("\n\n", "\n", ""),
]


def test_both_read_a_kept_checkpoint_alike_however_it_was_mailed() -> None:
    shop = Shop()
    note, consistency = shop.log.checkpoint(8), "\n".join(shop.log.consistency(8))
    kept = [around + note.replace(old, new) + around for old, new, around in MAILED] + ["", "\n", note.rstrip("\n")]
    cases = [Case(as_file(shop.receipt()), checkpoint=one, consistency=consistency) for one in kept]

    python, javascript = (by(cases) for by in HOW)

    assert python == javascript
    assert [one.of("checkpoint") == ["holds"] for one in python] == [*[True] * 3, *[False] * 6, True]


def test_both_prove_every_place_in_logs_of_every_size() -> None:
    cases = []
    for size in range(1, 20):
        for index in range(size):
            shop = Shop(before=index, after=size - 1 - index)
            old = shop.log.checkpoint(index + 1)
            cases.append(Case(as_file(shop.receipt()), checkpoint=old, consistency="\n".join(shop.log.consistency(index + 1))))

    for by in HOW:
        assert {found.exit_code for found in by(cases)} == {0}


def spans_of(content: bytes, *values: Any) -> set[int]:
    """The positions of members' values in a file."""
    positions: set[int] = set()
    for value in values:
        inner = json.dumps(value, ensure_ascii=False).encode()
        assert content.count(inner) == 1
        start = content.index(inner)
        positions |= set(range(start, start + len(inner)))
    return positions


@pytest.mark.parametrize("by", HOW)
@pytest.mark.parametrize(("kind", "flip"), [("Ed25519", 0x01), ("Ed25519", 0x20), ("P-256", 0x01)])
def test_every_changed_byte_of_a_receipt_is_refused_by_both(by: Any, kind: str, flip: int) -> None:
    """Free are only the bytes of `receipt`, a rendering that no verifier reads."""
    document = Shop(kind).receipt()
    content = json.dumps(document, ensure_ascii=False).encode()
    free = spans_of(content, document["receipt"])

    found = by([Case(changed(content, position, flip)) for position in range(len(content))])

    accepted = {position for position, one in enumerate(found) if one.exit_code == 0}
    assert accepted <= free
    assert len(found) > 2000


@pytest.mark.parametrize("by", HOW)
def test_every_changed_byte_of_an_anchor_is_refused_or_changes_no_finding(by: Any, authority: Authority) -> None:
    """Without the authority's certificate a token's time is said not to be proven; its bytes are free but for the imprint."""
    shop = Shop("P-256")
    document = shop.receipt(anchors=[shop.anchor(authority, 8)])
    content = json.dumps(document, ensure_ascii=False).encode()
    anchors = spans_of(content, document["anchors"])
    free = spans_of(content, document["anchors"][0]["token"])

    baseline, *found = by([Case(content), *(Case(changed(content, position, 1)) for position in sorted(anchors))])

    accepted = {position: one for position, one in zip(sorted(anchors), found, strict=True) if one.exit_code == 0}
    assert set(accepted) <= free
    assert set(accepted.values()) <= {baseline}


@pytest.mark.parametrize("by", HOW)
def test_every_changed_byte_of_a_pack_is_refused_or_changes_no_finding(by: Any) -> None:
    """Dates and attributes in a ZIP archive say nothing that counts."""
    content = zipped(pack_of([Shop().receipt()]), compression=0)

    baseline, *found = by([Case(content), *(Case(changed(content, position, 1)) for position in range(len(content)))])

    assert {one for one in found if one.exit_code == 0} <= {baseline}
    assert sum(one.exit_code != 0 for one in found) > len(content) * 4 // 5


def changed(content: bytes, position: int, flip: int) -> bytes:
    return content[:position] + bytes([content[position] ^ flip]) + content[position + 1 :]
