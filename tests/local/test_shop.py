import re
from html.parser import HTMLParser

import pytest

from infra.local.origins.http import Answer, Request
from infra.local.origins.shop import Shop
from infra.local.shop.pages import AFTER_BODY, BEFORE_END, HEAD, SECTIONS, Surroundings
from infra.local.shop.words import FOLDER, words

AROUND = Surroundings("pk_aaaaaaaaaaaa_shop", "http://cdn.test", {"recorder": "http://seen.test/__seen"})
PAGES = ["", *SECTIONS, "products/rose-oil"]


@pytest.fixture
def shop() -> Shop:
    return Shop(AROUND, lambda policy, language: f"http://cdn.test/t/{policy}.{language}.html" if policy != "terms" else None)


def get(shop: Shop, target: str, **headers: str) -> Answer:
    return shop.answer(Request("GET", target, {name.replace("_", "-"): value for name, value in headers.items()}))


def page(shop: Shop, target: str, **headers: str) -> str:
    answered = get(shop, target, **headers)
    assert answered.status == 200
    return answered.body.decode()


class Fields(HTMLParser):
    """Collects the fields of a page's form of a section."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.section: str | None = None
        self.inside = False
        self.names: list[str | None] = []
        self.types: list[str | None] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "form" and "data-section" in named:
            self.section, self.inside = named["data-section"], True
        elif self.inside and tag in {"input", "select", "textarea"}:
            self.names.append(named.get("name"))
            self.types.append(named.get("type"))

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "form"


@pytest.mark.parametrize("language", ["bg", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_our_tag_is_the_first_thing_in_the_head_of_every_page(shop: Shop, path: str, language: str) -> None:
    html = page(shop, f"/{language}/{path}")

    head = html[html.index("<head>") + len("<head>") :].lstrip()
    assert head.startswith('<script src="http://cdn.test/s/pk_aaaaaaaaaaaa_shop/gate.js"></script>')
    assert f'<html lang="{language}">' in html


@pytest.mark.parametrize("path", PAGES)
def test_every_page_carries_the_vendors_snippets_byte_for_byte(shop: Shop, path: str) -> None:
    html = page(shop, f"/en/{path}")

    for name in (*HEAD, *AFTER_BODY, *BEFORE_END, *(["youtube"] if path == "" else [])):
        assert (FOLDER / "vendors" / f"{name}.html").read_text("utf-8") in html
    assert "data-consentinel=" not in html


def test_every_snippet_is_listed_with_its_source() -> None:
    listed = (FOLDER / "vendors" / "README.md").read_text("utf-8")

    assert {path.name for path in (FOLDER / "vendors").glob("*.html")} == set(re.findall(r"`([a-z-]+\.html)`", listed))


@pytest.mark.parametrize("section", SECTIONS)
def test_each_section_has_a_form_without_a_consent_box(shop: Shop, section: str) -> None:
    fields = Fields(page(shop, f"/bg/{section}"))

    assert fields.section == section
    assert "email" in fields.names
    assert "checkbox" not in fields.types


@pytest.mark.parametrize("section", SECTIONS)
def test_what_is_typed_into_a_form_is_answered_and_never_shown(shop: Shop, section: str) -> None:
    answered = shop.answer(Request("POST", f"/en/{section}", {}, b"email=zdravka%40example.com&name=Zdravka"))

    assert answered.status == 200
    assert "Thank you!" in answered.body.decode()
    assert "zdravka" not in answered.body.decode().lower()


def test_the_footer_links_to_the_four_documents_and_to_the_cookie_settings(shop: Shop) -> None:
    html = page(shop, "/bg/")

    for policy in ("terms", "privacy", "cookies", "personal-data"):
        assert f'href="/bg/documents/{policy}"' in html
    assert '<a href="#consentinel" data-consentinel-open>Настройки на бисквитките</a>' in html


def test_a_document_leads_to_the_version_in_force(shop: Shop) -> None:
    found = get(shop, "/bg/documents/privacy")

    assert (found.status, found.headers["Location"]) == (303, "http://cdn.test/t/privacy.bg.html")
    assert get(shop, "/bg/documents/terms").status == 404
    assert get(shop, "/bg/documents/unknown").status == 404


@pytest.mark.parametrize(
    ("accepts", "there"), [("bg,en;q=0.8", "/bg/"), ("en-GB,bg;q=0.5", "/en/"), ("fr", "/bg/"), ("", "/bg/")]
)
def test_a_visitor_is_met_in_the_language_of_the_browser(shop: Shop, accepts: str, there: str) -> None:
    assert get(shop, "/", accept_language=accepts).headers["Location"] == there


def test_both_languages_say_everything() -> None:
    assert words("bg").keys() == words("en").keys()


def test_a_country_is_played_for_the_session_and_the_tag_says_so(shop: Shop) -> None:
    picked = shop.answer(Request("POST", "/viewer", {}, b"country=US&back=%2Fen%2Fcontact"))
    html = page(shop, "/en/contact", cookie="demo_country=US")

    assert (picked.status, picked.headers["Location"]) == (303, "/en/contact")
    assert picked.headers["Set-Cookie"] == "demo_country=US; Path=/; SameSite=Lax"
    assert '<script src="http://cdn.test/viewer/US/s/pk_aaaaaaaaaaaa_shop/gate.js"></script>' in html


@pytest.mark.parametrize("back", [b"//evil.test/", b"https://evil.test/", b"/en/?x=1", b""])
def test_picking_a_country_leads_nowhere_else(shop: Shop, back: bytes) -> None:
    picked = shop.answer(Request("POST", "/viewer", {}, b"country=ZZ%0d%0aSet-Cookie:x&back=" + back))

    assert picked.headers["Location"] == "/"
    assert picked.headers["Set-Cookie"] == "demo_country=; Path=/; SameSite=Lax"


def test_a_visitor_who_picked_nothing_gets_no_cookie_of_the_shop(shop: Shop) -> None:
    assert "Set-Cookie" not in get(shop, "/en/").headers


def test_the_basket_adds_up(shop: Shop) -> None:
    html = page(shop, "/bg/checkout?item=rose-oil&item=thyme-tea&item=nothing")

    assert "<dd>22,90 €</dd>" in html


@pytest.mark.parametrize("target", ["/en/nothing", "/en/products/nothing", "/nothing", "/fr/"])
def test_a_page_that_is_not_there_is_a_friendly_404(shop: Shop, target: str) -> None:
    answered = get(shop, target, accept_language="en")

    assert answered.status == 404
    assert "This page is not here" in answered.body.decode()


@pytest.mark.parametrize(
    "target", ["/assets/..%2fproducts.json", "/assets/../products.json", "/assets/nothing.svg", "/assets/"]
)
def test_only_the_shops_assets_are_served(shop: Shop, target: str) -> None:
    assert get(shop, target).status == 404
    assert get(shop, "/assets/shop.css").headers["Content-Type"] == "text/css; charset=utf-8"
