"""The window as a person meets it: fair, reachable by keyboard and screen reader, and out of the way."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.browser import BANNER, CDN, ROOT, SCRIPT, Storefront, bundle, cookies_of, settled

AXE = Path(ROOT, "node_modules", "axe-core", "axe.min.js").read_text("utf-8")
LINK = '<main><h1>Lamp</h1><p>It gives light.</p><a id="settings" data-consentinel-open href="#">Cookie settings</a></main>'
LOOK = """(button) => {
  const style = getComputedStyle(button);
  const { width, height } = button.getBoundingClientRect();
  return [width, height, style.color, style.backgroundColor, style.font, style.border, style.borderRadius,
    style.letterSpacing, style.opacity];
}"""
WATCH_SHIFTS = """
  window.shift = 0;
  new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => (shift += value)))
    .observe({ type: 'layout-shift', buffered: true });
"""
FOCUSED = """() => {
  let focused = document.activeElement;
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  return focused.textContent.trim() || focused.id || focused.localName;
}"""

BROKEN_WORDS = """(cells) => cells.flatMap((cell) => {
  const text = cell.firstChild;
  return [...(text?.data.matchAll(/[^\\s-]+/g) ?? [])].filter((word) => {
    const range = document.createRange();
    range.setStart(text, word.index);
    range.setEnd(text, word.index + word[0].length);
    return range.getClientRects().length > 1;
  }).map(([word]) => word);
})"""


def publish(shop: Storefront, layout: str) -> None:
    shop.publish(replace(BANNER, layout=layout))


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def top_of(one: Locator) -> float:
    top: float = one.evaluate("(element) => element.getBoundingClientRect().top")
    return top


@pytest.mark.parametrize("layout", ["bar", "modal"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_rejecting_is_as_prominent_as_accepting(shop: Storefront, page: Page, layout: str, width: int) -> None:
    publish(shop, layout)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(shop.page(LINK))
    reject, accept = button(page, "Reject all"), button(page, "Accept all")
    accept.wait_for()

    assert reject.evaluate(LOOK) == accept.evaluate(LOOK)
    assert top_of(reject) == top_of(accept)


@pytest.mark.parametrize("layout", ["bar", "modal"])
def test_escape_is_no_answer(shop: Storefront, page: Page, layout: str) -> None:
    publish(shop, layout)
    page.goto(shop.page(LINK))
    button(page, "Accept all").wait_for()

    for _ in range(4):
        page.keyboard.press("Escape")
    page.mouse.click(5, 5)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")

    expect(button(page, "Reject all")).to_be_visible()
    assert cookies_of(page.context) == {}


def test_escape_is_no_answer_in_a_browser_that_closes_a_dialog_whatever_it_is_told(shop: Storefront, page: Page) -> None:
    publish(shop, "modal")
    page.goto(shop.page(LINK))
    button(page, "Accept all").wait_for()
    page.get_by_role("dialog").evaluate("(dialog) => dialog.removeAttribute('closedby')")

    for _ in range(4):
        page.keyboard.press("Escape")

    expect(button(page, "Reject all")).to_be_visible()
    assert cookies_of(page.context) == {}


def test_escape_in_the_panel_goes_back_to_the_first_layer(shop: Storefront, page: Page) -> None:
    page.goto(shop.page(LINK))
    button(page, "Customise").click()
    page.get_by_role("switch", name="Targeting").check()

    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(button(page, "Reject all")).to_be_visible()
    assert page.evaluate(FOCUSED) == "Customise"
    assert cookies_of(page.context) == {}


def test_a_click_that_a_script_makes_is_no_answer(shop: Storefront, page: Page) -> None:
    page.goto(shop.page(LINK))
    button(page, "Accept all").wait_for()

    page.evaluate(
        """() => {
          for (const one of document.querySelector('#consentinel').shadowRoot.querySelectorAll('button')) {
            one.click();
            one.dispatchEvent(new MouseEvent('click', { bubbles: true, detail: 1 }));
          }
        }"""
    )

    assert cookies_of(page.context) == {}
    assert shop.internet.register.submissions == []


def test_the_gate_takes_no_agreement_without_an_act_of_the_visitors_even_from_a_window(shop: Storefront, page: Page) -> None:
    forged = """document.currentScript.dispatchEvent(new CustomEvent('consentinel', { detail: (door) => {
      window.answers = [door.choose(['targeting'], new MouseEvent('click')), door.choose(['targeting'])].map(String);
      return { show() {}, hide() {} };
    } }))"""
    shop.internet.put(f"{CDN}/window.en.js", forged, SCRIPT)
    page.goto(shop.page(LINK))
    page.wait_for_function("window.answers")

    assert page.evaluate("answers") == ["undefined", "undefined"]
    assert cookies_of(page.context) == {}


def test_the_bar_takes_no_focus_and_is_first_for_the_keyboard(shop: Storefront, page: Page) -> None:
    page.goto(shop.page(LINK))
    button(page, "Accept all").wait_for()
    assert page.evaluate(FOCUSED.replace("focused.textContent.trim() || focused.id || ", "")) == "body"

    order = []
    for _ in range(4):
        page.keyboard.press("Tab")
        order.append(page.evaluate(FOCUSED))

    assert order == ["Reject all", "Accept all", "Customise", "Cookie settings"]


def test_everything_can_be_done_with_the_keyboard(shop: Storefront, page: Page) -> None:
    page.goto(shop.page(LINK))
    button(page, "Accept all").wait_for()

    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED) == "Cookie settings"
    while page.evaluate(FOCUSED) != "performance":
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    while page.evaluate(FOCUSED) != "Save my choice":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    shop.internet.register.wait_for(1)

    assert cookies_of(page.context)["consentinel"].endswith(".p")
    assert shop.internet.register.acts[0]["shown"]["gesture"] == "key"


def test_a_modal_takes_the_focus_keeps_it_and_gives_it_back(shop: Storefront, page: Page) -> None:
    publish(shop, "modal")
    page.goto(shop.page(LINK))
    button(page, "Accept all").wait_for()
    assert page.evaluate(FOCUSED) == "Your choice about cookies"

    reached = set()
    for _ in range(6):
        page.keyboard.press("Tab")
        reached.add(page.evaluate(FOCUSED))
    button(page, "Reject all").click()

    assert "Reject all" in reached
    assert "settings" not in reached
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.locator("#settings").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_the_panel_gives_the_focus_back_to_the_link_that_opened_it(shop: Storefront, page: Page) -> None:
    page.goto(shop.page(LINK))
    button(page, "Reject all").click()
    page.locator("#settings").click()
    expect(page.get_by_role("dialog")).to_be_visible()

    button(page, "Close").click()

    assert page.evaluate("document.activeElement.id") == "settings"


def test_the_panel_shows_what_stands(shop: Storefront, page: Page) -> None:
    page.goto(shop.page(LINK))
    button(page, "Customise").click()
    page.get_by_role("switch", name="Functional").check()
    button(page, "Save my choice").click()
    page.locator("#settings").click()

    expect(page.get_by_role("switch", name="Functional")).to_be_checked()
    expect(page.get_by_role("switch", name="Targeting")).not_to_be_checked()
    expect(page.get_by_role("switch", name="Strictly necessary")).to_be_disabled()
    expect(page.get_by_role("switch", name="Strictly necessary")).to_be_checked()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("layer", ["bar", "modal", "panel"])
def test_axe_finds_nothing(shop: Storefront, page: Page, layer: str, scheme: str) -> None:
    publish(shop, "modal" if layer == "modal" else "bar")
    page.goto(shop.page(LINK, head=f"<style>:root {{ color-scheme: {scheme} }} a {{ color: CanvasText }}</style>"))
    button(page, "Accept all").wait_for()
    if layer == "panel":
        button(page, "Customise").click()
        for details in page.locator("summary").all():
            details.click()
    page.evaluate(AXE)

    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    result: dict[str, Any] = page.evaluate("(tags) => axe.run(document, { runOnly: tags })", tags)

    assert [(found["id"], [node["html"] for node in found["nodes"]]) for found in result["violations"]] == []


@pytest.mark.parametrize("layout", ["bar", "modal"])
def test_the_window_shifts_nothing(shop: Storefront, page: Page, layout: str) -> None:
    publish(shop, layout)
    head = "<style>body { display: grid; gap: 3rem } body > div { margin: 2rem; padding: 2rem; display: block }</style>"
    page.goto(shop.page(LINK, head=head + f"<script>{WATCH_SHIFTS}</script>"))
    button(page, "Accept all").wait_for()
    settled(page)
    button(page, "Reject all").click()
    settled(page)

    assert page.evaluate("shift") == 0


@pytest.mark.parametrize("language", ["en", "bg"])
@pytest.mark.parametrize("layer", ["bar", "modal", "panel"])
def test_on_a_narrow_phone_nothing_is_cut_off_and_every_target_is_large_enough(
    shop: Storefront, page: Page, layer: str, language: str
) -> None:
    publish(shop, "modal" if layer == "modal" else "bar")
    page.set_viewport_size({"width": 320, "height": 568})
    page.goto(shop.page(LINK, language=language))
    page.locator("[part=accept]").first.wait_for()
    if layer == "panel":
        page.locator("[part=customise]").click()
        for details in page.locator("summary").all():
            details.click()

    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    for target in page.locator("#consentinel").locator("button:visible, input:visible, summary:visible, a:visible").all():
        box = target.bounding_box()
        assert box is not None
        assert box["height"] >= 24
        assert box["width"] >= 24
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 320


def test_in_no_language_the_bar_takes_half_of_a_phone_or_leaves_its_screen(shop: Storefront, page: Page) -> None:
    languages = tuple(bundle().texts)
    shop.publish(replace(BANNER, languages=languages))
    sizes = {}
    for language in languages:
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(shop.page(LINK, language=language))
        bar = page.locator("[part=bar]")
        bar.wait_for()
        sizes[language] = bar.evaluate("(bar) => bar.offsetHeight")
        page.set_viewport_size({"width": 320, "height": 568})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, language
        assert bar.evaluate("(bar) => bar.scrollWidth <= bar.clientWidth"), language

    assert {language: height for language, height in sizes.items() if height > 844 / 2} == {}


def test_the_shops_rules_do_not_reach_the_window(shop: Storefront, page: Page) -> None:
    plain = shop.page(LINK, path="/plain")
    rules = "* { letter-spacing: 1em !important; font: 40px serif } div { opacity: 0; transform: scale(2) }"
    loud = shop.page(LINK, path="/loud", head=f"<style>{rules}</style>")

    looks = []
    for url in (plain, loud):
        page.goto(url)
        button(page, "Accept all").wait_for()
        looks.append([button(page, "Accept all").evaluate(LOOK), page.locator("[part=bar] p").first.evaluate(LOOK)])

    assert looks[0] == looks[1]


def test_a_merchants_colours_are_taken(shop: Storefront, page: Page) -> None:
    shop.publish(replace(BANNER, theme={"--consentinel-accent": "rgb(1, 2, 3)", "--other": "red"}))
    page.goto(shop.page(LINK))

    expect(button(page, "Accept all")).to_have_css("background-color", "rgb(1, 2, 3)")
    expect(button(page, "Reject all")).to_have_css("background-color", "rgb(1, 2, 3)")


def test_the_window_speaks_the_pages_language(shop: Storefront, browser: Browser) -> None:
    context = browser.new_context(locale="bg-BG")
    try:
        page = context.new_page()
        page.goto(shop.page(LINK, language="en"))
        expect(page.get_by_role("region", name="Your choice about cookies")).to_be_visible()
        page.goto(shop.page(LINK, language="ja"))
        expect(page.get_by_role("region", name="Вашият избор за бисквитките")).to_be_visible()
    finally:
        context.close()


@pytest.mark.parametrize("language", ["bg", "de", "en"])
def test_in_the_list_of_cookies_no_word_but_a_name_breaks(shop: Storefront, page: Page, language: str) -> None:
    shop.publish(replace(BANNER, languages=(language,)))
    page.goto(shop.page(language=language))
    page.locator("[part=customise]").click()
    page.locator("details").evaluate_all("(all) => all.forEach((one) => (one.open = true))")

    broken = page.locator("th, td:not(:first-child)").evaluate_all(BROKEN_WORDS)

    assert page.locator("td").count() > 40
    assert broken == []
