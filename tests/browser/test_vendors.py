"""Unmodified tags of real vendors: what reaches them before a decision, after a refusal and after a grant."""

import sys

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.vendors import BODY, FUNCTIONAL, HEAD, PERFORMANCE, SPECULATIVE, TARGETING
from tests.support.browser import Storefront, cookies_of, ran, settled

FRAMES = "[...document.querySelectorAll('iframe')].map((frame) => frame.contentWindow.location.href)"
STORED = "Object.keys(localStorage).concat(Object.keys(sessionStorage)).filter((key) => !key.startsWith('consentinel')).sort()"


def accept(page: Page, *categories: str) -> None:
    page.get_by_role("button", name="Customise").click()
    for category in categories:
        page.get_by_role("switch", name=category).check()
    page.get_by_role("button", name="Save my choice").click()


def test_without_consentinel_every_vendor_runs_and_leaves_something(shop: Storefront, page: Page) -> None:
    page.goto(shop.plain_page(BODY, head=HEAD))
    settled(page)

    assert sorted(ran(page)) == sorted(PERFORMANCE + FUNCTIONAL + TARGETING)
    assert {"_ga", "_fbp", "_ttp", "_uetsid", "li_fat_id", "TawkConnectionTime"} <= set(cookies_of(page.context))
    assert page.evaluate(STORED)


def test_before_a_decision_no_script_runs_and_nothing_is_stored(
    shop: Storefront, context: BrowserContext, page: Page, capsys: pytest.CaptureFixture[str]
) -> None:
    page.goto(shop.page(BODY, head=HEAD))
    page.get_by_role("button", name="Reject all").wait_for()
    settled(page)

    speculative = sorted(seen.url for seen in shop.third_parties())
    with capsys.disabled():
        sys.stdout.write("".join(f"\nspeculative request: {url}" for url in speculative))
    assert set(speculative) <= SPECULATIVE
    assert ran(page) == []
    assert page.evaluate("[...document.querySelectorAll('iframe')].map((frame) => frame.contentWindow.location.href)") == [
        "about:blank"
    ]
    assert page.evaluate("document.cookie") == ""
    assert page.evaluate(STORED) == []
    assert cookies_of(context) == {}


def test_after_a_refusal_no_script_runs_either_here_or_on_the_next_page(
    shop: Storefront, context: BrowserContext, page: Page
) -> None:
    page.goto(shop.page(BODY, head=HEAD))
    page.get_by_role("button", name="Reject all").click()
    settled(page)
    shop.internet.clear()
    page.reload()
    settled(page)

    assert {seen.url for seen in shop.third_parties()} <= SPECULATIVE
    assert ran(page) == []
    assert set(cookies_of(context)) == {"consentinel"}
    assert page.evaluate(STORED) == []


def test_accepting_performance_only_runs_exactly_its_scripts_without_a_reload(
    shop: Storefront, context: BrowserContext, page: Page
) -> None:
    page.goto(shop.page(BODY, head=HEAD))
    page.evaluate("window.before = true")
    accept(page, "Performance")
    page.wait_for_function("(window.__ran || []).length >= 3")
    settled(page)

    assert page.evaluate("window.before")
    assert sorted(ran(page)) == sorted(PERFORMANCE)
    assert set(cookies_of(context)) == {"consentinel", "_ga", "_ga_DEM0SH0P00", "_hjSessionUser_1000000", "_hjSession_1000000"}
    assert page.evaluate(STORED) == ["_hjSessionUser_1000000"]


def test_accepting_all_runs_every_script_and_brings_the_embed(shop: Storefront, page: Page) -> None:
    page.goto(shop.page(BODY, head=HEAD))
    page.get_by_role("button", name="Accept all").click()
    page.wait_for_function("(window.__ran || []).length >= 8")
    settled(page)

    assert sorted(ran(page)) == sorted(PERFORMANCE + FUNCTIONAL + TARGETING)
    assert page.frame_locator("iframe[title='YouTube video player']").locator("p").inner_text() == "www.youtube.com"


def test_on_the_next_page_what_was_accepted_runs_at_once(shop: Storefront, page: Page) -> None:
    page.goto(shop.page(BODY, head=HEAD))
    accept(page, "Functional")
    page.goto(shop.page(BODY, head=HEAD, path="/next"))
    settled(page)

    assert ran(page) == FUNCTIONAL


def test_scripts_that_rely_on_one_another_run_in_the_order_of_the_page(shop: Storefront, page: Page) -> None:
    head = "".join(f'<script src="https://static.hotjar.com/{number}.js"></script>' for number in range(4))
    head += (
        '<script type="text/plain" data-consentinel="performance">(window.__ran = window.__ran || []).push("inline")</script>'
    )
    head += '<script src="https://static.hotjar.com/last.js"></script>'

    page.goto(shop.page(head=head))
    accept(page, "Performance")
    page.wait_for_function("(window.__ran || []).length >= 6")

    names = [*(f"static.hotjar.com/{number}.js" for number in range(4)), "inline", "static.hotjar.com/last.js"]
    assert ran(page) == names


def test_a_script_that_cannot_be_had_holds_up_none_behind_it(shop: Storefront, page: Page) -> None:
    head = '<script src="https://static.hotjar.com/gone.js"></script><script src="https://static.hotjar.com/there.js"></script>'
    page.route("https://static.hotjar.com/gone.js", lambda route: route.abort())

    page.goto(shop.page(head=head))
    accept(page, "Performance")
    page.wait_for_function("window.__ran")

    assert ran(page) == ["static.hotjar.com/there.js"]


def test_what_is_marked_in_the_markup_is_not_asked_for_at_all(shop: Storefront, page: Page) -> None:
    marked = (
        '<script type="text/plain" data-consentinel="targeting" src="https://connect.facebook.net/a.js"></script>'
        '<script type="text/plain" data-consentinel="performance" data-src="https://static.hotjar.com/b.js"></script>'
        '<script type="text/plain" data-consentinel="performance" data-type="module">window.module = import.meta.url</script>'
        '<img data-consentinel="performance" data-src="https://static.hotjar.com/c.gif" alt="">'
        '<iframe data-consentinel="performance" data-src="https://static.hotjar.com/d.html" title="Map"></iframe>'
    )
    page.goto(shop.page(marked))
    page.get_by_role("button", name="Customise").wait_for()
    settled(page)
    before = shop.third_parties()
    accept(page, "Performance")
    page.wait_for_function("window.__ran && window.module")
    settled(page)

    assert before == []
    assert sorted(seen.path for seen in shop.third_parties() if seen.host == "static.hotjar.com") == [
        "/b.js",
        "/c.gif",
        "/d.html",
    ]
    assert ran(page) == ["static.hotjar.com/b.js"]
