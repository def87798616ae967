"""Dispute packs, checked by the Python verifier."""

import re
import zipfile
from io import BytesIO
from typing import Any

import pytest

from tests.functions.cli.test_verify import WITNESS
from tests.support.receipts import BANNER, ORIGIN, RECORD, TEXT, Shop, ed25519, leaf_of, manifest_of, pack_of, zipped
from tests.support.verifiers import Case, Told, told, verdict_of

BANNER_RECORD = RECORD[:-1] + "c"


def shops() -> tuple[Shop, Shop]:
    return Shop(), Shop("P-256", leaf=leaf_of(BANNER | {"id": BANNER_RECORD}))


def files() -> dict[str, bytes]:
    return pack_of(shop.receipt() for shop in shops())


def checked(content: bytes, **brought: Any) -> Told:
    return told(verdict_of(Case(content, **brought)))


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_valid_pack_is_verified_with_every_record_text_and_window(compression: int) -> None:
    found = checked(zipped(files(), compression=compression))

    assert found.exit_code == 0
    assert (found.of("manifest"), found.of("proof"), found.of("text"), found.of("window")) == (
        ["holds"],
        ["holds", "holds"],
        ["holds"],
        ["holds"],
    )


def path_of(folder: str) -> str:
    return next(path for path in files() if path.startswith(folder))


@pytest.mark.parametrize("path", sorted(files()))
def test_a_file_that_was_changed_or_is_missing_or_was_added_is_refused(path: str) -> None:
    manifest = manifest_of(files())
    whole = files()
    missing = {name: content for name, content in whole.items() if name != path}

    for changed in ({**whole, path: whole[path] + b" "}, missing, {**whole, "further": b""}):
        found = checked(zipped(changed, manifest=manifest))

        assert (found.exit_code, found.of("manifest")) == (1, ["fails"])


@pytest.mark.parametrize(("folder", "check"), [("texts/", "text"), ("windows/", "window")])
def test_a_text_or_window_that_a_record_names_must_be_there_even_if_the_manifest_was_made_anew(folder: str, check: str) -> None:
    path, whole = path_of(folder), files()
    missing = {name: content for name, content in whole.items() if name != path}

    for changed in ({**whole, path: b"another"}, missing):
        found = checked(zipped(changed))

        assert (found.exit_code, found.of("manifest"), found.of(check)) == (1, ["holds"], ["fails"])


def test_a_record_under_the_name_of_another_is_refused() -> None:
    first, second = (f"records/{name}.json" for name in (RECORD, BANNER_RECORD))
    whole = files()

    found = checked(zipped({**whole, first: whole[second], second: whole[first]}))

    assert (found.exit_code, found.of("name")) == (1, ["fails", "fails"])


def test_a_record_in_a_pack_that_is_tampered_with_is_refused() -> None:
    shop = Shop()
    forged = {**shop.receipt(), "leaf": shop.receipt()["leaf"].replace('"given"', '"refused"')}

    assert checked(zipped(pack_of([forged]))).exit_code == 1


def test_a_pack_without_records_proves_nothing() -> None:
    assert checked(zipped(pack_of([]))).of("records") == ["unproven"]


def test_keys_and_a_checkpoint_are_compared_where_they_belong() -> None:
    shop = Shop()
    of_other_year = Shop(leaf=leaf_of({"log": "log.example/other", "id": BANNER_RECORD}))
    pack = zipped(pack_of([shop.receipt(), of_other_year.receipt(proof=None)]))
    consistency = "\n".join(shop.log.consistency(8))

    found = checked(pack, checkpoint=shop.log.checkpoint(8), consistency=consistency, keys=[shop.log.key.vkey])
    elsewhere = checked(pack, checkpoint=shop.log.checkpoint(8).replace(ORIGIN, "log.example/third"))

    assert (found.exit_code, found.of("checkpoint"), found.of("brought_key")) == (1, ["holds", "unproven"], [])
    assert (elsewhere.exit_code, elsewhere.of("checkpoint")) == (1, ["unproven", "unproven"])


def laundering() -> dict[str, Case]:
    """Forged records beside a genuine one, by somebody who has none of its keys, and what is brought against them."""
    genuine = Shop()
    forged = Shop("P-256", leaf=leaf_of({"id": BANNER_RECORD, "log": "log.example/forged"}))
    forged.receipts, forged.log.key = ed25519("forger/receipts", 70), ed25519("log.example/forged", 71)
    promised = forged.receipt(proof=None)
    pack = zipped(pack_of([genuine.receipt(), forged.receipt()]))
    kept, consistency = genuine.log.checkpoint(8), "\n".join(genuine.log.consistency(8))
    cosigned = genuine.log.proof(genuine.index, checkpoint=WITNESS.cosigned(genuine.log.checkpoint()))
    witnessed = zipped(pack_of([genuine.receipt(proof=cosigned), forged.receipt()]))
    return {
        "receipt_key": Case(pack, keys=[genuine.receipts.vkey]),
        "log_key": Case(pack, keys=[genuine.log.key.vkey]),
        "log_key of a promise": Case(zipped(pack_of([genuine.receipt(), promised])), keys=[genuine.log.key.vkey]),
        "checkpoint": Case(pack, checkpoint=kept, consistency=consistency),
        "witness": Case(witnessed, keys=[WITNESS.vkey]),
    }


LAUNDERING = laundering()


@pytest.mark.parametrize("check", LAUNDERING)
def test_a_genuine_record_does_not_vouch_for_a_forged_one_beside_it(check: str) -> None:
    verdict = verdict_of(LAUNDERING[check])

    unproven = [(one.check, one.record) for one in verdict.findings if one.standing == "unproven"]
    assert verdict.exit_code == 1
    assert unproven == [(check.split(maxsplit=1)[0], BANNER_RECORD)]


def test_records_that_are_all_signed_by_brought_keys_are_verified_together() -> None:
    first, second = Shop(), Shop("P-256", leaf=leaf_of({"id": BANNER_RECORD, "log": "log.example/next-year"}))
    second.log.key = ed25519("log.example/next-year", 3)
    keys = [one.vkey for shop in (first, second) for one in (shop.receipts, shop.log.key)]
    pack = zipped(pack_of([first.receipt(), second.receipt()]))

    assert checked(pack, keys=keys).exit_code == 0
    assert checked(pack, keys=keys[:3]).of("log_key") == ["holds", "open", "unproven"]


def test_what_nobody_has_signed_in_a_pack_is_said() -> None:
    verdict = verdict_of(Case(zipped(files())))

    assert told(verdict).of("vouched") == ["open"]
    assert "report.pdf, texts/*.html, anchors/*, keys.txt" in verdict.text()


def with_junk_after_a_stream(junk: bytes = b"junk") -> bytes:
    good = zipped({"a": b"content"})
    second = good.index(b"PK\x03\x04", 4)
    return repaired(good[:second] + junk + good[second:], len(junk), first=second - 31 + len(junk))


def test_what_follows_a_stream_in_an_archive_is_refused() -> None:
    """Node, unlike browsers, reads over it, so that both verifiers are not compared here but in a browser."""
    assert checked(with_junk_after_a_stream(b"")).of("manifest") == ["holds"]
    assert checked(with_junk_after_a_stream()).exit_code == 2


def repaired(content: bytes, by: int, *, first: int) -> bytes:
    """With the directory saying what was put in after the first file: the positions after it, and the first file's length."""
    raw, end = bytearray(content), content.rindex(b"PK\x05\x06")
    at = int.from_bytes(raw[end + 16 : end + 20], "little") + by
    raw[end + 16 : end + 20] = at.to_bytes(4, "little")
    raw[at + 20 : at + 24] = first.to_bytes(4, "little")
    while (at := content.find(b"PK\x01\x02", at + 4)) > 0:
        raw[at + 42 : at + 46] = (int.from_bytes(raw[at + 42 : at + 46], "little") + by).to_bytes(4, "little")
    return bytes(raw)


def moved(content: bytes, before: bytes) -> bytes:
    """Something before the archive, whose positions all say so."""
    raw, end = bytearray(before + content), len(before) + content.rindex(b"PK\x05\x06")
    places = [end + 16, *(found.start() + 42 for found in re.finditer(b"PK\x01\x02", bytes(raw)))]
    for at in places:
        raw[at : at + 4] = (int.from_bytes(raw[at : at + 4], "little") + len(before)).to_bytes(4, "little")
    return bytes(raw)


def ambiguous() -> dict[str, bytes]:
    """Archives in which two programs may find different files."""
    good = zipped(files(), compression=zipfile.ZIP_STORED)
    end = good.rindex(b"PK\x05\x06")
    local = good.index(b"report.pdf")
    commented = good[:-2] + (4).to_bytes(2, "little")
    locator = good[:end] + b"PK\x06\x07" + bytes(16) + good[end:]
    size = int.from_bytes(good[end + 12 : end + 16], "little")
    into_comment = bytearray(good[:end] + b"PK\x06\x07" + bytes(16) + good[end:])
    last = good.rindex(b"PK\x01\x02")
    into_comment[last + 32 : last + 34] = (20).to_bytes(2, "little")
    into_comment[end + 20 + 12 : end + 20 + 16] = (size + 20).to_bytes(4, "little")
    return {
        "something before it": b"PK" + bytes(8) + good,
        "something before it, and positions that say so": moved(good, b"PK" + bytes(8)),
        "something after it": good + b"further",
        "a comment that is shorter than said": commented + b"abc",
        "something between its directory and its end": good[:end] + b"between" + good[end:],
        "a ZIP64 locator": locator,
        "a ZIP64 locator in a comment": bytes(into_comment),
        "one more file than it says": good[: end + 10] + (len(files())).to_bytes(2, "little") + good[end + 12 :],
        "a second disk": good[: end + 4] + b"\1" + good[end + 5 :],
        "another name in front of the file": good[:local] + b"Report.pdf" + good[local + 10 :],
        "a name that is not ASCII": zipped({**files(), "бележка.txt": b""}),
        "a name with a control character": zipped({**files(), "a\x07b": b""}),
    }


def entry(name: str, content: bytes, *, times: int = 1) -> bytes:
    into = BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for _ in range(times):
            archive.writestr(name, content)
    return into.getvalue()


def bombs() -> dict[str, bytes]:
    heavy = entry("manifest.json", bytes(20_000_001))
    lying = zipped(files()).replace((len(TEXT)).to_bytes(4, "little"), (1).to_bytes(4, "little"))
    many = BytesIO()
    with zipfile.ZipFile(many, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(6):
            archive.writestr(str(number), bytes(19_000_000))
    crowd = zipped({str(number): b"" for number in range(5001)})
    return {"one heavy": heavy, "a lying size": lying, "many heavy": many.getvalue(), "a crowd": crowd}


def not_packs() -> dict[str, bytes]:
    good = zipped(files())
    locked = bytearray(good)
    locked[good.index(b"PK\x01\x02") + 8] |= 1
    with pytest.warns(UserWarning, match="Duplicate name"):
        double = entry("manifest.json", b"{}", times=2)
    return {
        "two bytes": b"PK",
        "a cut archive": good[:-30],
        "no manifest": entry("records/x.json", b"{}"),
        "another manifest": zipped(files(), manifest=b'{"format": "consentinel/dispute-pack/v2", "files": {}}'),
        "a manifest of numbers": zipped(files(), manifest=b'{"format": "consentinel/dispute-pack/v1", "files": {"a": 1}}'),
        "a manifest that is none": zipped(files(), manifest=b"[]"),
        "a record that is none": zipped(pack_of([], further={"records/x.json": b"{}"})),
        "one name twice": double,
        "an encrypted file": bytes(locked),
        "another packing": zipped(files(), compression=zipfile.ZIP_BZIP2),
        "a broken stream": good.replace(good[60:80], bytes(20), 1),
        **bombs(),
        **ambiguous(),
    }


NOT_PACKS = not_packs()


def test_a_comment_that_ends_the_archive_is_none_of_its_files() -> None:
    good = zipped(files())

    assert checked(good[:-2] + (7).to_bytes(2, "little") + b"comment").exit_code == 0


@pytest.mark.parametrize("what", NOT_PACKS)
def test_what_is_no_pack_cannot_be_checked(what: str) -> None:
    verdict = verdict_of(Case(NOT_PACKS[what]))

    assert verdict.exit_code == 2
    assert [finding.check for finding in verdict.findings] == ["unreadable"]
