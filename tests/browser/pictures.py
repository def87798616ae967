"""Takes the pictures of the window that the documentation shows: python -m tests.browser.pictures."""

from dataclasses import dataclass, replace
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.support.browser import BANNER, ROOT, Internet, Storefront, chromium

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


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with Internet() as internet, chromium(internet) as browser:
        for picture in PICTURES:
            take(picture, Storefront(internet), browser)
            print(picture.path.relative_to(ROOT), picture.path.stat().st_size)  # noqa: T201 - speaks to a person at a terminal


if __name__ == "__main__":
    main()
