"""Takes the pictures of window and receipts that the documentation shows: python -m tests.browser.pictures."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser.test_receipts_page import Register, listed, newsletter, publish_page, receipt, uuid
from tests.support.browser import API, BANNER, ROOT, SHOP, Internet, Storefront, chromium

FOLDER = ROOT / "docs" / "pictures"
LAMP = Path(__file__).with_name("pages") / "lamp.html"
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}


@dataclass(frozen=True)
class Picture:
    """One layer on one device; its file is named by what is not the usual."""

    layer: str
    device: str
    language: str = "en"
    scheme: str = "light"

    @property
    def path(self) -> Path:
        parts = ["banner", self.layer, self.device]
        parts += [self.language] if self.language != "en" else []
        parts += [self.scheme] if self.scheme != "light" else []
        return FOLDER / f"{'-'.join(parts)}.png"


PICTURES = (
    *(Picture(layer, device) for layer in ("bar", "modal", "panel") for device in SIZES),
    Picture("bar", "desktop", language="bg"),
    Picture("bar", "phone", language="bg"),
    Picture("panel", "phone", language="bg"),
    Picture("panel", "desktop", scheme="dark"),
    Picture("bar", "desktop", scheme="dark"),
)


def take(picture: Picture, shop: Storefront, browser: Browser) -> None:
    shop.publish(replace(BANNER, layout="modal" if picture.layer == "modal" else "bar"))
    width, height = SIZES[picture.device]
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme="dark" if picture.scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page.goto(shop.page(LAMP.read_text("utf-8"), language=picture.language))
    _open(picture, page)
    page.screenshot(path=picture.path)
    page.close()


def _open(picture: Picture, page: Page) -> None:
    page.locator("[part=accept]").first.wait_for()
    if picture.layer == "panel":
        page.locator("[part=customise]").click()
        page.mouse.move(0, 0)


@dataclass(frozen=True)
class Receipts:
    """The page of the receipts as somebody has come to it: the list, a receipt shown, one checked, one refused."""

    state: str
    device: str
    language: str = "en"
    scheme: str = "light"

    @property
    def path(self) -> Path:
        parts = ["receipts", self.state, self.device]
        parts += [self.language] if self.language != "en" else []
        parts += [self.scheme] if self.scheme != "light" else []
        return FOLDER / f"{'-'.join(parts)}.png"


RECEIPTS = (
    Receipts("list", "desktop"),
    Receipts("shown", "desktop"),
    Receipts("checked", "desktop"),
    Receipts("refused", "desktop"),
    Receipts("list", "phone", language="bg"),
    Receipts("checked", "phone"),
    Receipts("refused", "phone", language="bg"),
    Receipts("list", "desktop", scheme="dark"),
)


def played() -> Register:
    """One that is promised, one that is complete, one of a text, one erased."""
    now = datetime.now(UTC).replace(microsecond=0)
    before = now - timedelta(minutes=9)
    records = [
        listed(4, act="withdrawn", at=now),
        listed(3, at=before),
        newsletter(2),
        listed(1, state="erased"),
    ]
    return Register(records, {uuid(3): [receipt(3, at=before)], uuid(4): [receipt(4, at=now, proof=None)]})


def take_receipts(picture: Receipts, shop: Storefront, browser: Browser) -> None:
    shop.internet.fresh()
    publish_page(shop, SHOP)
    shop.publish()
    width, height = SIZES[picture.device]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if picture.scheme == "dark" else "light",
        reduced_motion="reduce",
        accept_downloads=True,
    )
    register = played()
    for path in ("me/consents", "receipts/*"):
        context.route(f"{API}/{path}?*", register.answer)
    visitor = context.new_page()
    visitor.goto(shop.page(LAMP.read_text("utf-8"), language=picture.language))
    visitor.locator("[part=reject]").first.click()
    shop.internet.register.wait_for(1)
    with context.expect_page() as opened:
        visitor.evaluate("consentinel.receipts()")
    page = opened.value
    page.locator(".proof.complete").wait_for()
    _come_to(picture.state, page)
    page.screenshot(path=picture.path)
    context.close()


def _come_to(state: str, page: Page) -> None:
    buttons = page.locator(f"[data-record='{uuid(3)}'] button")
    match state:
        case "shown":
            buttons.nth(0).click()
            _at_the_top(page, f"[data-record='{uuid(3)}']:has(dl)")
        case "checked":
            buttons.nth(2).click()
            _at_the_top(page, f"[data-record='{uuid(3)}']:has(.result h2)")
        case "refused":
            with page.expect_download() as download:
                buttons.nth(1).click()
            content = download.value.path().read_bytes().replace(b"partial", b"partiaL")
            page.locator("#checking summary").click()
            name = download.value.suggested_filename
            page.locator("#file").set_input_files({"name": name, "mimeType": "application/json", "buffer": content})
            _at_the_top(page, "#checking:has(#verdict h2)")
        case _:
            pass
    page.mouse.move(0, 0)


def _at_the_top(page: Page, selector: str) -> None:
    page.locator(selector).evaluate("(element) => scrollTo(0, element.getBoundingClientRect().top + scrollY - 16)")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with Internet() as internet, chromium(internet) as browser:
        for picture in PICTURES:
            take(picture, Storefront(internet), browser)
            say(picture.path)
        for page in RECEIPTS:
            take_receipts(page, Storefront(internet), browser)
            say(page.path)


def say(path: Path) -> None:
    print(path.relative_to(ROOT), path.stat().st_size)  # noqa: T201 - speaks to a person at a terminal


if __name__ == "__main__":
    main()
