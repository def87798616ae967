import json
import re
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from html import unescape

import pytest

from functions.cookies.config import Edition
from functions.cookies.pages import PAGES, Addresses, pages, receipts_page
from functions.cookies.service import load_bundle
from functions.ids import SiteKey
from functions.regimes.model import regimes
from functions.settings import BANNER as FOLDER
from tests.support.banners import BANNER, BUNDLE

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SITE = SiteKey("pk_aaaaaaaaaaaa_main")
AT = Addresses("https://api.example/v1", "https://cdn.example", ("https://rosa.example", "http://localhost:8080"))
EDITION = Edition(SITE, 3, 2, BANNER, (), (regimes()["opt-in"],), BUNDLE, NOW, "key:x")


def published(at: Addresses = AT) -> dict[str, str]:
    edition = replace(EDITION, bundle=load_bundle(FOLDER))
    return {file.name: file.content.decode() for file in pages(edition, at)}


def policy_of(page: str) -> list[str]:
    [policy] = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    return unescape(policy).split("; ")


def config_of(page: str) -> object:
    return json.loads(page.partition('id="config">')[2].partition("</script>")[0])


def test_the_page_knows_its_site_and_may_ask_the_api_and_nobody_else() -> None:
    page = published()["receipts.html"]

    assert config_of(page) == {"site": SITE, "api": AT.api, "cdn": AT.cdn, "origins": list(AT.origins)}
    policy = policy_of(page)
    assert policy[0] == "default-src 'none'"
    assert "connect-src https://api.example/v1/" in policy
    assert not [rule for rule in policy if "unsafe" in rule or "*" in rule]


@pytest.mark.parametrize("name", PAGES)
def test_nothing_runs_or_paints_but_what_the_policy_has_the_hash_of(name: str) -> None:
    page = published()[name]

    scripts, styles = (
        re.findall(r"<script>(.*?)</script>", page, re.DOTALL),
        re.findall(r"<style>(.*?)</style>", page, re.DOTALL),
    )

    assert (len(scripts), len(styles)) == (1, 1)
    for rule, text in (("script-src", scripts[0]), ("style-src", styles[0])):
        assert f"{rule} 'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" in policy_of(page)
    assert not re.search(r"""\b(src|href)="(?!data:,"|verify\.html")""", page.partition("<script>")[0])


def test_the_verifier_is_the_one_that_was_built_and_asks_no_network() -> None:
    page = published()["verify.html"]

    assert page == (FOLDER / "dist/verify.html").read_text("utf-8")
    assert not [rule for rule in policy_of(page) if rule.startswith("connect-src")]


def test_no_address_closes_the_script_or_the_policy() -> None:
    evil = Addresses('https://api.example/v1"><script>', "https://cdn.example", ("</script><script>alert(1)</script>",))

    page = published(evil)["receipts.html"]

    assert page.count("<script") == published()["receipts.html"].count("<script")
    assert config_of(page) == {"site": SITE, "api": evil.api, "cdn": evil.cdn, "origins": list(evil.origins)}


def test_a_neighbours_page_names_the_neighbours_site_and_origins() -> None:
    theirs = replace(EDITION, site=SiteKey("pk_bbbbbbbbbbbb_main"), bundle=load_bundle(FOLDER))
    at = replace(AT, origins=("https://thyme.example",))

    page = next(iter(pages(theirs, at))).content.decode()

    assert SITE not in page
    assert "rosa.example" not in page


@pytest.mark.parametrize("template", ["", '"__CONSENTINEL__"', '__API__ __API__ "__CONSENTINEL__"', "__API__"])
def test_a_page_without_its_holes_is_no_build_of_ours(template: str) -> None:
    with pytest.raises(LookupError):
        receipts_page(template, EDITION, AT)


def test_a_bundle_without_pages_publishes_none() -> None:
    assert list(pages(EDITION, AT)) == []
