import json
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from zipfile import ZipFile

import pytest

from functions.disputes.archive import FORMAT, MANIFEST, Archive
from functions.disputes.shelf import Shelf
from functions.errors import NotFound
from functions.ids import TenantId

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
TENANT = TenantId("rosaandthyme")
TEXT, WINDOW = "Съгласна съм.\n".encode(), b'{"texts":{}}'
POLICY = {"id": "offers", "ver": 1, "lang": "bg", "sha256": sha256(TEXT).hexdigest()}
CONFIG = {"ver": 3, "sha256": sha256(WINDOW).hexdigest()}


def packed(**files: bytes) -> bytes:
    into = BytesIO()
    with Archive(into, at=AT) as archive:
        for path, content in files.items():
            archive.add(path, content)
    return into.getvalue()


def test_the_manifest_lists_every_other_file_by_its_hash() -> None:
    with ZipFile(BytesIO(packed(one=b"1", two=b"2"))) as archive:
        assert archive.namelist() == ["one", "two", MANIFEST]
        manifest = json.loads(archive.read(MANIFEST))
        assert manifest["format"] == FORMAT
        assert manifest["files"] == {name: sha256(archive.read(name)).hexdigest() for name in ("one", "two")}


def test_a_path_is_written_once() -> None:
    into = BytesIO()
    with Archive(into, at=AT) as archive:
        archive.add("texts/a", b"first")
        archive.add("texts/a", b"second")
        assert "texts/a" in archive
        assert "texts/b" not in archive

    with ZipFile(into) as opened:
        assert opened.namelist() == ["texts/a", MANIFEST]
        assert opened.read("texts/a") == b"first"


def test_the_same_files_at_the_same_time_are_the_same_bytes() -> None:
    assert packed(one=b"1") == packed(one=b"1")
    assert packed(one=b"1") != packed(one=b"2")


def broken_off(into: BytesIO) -> None:
    with Archive(into, at=AT) as archive:
        archive.add("one", b"1")
        raise RuntimeError("the log is gone")


def test_a_pack_that_could_not_be_filled_has_no_manifest() -> None:
    into = BytesIO()

    with pytest.raises(RuntimeError):
        broken_off(into)

    with ZipFile(into) as opened:
        assert opened.namelist() == ["one"]


class Kept(dict[str, bytes]):
    """A content bucket."""

    def read(self, key: str) -> bytes:
        if key not in self:
            raise NotFound("There is no such text.")
        return self[key]


def shelf() -> tuple[Shelf, Kept]:
    kept = Kept()
    kept[f"t/{POLICY['sha256']}.md"] = TEXT
    kept[f"s/pk_rosaandthyme_main/{CONFIG['sha256']}/config.json"] = WINDOW
    return Shelf(TENANT, kept, lambda _: None), kept


def test_what_was_shown_is_found_by_its_hash() -> None:
    shown, _ = shelf()

    assert shown.text(POLICY) == TEXT
    assert shown.window(CONFIG, site="main") == WINDOW


def test_what_is_gone_or_not_what_its_hash_says_is_nothing() -> None:
    shown, kept = shelf()

    assert shown.window(CONFIG, site="other") is None
    for key in kept:
        kept[key] += b" "
    assert shown.text(POLICY) is None
    assert shown.window(CONFIG, site="main") is None


def test_of_a_version_that_is_gone_the_text_is_still_there_and_its_title_is_not() -> None:
    shown, _ = shelf()

    assert (shown.title(POLICY), shown.page(POLICY), shown.text(POLICY)) == (None, None, TEXT)
