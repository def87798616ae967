"""The demo shop of the local stack in a real browser: what a newcomer sees who has typed one command."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response

from tests.browser.vendors import PERFORMANCE
from tests.support.browser import Internet, cookies_of, ran, settled
from tests.support.local_stack import Running, started

SPECULATIVE = {
    "https://www.googletagmanager.com/gtag/js?id=G-DEM0SH0P00",
    "https://www.youtube.com/embed/00000000000",
}
STORED = "[localStorage, sessionStorage].flatMap(Object.keys).filter((key) => !key.startsWith('consentinel'))"
SWITCHES = ("Performance", "Functional", "Targeting")
VENDORS_OF_PERFORMANCE = ("googletagmanager.com", "google-analytics.com", "hotjar.com", "hotjar.io")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with started(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture
def visitor(browser: Browser, stack: Running) -> Iterator[Page]:
    context: BrowserContext = browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="bg-BG", reduced_motion="reduce"
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto(stack.said["shop"])
    page.get_by_role("button", name="Отказвам всички").wait_for()
    settled(page)
    yield page
    context.close()


@pytest.fixture
def visitor_in_the_us(browser: Browser, stack: Running) -> Iterator[Page]:
    context: BrowserContext = browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="en-US", reduced_motion="reduce"
    )
    context.set_default_timeout(10_000)
    context.add_cookies([{"name": "demo_country", "value": "US", "url": stack.said["shop"]}])
    page = context.new_page()
    page.goto(stack.said["shop"] + "/en/")
    page.get_by_role("button", name="Reject all").wait_for()
    settled(page)
    yield page
    context.close()


def third_parties(internet: Internet) -> set[str]:
    return {seen.url for seen in internet.seen()}


def recorded(page: Page, stack: Running, button: str) -> dict[str, Any]:
    """Press a button of the window, and read what the register has of it."""

    def posts(response: Response) -> bool:
        return "/v1/consents" in response.url and response.request.method == "POST"

    with page.expect_response(posts) as answer:
        page.get_by_role("button", name=button).click()
    assert answer.value.status == 201
    status, record = stack.as_merchant(f"/v1/admin/register/{answer.value.json()['records'][0]['id']}")
    assert status == 200
    found: dict[str, Any] = record
    return found


def test_the_banner_appears_and_before_a_decision_no_vendor_runs_or_stores_anything(
    internet: Internet, visitor: Page, stack: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    left = third_parties(internet)

    with capsys.disabled():
        sys.stdout.write(f"\n{len(left)} speculative requests: {', '.join(sorted(left))}")
    assert left <= SPECULATIVE
    assert ran(visitor) == []
    assert cookies_of(visitor.context, stack.said["shop"]) == {}
    assert visitor.evaluate(STORED) == []


def test_in_the_us_everything_runs_until_it_is_refused_and_the_panel_says_so(visitor_in_the_us: Page) -> None:
    before = ran(visitor_in_the_us)
    visitor_in_the_us.get_by_role("button", name="Customise").click()
    shown = [visitor_in_the_us.get_by_role("switch", name=name).is_checked() for name in SWITCHES]

    visitor_in_the_us.get_by_role("dialog").get_by_role("button", name="Reject all").click()
    visitor_in_the_us.reload()
    settled(visitor_in_the_us)

    assert set(PERFORMANCE) <= set(before)
    assert shown == [True, True, True]
    assert ran(visitor_in_the_us) == []


def test_after_a_refusal_no_vendor_runs_on_this_page_or_the_next_and_the_register_has_it(
    internet: Internet, visitor: Page, stack: Running
) -> None:
    record = recorded(visitor, stack, "Отказвам всички")
    internet.clear()
    visitor.goto(stack.said["shop"] + "/bg/contact")
    settled(visitor)

    assert third_parties(internet) <= SPECULATIVE
    assert ran(visitor) == []
    assert set(cookies_of(visitor.context, stack.said["shop"])) == {"consentinel"}
    assert visitor.evaluate(STORED) == []
    assert (record["act"], record["section"], record["state"]) == ("refused", "banner", "whole")
    assert record["shown"]["language"] == "bg"


def test_after_agreeing_to_performance_only_exactly_its_vendors_load_without_a_reload(
    internet: Internet, visitor: Page, stack: Running
) -> None:
    visitor.evaluate("window.here = 1")
    internet.clear()
    visitor.get_by_role("button", name="Персонализиране").click()
    visitor.get_by_role("switch", name="За ефективност").check()

    record = recorded(visitor, stack, "Запазвам избора")
    settled(visitor)

    assert visitor.evaluate("window.here") == 1
    assert sorted(ran(visitor)) == sorted(PERFORMANCE)
    hosts = {seen.host for seen in internet.seen()}
    assert hosts
    assert all(host.endswith(VENDORS_OF_PERFORMANCE) for host in hosts), hosts
    assert record["categories"] == {"necessary": True, "performance": True, "functional": False, "targeting": False}
    assert record["act"] == "partial"


def test_after_agreeing_to_everything_the_film_and_the_chat_are_there_too(
    internet: Internet, visitor: Page, stack: Running
) -> None:
    record = recorded(visitor, stack, "Приемам всички")
    internet.wait_until(lambda seen: any(one.host == "www.youtube.com" for one in seen))
    settled(visitor)

    frame = visitor.locator("iframe[src*='youtube']")
    assert frame.count() == 1
    assert any("tawk.to" in script for script in ran(visitor))
    assert record["act"] == "given"
