"""The page of a visitor's receipts, opened from the shop's panel as a person does; the register behind it is played."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Request, Route, expect

from functions.cookies.config import Edition
from functions.cookies.pages import HTML, Addresses, pages
from functions.regimes.model import regimes
from tests.support import receipts
from tests.support.browser import API, BANNER, CDN, ROOT, SHOP, SITE, Storefront, bundle
from tests.support.receipts import AT, as_file, leaf_of

AXE = (ROOT / "node_modules/axe-core/axe.min.js").read_text("utf-8")
LINK = '<main><h1>Lamp</h1><a id="settings" data-consentinel-open href="#">Cookie settings</a></main>'
TOKEN = "st1.played"
PAGE = f"{CDN}/receipts.html"


def uuid(number: int) -> str:
    return f"019c9f3a-1c00-7abc-8def-{number:012x}"


def listed(number: int, *, at: datetime = AT, **changes: Any) -> dict[str, Any]:
    """A record of the banner as `GET /v1/me/consents` shows it."""
    return {
        "id": uuid(number),
        "state": "whole",
        "at": at.isoformat().replace("+00:00", "Z"),
        "act": "partial",
        "section": "banner",
        "categories": receipts.BANNER["cat"],
        "policy": None,
        "shown": {"config": receipts.BANNER["cfg"]},
        **changes,
    }


def newsletter(number: int) -> dict[str, Any]:
    policy = {"id": "newsletter", "version": 2, "title": "Newsletter", "language": "bg", "sha256": "a" * 64}
    return listed(number, act="given", section="newsletter", categories=None, policy=policy, shown={"config": None})


def receipt(number: int, *, at: datetime = AT, **changes: Any) -> dict[str, Any]:
    """Proven under a checkpoint that was signed half a minute later."""
    shop = receipts.Shop("P-256", leaf=leaf_of(receipts.BANNER | {"id": uuid(number)}, at=at))
    signed = shop.log.checkpoint(at=at + timedelta(seconds=30))
    made = shop.receipt(**{"proof": shop.log.proof(shop.index, checkpoint=signed), **changes})
    shown = {"config": {"version": 3, "window": f"{CDN}/s/{SITE}/{'c' * 64}/config.json"}}
    rendering = {"privacy_notices": [], "pii_controllers": [{"party_name": "Rosa Ltd"}], "shown": shown}
    return {**made, "receipt": {**made["receipt"], **rendering}}


@dataclass
class Register:
    """Plays what a subject may read; `refusals` are statuses to answer with first, 0 for a connection that breaks."""

    records: list[dict[str, Any]] = field(default_factory=list)
    receipts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    refusals: list[int] = field(default_factory=list)
    asked: list[Request] = field(default_factory=list)
    by_page: int = 50

    def answer(self, route: Route) -> None:
        self.asked.append(route.request)
        address = urlsplit(route.request.url)
        status = self.refusals.pop(0) if self.refusals else HTTPStatus.OK
        if status == 0:
            return route.abort()
        document = self._page(address.query) if address.path.endswith("/consents") else self._receipt(address.path)
        headers = {"Access-Control-Allow-Origin": CDN, "Access-Control-Allow-Headers": "authorization"}
        return route.fulfill(status=status, headers=headers, content_type="application/json", body=as_file(document))

    def _page(self, query: str) -> dict[str, Any]:
        start = int(parse_qs(query).get("cursor", ["0"])[0])
        end = start + self.by_page
        return {"records": self.records[start:end], "cursor": str(end) if end < len(self.records) else None}

    def _receipt(self, path: str) -> dict[str, Any]:
        states = self.receipts[path.rpartition("/")[2]]
        return states.pop(0) if len(states) > 1 else states[0]


@pytest.fixture
def register(context: BrowserContext) -> Register:
    played = Register([listed(2), newsletter(1)], {uuid(number): [receipt(number)] for number in range(1, 60)})
    for path in ("me/consents", "receipts/*"):
        context.route(f"{API}/{path}?*", played.answer)
    return played


def publish_page(shop: Storefront, *origins: str) -> None:
    published_at = datetime(2026, 3, 1, tzinfo=UTC)
    edition = Edition(SITE, 1, 1, BANNER, (), (regimes()["opt-in"],), bundle(), published_at, "tests")
    for file in pages(edition, Addresses(API, CDN, origins)):
        shop.internet.put(f"{CDN}/{file.name}", file.content, HTML)


@pytest.fixture
def visitor(shop: Storefront, page: Page) -> Page:
    """Has refused, so that the register knows this browser, and has opened the panel again."""
    publish_page(shop, SHOP)
    page.goto(shop.page(LINK))
    page.get_by_role("button", name="Reject all").click()
    shop.internet.register.wait_for(1)
    page.locator("#settings").click()
    return page


def opened(visitor: Page) -> Page:
    """The page of the receipts; whatever goes wrong in it fails the test."""
    with visitor.context.expect_page() as found:
        visitor.get_by_role("button", name="Your consent receipts").click()
    return found.value


@pytest.fixture
def shown(register: Register, visitor: Page) -> Iterator[Page]:  # noqa: ARG001 - it answers
    errors: list[str] = []
    visitor.context.on("console", lambda message: None if "load resource" in message.text else errors.append(message.text))
    visitor.context.on("weberror", lambda error: errors.append(str(error.error)))
    page = opened(visitor)
    page.locator(".card").first.wait_for()
    yield page
    assert errors == []


def act(page: Page, name: str, number: int = 2) -> None:
    page.locator(f"[data-record='{uuid(number)}']").get_by_role("button", name=name).click()


def test_records_are_listed_newest_first_in_plain_words(shown: Page) -> None:
    first, second = shown.locator(".card").all()

    assert first.get_by_role("heading").inner_text() == "Consent given in part"
    assert "1 March 2026 at 12:00 · cookie banner" in first.inner_text().replace("\u202f", " ")
    assert first.locator(".categories li").all_inner_texts() == [
        "✓ Necessary: allowed",
        "✓ Performance: allowed",
        "✕ Functional: not allowed",
        "✕ Targeting: not allowed",
    ]
    assert second.get_by_role("heading").inner_text() == "Consent given"
    assert "Newsletter, version 2" in second.inner_text()
    text = second.get_by_role("link", name="the text as it was shown")
    assert text.get_attribute("href") == f"{CDN}/t/{'a' * 64}.md"
    assert shown.get_by_text(f"Opened from {SHOP}").is_visible()


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("erased", "Your personal data of this record was erased."),
        ("altered", "This record is not any more what was signed."),
        ("missing", "the register does not have it"),
    ],
)
def test_a_record_that_is_not_whole_says_so_and_what_to_do(register: Register, visitor: Page, state: str, told: str) -> None:
    whole = listed(3, state=state)
    register.records[:] = [whole if state == "erased" else {"id": whole["id"], "state": state}]

    page = opened(visitor)

    expect(page.locator(f".found.{state}")).to_contain_text(told)


def test_the_token_is_in_a_header_and_in_no_address_and_nobody_but_cdn_and_register_is_asked(
    register: Register, visitor: Page
) -> None:
    urls: list[str] = []
    visitor.context.on("request", lambda request: urls.append(request.url))
    page = opened(visitor)
    page.locator(".card").first.wait_for()
    act(page, "Show receipt")
    page.locator(".receipt dl").wait_for()

    assert {urlsplit(url).hostname for url in urls} == {"cdn.consentinel.test", "api.consentinel.test"}
    assert not [url for url in [*urls, page.url] if TOKEN in url or "st1" in url]
    assert {request.header_value("authorization") for request in register.asked} == {f"Bearer {TOKEN}"}


def test_more_are_shown_when_they_are_asked_for(register: Register, visitor: Page) -> None:
    register.by_page, register.records[:] = 2, [listed(number) for number in range(5, 0, -1)]
    page = opened(visitor)
    expect(page.locator(".card")).to_have_count(2)

    page.get_by_role("button", name="Show more").click()
    expect(page.locator(".card")).to_have_count(4)
    focused = page.evaluate("document.activeElement.closest('.card').dataset.record")
    page.get_by_role("button", name="Show more").click()

    expect(page.locator(".card")).to_have_count(5)
    expect(page.get_by_role("button", name="Show more")).to_be_hidden()
    assert focused == uuid(3)
    assert [card.get_attribute("data-record") for card in page.locator(".card").all()] == [uuid(n) for n in range(5, 0, -1)]


def test_a_promised_receipt_becomes_complete_by_itself_and_that_is_announced(register: Register, visitor: Page) -> None:
    register.records[:] = [listed(2, at=datetime.now(UTC))]
    register.receipts[uuid(2)] = [receipt(2, proof=None), receipt(2, proof=None), receipt(2)]
    page = opened(visitor)
    expect(page.locator(".proof")).to_contain_text("Promised")

    expect(page.locator(".proof")).to_contain_text("Complete", timeout=15_000)

    expect(page.locator("#news")).to_contain_text("A receipt is complete now: Consent given in part")


def test_what_was_checked_while_it_was_promised_is_checked_anew_when_it_is_complete(register: Register, visitor: Page) -> None:
    register.records[:] = [listed(2, at=datetime.now(UTC))]
    register.receipts[uuid(2)] = [receipt(2, proof=None), receipt(2, proof=None), receipt(2)]
    page = opened(visitor)
    page.locator(".proof.promised").wait_for()
    act(page, "Check it here")
    expect(page.locator(".result")).to_contain_text("only promised")

    expect(page.locator(".result")).to_contain_text("The log holds the record, as number 6 of 12", timeout=15_000)


def test_what_is_decided_meanwhile_appears_by_itself_and_leaves_the_rest_alone(register: Register, shown: Page) -> None:
    act(shown, "Show receipt")
    shown.locator(".receipt dl").wait_for()
    register.records.insert(0, listed(9, act="withdrawn"))

    expect(shown.locator(".card")).to_have_count(3, timeout=15_000)

    assert shown.locator(".card").first.get_attribute("data-record") == uuid(9)
    assert shown.locator(".receipt dl").is_visible()


def test_a_receipt_is_read_in_words_and_word_for_word(shown: Page) -> None:
    act(shown, "Show receipt")

    told = shown.locator(".receipt dl").inner_text()
    assert "Consent given in part (cookie banner)" in told
    assert "maria@example.com" in told
    assert "Rosa Ltd" in told
    link = shown.locator(".receipt").get_by_role("link")
    assert link.get_attribute("href") == f"{CDN}/s/{SITE}/{'c' * 64}/config.json"
    button = shown.get_by_role("button", name="Hide receipt: Consent given in part")
    assert button.get_attribute("aria-expanded") == "true"
    button.click()
    expect(shown.locator(".receipt dl")).to_have_count(0)


def test_a_receipt_is_downloaded_to_the_byte_and_checked_and_its_changed_twin_is_refused(
    register: Register, shown: Page
) -> None:
    with shown.expect_download() as download:
        act(shown, "Download")
    content = download.value.path().read_bytes()
    act(shown, "Check it here")

    assert download.value.suggested_filename == f"{uuid(2)}.receipt.json"
    assert content == as_file(register.receipts[uuid(2)][0])
    expect(shown.locator(".result h2")).to_have_text("Verified")
    shown.locator("#checking summary").click()
    for bytes_, verdict in ((content, "Verified"), (content.replace(b"partial", b"partiaL"), "Not verified")):
        shown.locator("#file").set_input_files({"name": "kept.json", "mimeType": "application/json", "buffer": bytes_})
        expect(shown.locator("#verdict h2")).to_have_text(verdict)


def test_an_answer_that_was_changed_on_its_way_is_refused(register: Register, shown: Page) -> None:
    for number, was, now in ((1, '"performance":true', '"performance":false'), (2, "true", "tru3")):
        made = receipt(number)
        register.receipts[uuid(number)] = [made | {"leaf": made["leaf"].replace(was, now, 1)}]

    act(shown, "Check it here", 1)
    act(shown, "Check it here", 2)

    expect(shown.locator(f"[data-record='{uuid(1)}'] .result h2")).to_have_text("Not verified")
    expect(shown.locator(f"[data-record='{uuid(2)}'] .result h2")).to_have_text("Cannot be checked")


def test_a_reload_loses_nothing_even_when_the_shop_has_been_closed(shown: Page, visitor: Page) -> None:
    visitor.close()

    shown.reload()

    expect(shown.locator(".card")).to_have_count(2)


def test_the_other_shops_page_in_the_same_tab_gets_nothing_of_it(shop: Storefront, register: Register, shown: Page) -> None:
    theirs = shop.internet.places[PAGE].body.replace(SITE.encode(), b"pk_bbbbbbbbbbbb_main")
    shop.internet.put(f"{CDN}/theirs/receipts.html", theirs, HTML)
    before = len(register.asked)

    shown.evaluate("opener = null")
    shown.goto(f"{CDN}/theirs/receipts.html")

    expect(shown.locator("#notice")).to_contain_text("does not know yet whose receipts to show")
    assert len(register.asked) == before


def test_opened_by_nobody_it_says_where_to_open_it_from_and_checks_files(shop: Storefront, page: Page) -> None:
    publish_page(shop, SHOP)
    page.goto(PAGE)

    expect(page.locator("#notice")).to_contain_text("choose “Cookie settings” at the bottom of its page")
    page.locator("#file").set_input_files({"name": "a.json", "mimeType": "application/json", "buffer": as_file(receipt(2))})
    expect(page.locator("#verdict h2")).to_have_text("Verified")
    page.get_by_role("link", name="The verifier as a page of its own").click()
    expect(page).to_have_title("Check a consent receipt")


def test_opened_from_an_origin_that_is_not_the_sites_it_shows_nothing_and_says_why(
    shop: Storefront, register: Register, visitor: Page
) -> None:
    publish_page(shop, "https://other.shop.test")

    page = opened(visitor)

    expect(page.locator("#notice")).to_contain_text(f"The page that opened this one, {SHOP}, is not known")
    assert register.asked == []


def test_a_shop_that_cuts_the_tie_to_what_it_opens_leaves_a_page_that_says_what_it_lacks(
    shop: Storefront, register: Register, page: Page
) -> None:
    publish_page(shop, SHOP)
    page.goto(shop.page(LINK, headers={"Cross-Origin-Opener-Policy": "same-origin"}))
    page.get_by_role("button", name="Reject all").click()
    shop.internet.register.wait_for(1)
    page.locator("#settings").click()

    shown = opened(page)

    expect(shown.locator("#notice")).to_contain_text("does not know yet whose receipts to show")
    assert register.asked == []


def test_in_a_frame_it_shows_nothing_even_where_the_tab_has_the_token(
    shop: Storefront, register: Register, shown: Page
) -> None:
    """A frame of the same site is the only one that shares the tab's storage."""
    around = "https://around.consentinel.test/"
    shop.internet.put(around, f'<title>Around</title><link rel="icon" href="data:,"><iframe src="{PAGE}"></iframe>', HTML)
    before = len(register.asked)

    shown.goto(around)

    expect(shown.frame_locator("iframe").locator("#notice")).to_contain_text("does not know yet")
    assert len(register.asked) == before


@pytest.mark.parametrize(
    ("status", "told", "again"),
    [
        (401, "This browser is not known here any more.", False),
        (403, "The shop is not set up for this page", False),
        (410, "The records of this browser were erased", False),
        (500, "The register could not answer just now.", True),
        (503, "The register could not answer just now.", True),
        (0, "The register cannot be reached.", True),
    ],
)
def test_what_goes_wrong_is_told_with_what_to_do(
    register: Register, visitor: Page, status: int, told: str, *, again: bool
) -> None:
    register.refusals[:] = [status]
    page = opened(visitor)
    notice = page.locator("#notice")
    expect(notice).to_contain_text(told)

    if again:
        notice.get_by_role("button", name="Try again").click()

        expect(page.locator(".card")).to_have_count(2)
        expect(notice).to_be_empty()
    else:
        assert notice.get_by_role("button").count() == 0
        assert page.evaluate("sessionStorage.length") == (0 if status == HTTPStatus.UNAUTHORIZED else 1)


def test_offline_it_waits_for_the_connection(register: Register, visitor: Page) -> None:
    page = opened(visitor)
    page.locator(".card").first.wait_for()
    register.receipts[uuid(2)] = [receipt(2)]
    register.refusals[:] = [0]
    visitor.context.set_offline(True)

    act(page, "Show receipt")

    expect(page.locator(f"[data-record='{uuid(2)}'] .proof")).to_contain_text("You are offline.")
    visitor.context.set_offline(False)
    act(page, "Show receipt")
    expect(page.locator(".receipt dl")).to_be_visible()


def test_a_record_without_a_receipt_says_so(register: Register, shown: Page) -> None:
    register.refusals[:] = [404]

    act(shown, "Download")

    expect(shown.locator(".proof.trouble")).to_contain_text("There is no receipt of this record")


def test_a_browser_without_a_record_has_no_button_and_a_page_that_says_so(
    shop: Storefront, register: Register, page: Page
) -> None:
    publish_page(shop, SHOP)
    page.goto(shop.page(LINK))
    page.get_by_role("button", name="Customise").click()
    assert page.get_by_role("button", name="Your consent receipts").count() == 0

    with page.context.expect_page() as found:
        page.evaluate("consentinel.receipts()")

    expect(found.value.locator("#notice")).to_contain_text("Nothing is recorded for this browser yet.")
    assert register.asked == []


def test_a_token_that_the_shop_gets_meanwhile_is_asked_for(shop: Storefront, register: Register, page: Page) -> None:
    assert register.asked == []
    publish_page(shop, SHOP)
    page.goto(shop.page(LINK))
    with page.context.expect_page() as found:
        page.evaluate("consentinel.receipts()")
    expect(found.value.locator("#notice")).to_contain_text("Nothing is recorded for this browser yet.")

    page.get_by_role("button", name="Reject all").click()

    expect(found.value.locator(".card")).to_have_count(2, timeout=15_000)


@pytest.mark.usefixtures("register")
def test_the_page_speaks_the_windows_language_and_changes_it_in_place(shop: Storefront, page: Page) -> None:
    publish_page(shop, SHOP)
    page.goto(shop.page(LINK, language="bg"))
    page.get_by_role("button", name="Отказвам всички").click()
    shop.internet.register.wait_for(1)
    page.locator("#settings").click()
    with page.context.expect_page() as found:
        page.get_by_role("button", name="Вашите разписки за съгласие").click()
    shown = found.value
    act(shown, "Покажете разписката")
    assert shown.locator("html").get_attribute("lang") == "bg"

    shown.get_by_role("button", name="English").click()

    expect(shown).to_have_title("Your consent receipts")
    assert "Consent given in part" in shown.locator(".receipt dl").inner_text()
    shown.reload()
    expect(shown).to_have_title("Your consent receipts")


def test_everything_is_reached_by_keyboard(shown: Page) -> None:
    reached = []
    for _ in range(9):
        shown.keyboard.press("Tab")
        reached.append(shown.evaluate("document.activeElement.innerText"))

    assert reached[:6] == [
        "English",
        "Български",
        "the window as it was shown, version 3",
        "Show receipt",
        "Download",
        "Check it here",
    ]
    assert reached[6:] == ["the text as it was shown", "Show receipt", "Download"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1100])
def test_the_page_is_accessible_and_fits(register: Register, shown: Page, scheme: Any, width: int) -> None:
    register.records.insert(0, {"id": uuid(7), "state": "altered"})
    register.records.insert(0, listed(8, state="erased"))
    shown.emulate_media(color_scheme=scheme)
    shown.set_viewport_size({"width": width, "height": 700})
    shown.reload()
    expect(shown.locator(".card")).to_have_count(4)
    act(shown, "Show receipt")
    act(shown, "Check it here")
    register.refusals[:] = [404]
    act(shown, "Check it here", 1)
    shown.locator("#checking summary").click()
    changed = json.dumps(receipt(2)).replace("partial", "partiaL").encode()
    shown.locator("#file").set_input_files({"name": "a.json", "mimeType": "application/json", "buffer": changed})
    expect(shown.locator("#verdict h2")).to_be_visible()
    expect(shown.locator(".receipt dl")).to_be_visible()

    shown.evaluate(AXE)
    found = shown.evaluate("axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))")

    assert found == []
    assert shown.evaluate("document.documentElement.scrollWidth") <= width


def test_markup_in_a_record_stays_text(register: Register, visitor: Page) -> None:
    evil = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
    policy = {"id": "x", "version": 1, "title": evil, "language": "en", "sha256": "a" * 64}
    register.records[:] = [listed(2, act=evil, section=evil, policy=policy)]

    page = opened(visitor)

    expect(page.locator(".card")).to_contain_text(evil)
    assert page.title() == "Your consent receipts"
