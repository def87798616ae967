import json
from dataclasses import replace
from pathlib import Path

import pytest

from functions.cookies.model import Banner, Category
from functions.cookies.service import change_banner, load_bundle, read_banner
from functions.errors import Conflict, Invalid
from functions.ids import SiteId
from functions.settings import BANNER as BANNER_FOLDER
from tests.support.aws import Account
from tests.support.banners import ANALYTICS, BANNER, BUNDLE, GA, PIXEL
from tests.support.memory import MemoryDocuments

MAIN = SiteId("main")


def test_a_site_that_nobody_has_set_up_has_the_defaults(tenant: Account) -> None:
    assert read_banner(MAIN, documents=MemoryDocuments(tenant.id)) == (Banner(), 0)


def test_settings_are_kept_and_a_late_change_is_a_conflict(tenant: Account) -> None:
    documents = MemoryDocuments(tenant.id)

    def change(banner: Banner, after: int) -> int:
        return change_banner(MAIN, banner, after=after, bundle=BUNDLE, documents=documents)

    assert [change(BANNER, 0), change(replace(BANNER, layout="modal"), 1)] == [1, 2]
    for after in (0, 1, 3):
        with pytest.raises(Conflict):
            change(BANNER, after)
    assert read_banner(MAIN, documents=documents) == (replace(BANNER, layout="modal"), 2)


def test_a_language_without_words_and_a_text_that_no_window_has_are_refused_together(tenant: Account) -> None:
    wrong = replace(BANNER, languages=("bg", "fr"), texts={"bg": {"accept_all": "Да", "acept_all": "Да"}})

    with pytest.raises(Invalid) as refusal:
        change_banner(MAIN, wrong, after=0, bundle=BUNDLE, documents=MemoryDocuments(tenant.id))

    assert [one.pointer for one in refusal.value.violations] == ["/languages/1", "/texts/bg/acept_all"]


def test_a_domain_or_a_cookie_in_two_categories_is_refused(tenant: Account) -> None:
    again = replace(PIXEL, domains=("pixel.example", *ANALYTICS.domains[:1]))
    wrong = replace(BANNER, vendors=(ANALYTICS, again), cookies=(GA, replace(GA, category=Category.TARGETING)))

    with pytest.raises(Invalid) as refusal:
        change_banner(MAIN, wrong, after=0, bundle=BUNDLE, documents=MemoryDocuments(tenant.id))

    assert [one.pointer for one in refusal.value.violations] == ["/vendors/1/domains/1", "/cookies/1"]


def test_a_bundle_is_what_the_build_made(tmp_path: Path) -> None:
    for name, content in {
        "dist/manifest.json": '{"build": "abc", "files": {}}',
        "dist/gate.js": "gate ✓",
        "dist/window.js": "window",
        "dist/receipts.html": "receipts",
        "dist/verify.html": "verifier",
        "texts/en.json": '{"accept_all": "Accept all"}',
        "texts/bg.json": '{"accept_all": "Приемам всички"}',
        "texts/NOTICE": "not a language",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, "utf-8")

    bundle = load_bundle(tmp_path)

    assert (bundle.build, bundle.gate, bundle.window) == ("abc", "gate ✓", "window")
    assert bundle.texts == {"bg": {"accept_all": "Приемам всички"}, "en": {"accept_all": "Accept all"}}
    assert bundle.pages == {"receipts.html": "receipts", "verify.html": "verifier"}


def test_a_bundle_that_was_not_built_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_bundle(tmp_path)


def test_every_language_has_the_same_words_as_english() -> None:
    texts = {path.stem: json.loads(path.read_bytes()) for path in (BANNER_FOLDER / "texts").glob("??.json")}

    assert len(texts) == 24
    for language, words in texts.items():
        assert set(words) == set(texts["en"]), language
        assert all(isinstance(word, str) and word.strip() for word in words.values()), language
    assert {f"{category}_{part}" for category in Category for part in ("title", "description")} <= set(texts["en"])
