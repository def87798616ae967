"""Dispute packs, checked by the Python verifier."""

import zipfile
from io import BytesIO
from typing import Any

import pytest

from tests.support.receipts import BANNER, ORIGIN, RECORD, TEXT, Shop, leaf_of, manifest_of, pack_of, zipped
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

    assert (found.exit_code, found.of("checkpoint"), found.of("brought_key")) == (0, ["holds"], [])
    assert (elsewhere.exit_code, elsewhere.of("checkpoint")) == (1, ["unproven"])


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
    }


NOT_PACKS = not_packs()


@pytest.mark.parametrize("what", NOT_PACKS)
def test_what_is_no_pack_cannot_be_checked(what: str) -> None:
    verdict = verdict_of(Case(NOT_PACKS[what]))

    assert verdict.exit_code == 2
    assert [finding.check for finding in verdict.findings] == ["unreadable"]
