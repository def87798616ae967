import json
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256, sha384
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.cookies.config import HOLE, Edition, Published, files, filled, folder, scope_of
from functions.cookies.model import OPTIONAL, Category, CategorySettings
from functions.ids import PolicyId, SiteKey
from functions.ledger.leaf import canonical
from functions.policies.model import PolicyKind, PolicyVersion, Text
from functions.regimes.model import regime_of, regimes
from tests.support.banners import BANNER, BUNDLE, GA

NOW = datetime(2026, 3, 1, 12, 0, 0, 123_000, tzinfo=UTC)
SITE = SiteKey("pk_aaaaaaaaaaaa_main")
IN, OUT = regimes()["opt-in"], regimes()["opt-out"]
POLICY = PolicyVersion(
    policy=PolicyId("cookies"),
    number=4,
    kind=PolicyKind.COOKIE_POLICY,
    titles={"en": "Cookies"},
    texts={"en": Text("1" * 64, "2" * 64, 10)},
    change_note="",
    material=False,
    material_version=3,
    effective_at=NOW,
    published_at=NOW,
    published_by="key:x",
)
EDITION = Edition(SITE, 3, 2, BANNER, (POLICY,), (IN, OUT), BUNDLE, NOW, "key:x")
SCRIPT = f"const a=1;const config={HOLE};go(config)"

strings = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["</script>", "<!--", "]]>", "\u2028", "\u2029", '"', "\\", HOLE, "<SCRIPT>", "${x}", "`"]
)


def made(edition: Edition = EDITION) -> dict[str, bytes]:
    return {file.name: file.content for file in files(edition, api="https://api.example/v1", cdn="https://cdn.example")}


def config_in(script: bytes) -> Any:
    """The config in a filled script of the small bundle."""
    text = script.decode().partition("const config=")[2]
    return json.JSONDecoder().raw_decode(text)[0]


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(strings, strings | st.lists(strings, max_size=3), max_size=4))
def test_a_filled_hole_says_what_was_put_in_and_can_close_no_script(config: dict[str, Any]) -> None:
    script = filled(SCRIPT, config).decode()

    value = script.removeprefix("const a=1;const config=").removesuffix(";go(config)")
    assert json.loads(value) == config
    assert "<" not in value
    assert "\u2028" not in value
    assert "\u2029" not in value


def test_a_hole_in_the_config_itself_is_not_filled_again() -> None:
    assert json.loads(filled(HOLE, {"name": "__CONSENTINEL__"})) == {"name": "__CONSENTINEL__"}


@pytest.mark.parametrize("script", ["", "const a=1", "__CONSENTINEL__", HOLE + HOLE])
def test_a_script_with_no_hole_or_two_is_no_build_of_ours(script: str) -> None:
    with pytest.raises(LookupError):
        filled(script, {})


def test_a_version_has_a_config_a_gate_for_each_regime_and_a_window_for_each_language() -> None:
    assert list(made()) == ["config.json", "gate.opt-in.js", "gate.opt-out.js", "window.bg.js", "window.en.js"]


def test_the_config_is_canonical_and_names_the_folder_that_the_gates_point_to() -> None:
    content = made()
    document = json.loads(content["config.json"])

    digest = sha256(content["config.json"]).hexdigest()
    assert rfc8785.dumps(document) == content["config.json"]
    assert config_in(content["gate.opt-in.js"])["base"] == f"https://cdn.example/{folder(SITE, digest)}"
    assert folder(SITE, digest) == f"s/{SITE}/{digest}/"


def test_the_config_holds_all_that_a_visitor_was_shown() -> None:
    document = json.loads(made()["config.json"])

    assert document["banner"] == BANNER.to_json()
    assert document["texts"] == {language: BUNDLE.texts[language] for language in ("bg", "en")}
    assert document["policies"] == [{"id": "cookies", "version": 4, "texts": {"en": "1" * 64}}]
    assert (document["site"], document["version"], document["epoch"], document["build"]) == (SITE, 3, 2, "b" * 64)
    assert (document["published_at"], document["published_by"]) == (1772366400123, "key:x")


@pytest.mark.parametrize(
    "other",
    [
        replace(EDITION, version=4),
        replace(EDITION, epoch=3),
        replace(EDITION, site=SiteKey("pk_bbbbbbbbbbbb_main")),
        replace(EDITION, banner=replace(BANNER, layout="modal")),
        replace(EDITION, policies=()),
        replace(EDITION, policies=(replace(POLICY, texts={"en": Text("3" * 64, "2" * 64, 10)}),)),
        replace(EDITION, regimes=(IN,)),
        replace(EDITION, bundle=replace(BUNDLE, build="c" * 64)),
        replace(EDITION, bundle=replace(BUNDLE, texts={**BUNDLE.texts, "bg": {**BUNDLE.texts["bg"], "accept_all": "Друго"}})),
    ],
    ids=["version", "epoch", "site", "layout", "no policy", "policy text", "regimes", "build", "words"],
)
def test_whatever_is_shown_otherwise_has_another_hash(other: Edition) -> None:
    assert sha256(other.document()).digest() != sha256(EDITION.document()).digest()


def test_a_gate_has_exactly_the_members_that_the_reference_lists() -> None:
    config = config_in(made()["gate.opt-in.js"])

    assert set(config) == {
        *("site", "version", "epoch", "build", "api", "base", "regime", "languages", "layout", "default", "unknown", "hosts"),
        *("cookies", "signals"),
    }
    assert config["regime"] == {"id": "opt-in", "model": "opt-in", "reprompt_days": 180, "gpc": True}
    assert config["hosts"]["performance"] == ["google-analytics.com", "googletagmanager.com"]
    assert config["cookies"] == [["_ga", "prefix", "performance"], ["cart", "exact", "necessary"]]
    assert config["languages"] == ["bg", "en"]


@pytest.mark.parametrize(
    ("country", "model", "switched_on"),
    [("BG", "opt-in", []), ("US", "opt-out", ["performance"]), (None, "opt-in", []), ("ZZ", "opt-in", [])],
)
def test_the_same_site_is_another_to_visitors_of_other_countries(
    country: str | None, model: str, switched_on: list[str]
) -> None:
    regime = regime_of(country, served=("opt-in", "opt-out"))

    gate = config_in(made()[f"gate.{regime.id}.js"])

    assert gate["regime"]["model"] == model
    assert gate["default"] == switched_on


def test_a_site_that_serves_opt_in_only_has_nothing_switched_on_for_anybody() -> None:
    content = made(replace(EDITION, regimes=(IN,)))

    assert [name for name in content if name.startswith("gate.")] == ["gate.opt-in.js"]
    assert config_in(content["gate.opt-in.js"])["default"] == []


@settings(deadline=None, max_examples=60)
@given(st.fixed_dictionaries({category: st.booleans() for category in Category}))
def test_nothing_is_ever_switched_on_under_opt_in_and_the_necessary_nowhere(on: dict[Category, bool]) -> None:
    banner = replace(BANNER, categories={category: CategorySettings(default=default) for category, default in on.items()})
    content = made(replace(EDITION, banner=banner))

    assert config_in(content["gate.opt-in.js"])["default"] == []
    assert config_in(content["gate.opt-out.js"])["default"] == [category.value for category in OPTIONAL if on[category]]
    assert "default" not in config_in(content["window.bg.js"])


def test_a_window_speaks_one_language_and_shows_all_four_categories_the_necessary_first() -> None:
    window = config_in(made()["window.bg.js"])

    assert (window["language"], window["direction"]) == ("bg", "ltr")
    assert [one["id"] for one in window["categories"]] == ["necessary", "performance", "functional", "targeting"]
    assert window["texts"] == BUNDLE.texts["bg"]
    assert window["categories"][1]["title"] == "performance_title in bg"


def test_a_cookies_words_are_in_the_visitors_language_else_the_sites_first_else_any() -> None:
    content = made()
    [analytics_bg] = config_in(content["window.bg.js"])["categories"][1]["cookies"]
    [cart_en] = config_in(content["window.en.js"])["categories"][0]["cookies"]

    assert analytics_bg == {"name": "_ga*", "provider": "Google", "purpose": "Статистика", "lifetime": "2 years"}
    assert cart_en == {"name": "cart", "provider": "Rosa", "purpose": "Количка", "lifetime": "Сесия"}


def test_a_cookie_without_any_words_shows_none() -> None:
    banner = replace(BANNER, cookies=(replace(GA, purposes={}, lifetimes={}),))

    [cookie] = config_in(made(replace(EDITION, banner=banner))["window.en.js"])["categories"][1]["cookies"]

    assert (cookie["purpose"], cookie["lifetime"]) == ("", "")


def test_the_merchants_words_go_over_the_projects() -> None:
    settings_ = CategorySettings(titles={"bg": "Статистика"}, descriptions={"bg": ""})
    banner = replace(
        BANNER, texts={"bg": {"accept_all": "Добре"}}, categories={**BANNER.categories, Category.PERFORMANCE: settings_}
    )

    content = made(replace(EDITION, banner=banner))
    bg, en = config_in(content["window.bg.js"]), config_in(content["window.en.js"])

    assert (bg["texts"]["accept_all"], en["texts"]["accept_all"]) == ("Добре", "accept_all in en")
    assert bg["categories"][1]["title"] == "Статистика"
    assert bg["categories"][1]["description"] == "performance_description in bg"


def test_a_document_is_linked_in_the_language_it_has() -> None:
    [link] = config_in(made()["window.bg.js"])["links"]

    assert link == {"kind": "cookie_policy", "title": "Cookies", "url": f"https://cdn.example/t/{'2' * 64}.html"}


def test_a_merchants_words_can_close_no_script() -> None:
    banner = replace(BANNER, texts={"bg": {"accept_all": "</script><script>alert(1)</script>\u2028"}})

    window = made(replace(EDITION, banner=banner))["window.bg.js"]

    assert b"<" not in window
    assert config_in(window)["texts"]["accept_all"] == "</script><script>alert(1)</script>\u2028"


def test_integrity_is_of_the_bytes() -> None:
    for file in files(EDITION, api="a", cdn="c"):
        assert b64decode(file.integrity.removeprefix("sha384-")) == sha384(file.content).digest()


def test_scripts_are_told_from_json_by_their_type() -> None:
    types = {file.name: file.content_type for file in files(EDITION, api="a", cdn="c")}

    assert types["config.json"] == "application/json"
    assert {kind for name, kind in types.items() if name.endswith(".js")} == {"text/javascript; charset=utf-8"}


def test_what_is_agreed_to_includes_the_material_version_of_each_document() -> None:
    scope = scope_of(BANNER, (POLICY,))

    assert "policy cookies 3" in scope
    assert scope_of(BANNER, (replace(POLICY, number=5),)) == scope
    assert scope_of(BANNER, (replace(POLICY, number=5, material_version=5),)) != scope


def test_a_published_config_goes_through_json_and_back_and_fits_its_leaf() -> None:
    published = Published(
        version=999_999,
        epoch=999_999,
        sha256="a" * 64,
        build="b" * 64,
        regimes=("opt-in", "opt-out"),
        languages=("bg", "en"),
        scope=frozenset({"host a.example targeting"}),
        published_at=NOW,
        published_by="key:x",
        gates={"gate.opt-in.js": "sha384-x"},
    )

    assert Published.from_json(json.loads(json.dumps(published.to_json()))) == published
    assert len(canonical(published.leaf_members(site=SITE, log="x" * 120))) < 600
    assert set(published.shown()) < set(published.to_json())
