"""The decision: how it is kept, when it stands, when the visitor is asked again, how it is taken back."""

import re
import time
from dataclasses import replace

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from functions.cookies.model import Category, CategorySettings
from tests.browser.vendors import BODY, HEAD, SPECULATIVE
from tests.support.browser import BANNER, CDN, SHOP, Storefront, cookies_of, ran, settled

GPC = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })"
LINK = '<a data-consentinel-open href="#">Cookie settings</a>'
TAG = '<script src="https://static.hotjar.com/x.js"></script>'
TOLD = "<script>let told = []; document.addEventListener('consentinel:unknown', (event) => told.push(event.detail))</script>"
SWITCHED_ON = replace(BANNER, categories={**BANNER.categories, Category.PERFORMANCE: CategorySettings(default=True)})
DAY = 86400


def base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits


def decided(context: BrowserContext, letters: str, *, age: int = 0, epoch: int = 1) -> None:
    """Give the browser a decision of some days ago."""
    value = f"1.1.{epoch}.{base36(int(time.time()) - age * DAY)}.{letters}"
    context.add_cookies([{"name": "consentinel", "value": value, "url": SHOP}])


def asked(page: Page) -> bool:
    settled(page)
    return page.get_by_role("button", name="Reject all").is_visible()


@pytest.mark.parametrize(("button", "letters"), [("Reject all", "-"), ("Accept all", "pft")])
def test_the_choice_is_kept_in_one_cookie_as_the_reference_says(
    shop: Storefront, context: BrowserContext, page: Page, button: str, letters: str
) -> None:
    shop.publish(version=3, epoch=2)
    page.goto(shop.page())
    page.get_by_role("button", name=button).click()

    (cookie,) = context.cookies()
    assert re.fullmatch(rf"1\.3\.2\.[0-9a-z]{{6}}\.{letters}", cookie["value"])
    assert (cookie["name"], cookie["path"], cookie["sameSite"], cookie["secure"]) == ("consentinel", "/", "Lax", True)
    assert cookie["expires"] == pytest.approx(time.time() + 180 * DAY, abs=60)
    assert int(cookie["value"].split(".")[3], 36) == pytest.approx(time.time(), abs=60)


def test_a_returning_visitor_is_not_asked_and_loads_no_window(shop: Storefront, context: BrowserContext, page: Page) -> None:
    decided(context, "p")
    page.goto(shop.page(head=TAG))

    assert not asked(page)
    assert ran(page) == ["static.hotjar.com/x.js"]
    assert [request.path for request in shop.internet.asked if request.host.startswith("cdn")] == ["/gate.js"]


def test_a_visitor_who_agreed_to_an_older_epoch_is_asked_again_and_nothing_runs_until_then(
    shop: Storefront, context: BrowserContext, page: Page
) -> None:
    decided(context, "pft", epoch=1)
    shop.publish(epoch=2)
    page.goto(shop.page(head=TAG))

    assert asked(page)
    assert ran(page) == []


@pytest.mark.parametrize(("age", "again"), [(179, False), (180, True)])
def test_the_visitor_is_asked_again_when_the_interval_is_over(
    shop: Storefront, context: BrowserContext, page: Page, age: int, again: bool
) -> None:
    decided(context, "p", age=age)
    page.goto(shop.page(head=TAG))

    assert asked(page) is again
    assert (ran(page) == []) is again


def test_another_format_is_no_choice(shop: Storefront, context: BrowserContext, page: Page) -> None:
    context.add_cookies([{"name": "consentinel", "value": "allow-everything", "url": SHOP}])
    page.goto(shop.page(head=TAG))

    assert asked(page)
    assert ran(page) == []


def test_an_opt_out_regime_lets_run_what_is_switched_on_until_the_visitor_says_no(shop: Storefront, page: Page) -> None:
    shop.publish(SWITCHED_ON, regime="opt-out")
    page.goto(shop.page(head=TAG))
    assert asked(page)
    assert ran(page) == ["static.hotjar.com/x.js"]

    page.get_by_role("button", name="Reject all").click()
    page.reload()

    assert not asked(page)
    assert ran(page) == []


def test_a_browser_that_sends_the_signal_has_refused_under_opt_out_and_is_not_asked(
    shop: Storefront, context: BrowserContext, page: Page
) -> None:
    context.add_init_script(GPC)
    shop.publish(regime="opt-out")
    page.goto(shop.page(head=TAG))

    assert not asked(page)
    assert ran(page) == []
    assert cookies_of(context)["consentinel"].endswith(".-")
    (act,) = shop.internet.register.acts
    assert act["act"] == "refused"
    assert act["shown"] | {"layer": "signal", "gesture": "signal", "gpc": True} == act["shown"]


def test_under_opt_in_the_signal_refuses_nothing_that_was_not_refused_already_and_a_choice_wins(
    shop: Storefront, context: BrowserContext, page: Page
) -> None:
    context.add_init_script(GPC)
    page.goto(shop.page(head=TAG))
    page.get_by_role("button", name="Accept all").click()
    page.wait_for_function("window.__ran")

    assert shop.internet.register.acts[0]["shown"]["gpc"] is True
    assert cookies_of(context)["consentinel"].endswith(".pft")


def test_switches_are_never_on_for_a_visitor_under_opt_in(shop: Storefront, page: Page) -> None:
    shop.publish(SWITCHED_ON)
    page.goto(shop.page())
    page.get_by_role("button", name="Customise").click()

    expect(page.get_by_role("switch", name="Performance")).not_to_be_checked()


def test_what_is_not_switched_on_waits_under_opt_out_too(shop: Storefront, page: Page) -> None:
    shop.publish(regime="opt-out")
    page.goto(shop.page(head=TAG))

    assert asked(page)
    assert ran(page) == []


def test_what_one_tab_decides_holds_in_the_others_at_once(shop: Storefront, context: BrowserContext, page: Page) -> None:
    page.goto(shop.page(LINK))
    other = context.new_page()
    other.goto(shop.page(LINK, path="/other"))
    assert asked(other)

    page.get_by_role("button", name="Accept all").click()
    other.wait_for_function("consentinel.allows('targeting')")
    hidden = not asked(other)
    page.locator("[data-consentinel-open]").click()
    page.get_by_role("button", name="Reject all").click()
    other.wait_for_function("!consentinel.allows('targeting')")
    other.evaluate("document.cookie = '_ga=1; Path=/'")

    assert hidden
    assert "_ga" not in cookies_of(context)


def test_switches_are_on_under_opt_out_where_the_merchant_says_so(shop: Storefront, page: Page) -> None:
    shop.publish(SWITCHED_ON, regime="opt-out")
    page.goto(shop.page())
    page.get_by_role("button", name="Customise").click()

    expect(page.get_by_role("switch", name="Performance")).to_be_checked()
    expect(page.get_by_role("switch", name="Targeting")).not_to_be_checked()


@pytest.mark.parametrize(
    ("regime", "said", "not_said"),
    [("opt-in", "With your consent", "refuse them at any time"), ("opt-out", "refuse them at any time", "With your consent")],
)
def test_the_first_layer_speaks_of_consent_only_where_it_waits_for_it(
    shop: Storefront, page: Page, regime: str, said: str, not_said: str
) -> None:
    shop.publish(SWITCHED_ON, regime=regime)
    page.goto(shop.page())
    first_layer = page.get_by_role("region", name="Your choice about cookies")

    expect(first_layer).to_contain_text(said)
    expect(first_layer).not_to_contain_text(not_said)


def test_the_panel_shows_nothing_on_to_a_browser_whose_signal_has_refused(
    shop: Storefront, context: BrowserContext, page: Page
) -> None:
    context.add_init_script(GPC)
    shop.publish(SWITCHED_ON, regime="opt-out")
    page.goto(shop.page(LINK, head=TAG))
    settled(page)
    page.get_by_role("link", name="Cookie settings").click()

    expect(page.get_by_role("switch", name="Performance")).not_to_be_checked()
    assert ran(page) == []


def test_withdrawing_deletes_what_was_declared_wherever_it_was_put_and_keeps_the_shops_own(
    shop: Storefront, context: BrowserContext, page: Page
) -> None:
    decided(context, "pft")
    url = shop.page(LINK, path="/lamps/desk")
    context.add_cookies([{"name": "session", "value": "1", "url": SHOP}, {"name": "_ga", "value": "host", "url": SHOP}])
    page.goto(url)
    page.evaluate(
        """() => {
          document.cookie = '_ga=domain; Domain=shop.test; Path=/';
          document.cookie = '_fbp=path; Path=/lamps';
          document.cookie = 'twk_a=1; Path=/';
          document.cookie = 'own=1; Path=/';
          for (const one of [localStorage, sessionStorage]) for (const key of ['tt_sessionId', 'basket']) one.setItem(key, '1');
        }"""
    )

    page.get_by_role("link", name="Cookie settings").click()
    page.get_by_role("switch", name="Performance").uncheck()
    page.get_by_role("switch", name="Targeting").uncheck()
    page.get_by_role("button", name="Save my choice").click()

    left = {cookie["name"] for cookie in context.cookies()}
    assert left == {"consentinel", "session", "twk_a", "own"}
    stored = page.evaluate("[localStorage, sessionStorage].map((one) => [one.tt_sessionId ?? null, one.basket])")
    assert stored == [[None, "1"], [None, "1"]]
    page.wait_for_function("localStorage['consentinel.outbox'] === '[]'")
    assert shop.internet.register.acts[-1]["act"] == "withdrawn"


def test_after_withdrawing_a_script_that_still_runs_reaches_nobody_and_stores_nothing(
    shop: Storefront, context: BrowserContext, page: Page
) -> None:
    decided(context, "pft")
    page.goto(shop.page(BODY, head=HEAD))
    settled(page)
    page.get_by_text("Cookie settings").click()
    page.get_by_role("button", name="Reject all").click()
    settled(page)
    shop.internet.clear()

    page.evaluate(
        """() => {
          document.cookie = '_ga=again; Path=/';
          localStorage.setItem('tt_sessionId', 'again');
          fetch('https://www.google-analytics.com/g/collect').catch(() => {});
          navigator.sendBeacon('https://www.facebook.com/tr/');
          new Image().src = 'https://www.facebook.com/tr/';
        }"""
    )
    settled(page)

    assert shop.third_parties() == []
    assert set(cookies_of(context)) == {"consentinel"}
    assert page.evaluate("localStorage.tt_sessionId") is None


def test_a_decision_in_one_tab_is_followed_in_the_other(shop: Storefront, context: BrowserContext, page: Page) -> None:
    page.goto(shop.page(head=TAG))
    page.get_by_role("button", name="Reject all").wait_for()
    other = context.new_page()
    other.goto(shop.page(head=TAG))
    other.get_by_role("button", name="Accept all").click()

    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_function("window.__ran")

    expect(page.get_by_role("button", name="Reject all")).to_be_hidden()


def test_no_script_of_the_page_writes_the_choice(shop: Storefront, context: BrowserContext, page: Page) -> None:
    page.goto(shop.page(head=TAG))
    page.evaluate(
        """async () => {
          document.cookie = 'consentinel=1.1.1.zzzzzz.pft; Path=/';
          await cookieStore.set('consentinel', '1.1.1.zzzzzz.pft');
          document.dispatchEvent(new Event('visibilitychange'));
        }"""
    )

    assert cookies_of(context) == {}
    assert asked(page)


def test_the_page_can_ask_and_listen(shop: Storefront, page: Page) -> None:
    page.goto(shop.page())
    page.evaluate("void consentinel.on('decision', (detail) => (window.heard = detail))")
    assert page.evaluate("[consentinel.decision(), consentinel.allows('necessary'), consentinel.allows('performance')]") == [
        None,
        True,
        False,
    ]

    page.get_by_role("button", name="Accept all").click()

    assert page.evaluate("window.heard") == {
        "allowed": ["necessary", "performance", "functional", "targeting"],
        "decided": True,
    }
    assert page.evaluate("consentinel.allows('targeting')")
    assert page.evaluate("consentinel.decision().given") == ["performance", "functional", "targeting"]


def test_consent_mode_is_told_before_any_tag_and_again_when_something_is_granted(shop: Storefront, page: Page) -> None:
    page.goto(shop.page(BODY, head=HEAD))
    page.get_by_role("button", name="Customise").click()
    page.get_by_role("switch", name="Performance").check()
    page.get_by_role("button", name="Save my choice").click()

    commands = page.evaluate("dataLayer.map((entry) => String(entry) === '[object Arguments]' ? [...entry] : entry)")
    assert commands[0][:2] == ["consent", "default"]
    assert commands[0][2]["analytics_storage"] == commands[0][2]["ad_storage"] == "denied"
    assert commands[1]["event"] == "gtm.js"
    update = next(entry for entry in commands if isinstance(entry, list) and entry[:2] == ["consent", "update"])
    assert (update[2]["analytics_storage"], update[2]["ad_storage"]) == ("granted", "denied")


def test_a_stranger_waits_until_everything_was_accepted_and_the_page_is_told(shop: Storefront, page: Page) -> None:
    page.goto(shop.page(head=TOLD + '<script src="https://stranger.example/x.js"></script>'))
    settled(page)
    assert ran(page) == []
    assert page.evaluate("told") == [{"what": "https://stranger.example/x.js", "held": True}]

    page.get_by_role("button", name="Accept all").click()
    page.wait_for_function("window.__ran")

    assert ran(page) == ["stranger.example/x.js"]


def test_a_site_that_only_reports_lets_a_stranger_pass_and_the_page_is_told(shop: Storefront, page: Page) -> None:
    shop.publish(changes={"unknown": "report"})
    page.goto(shop.page(head=TOLD + '<script src="https://stranger.example/x.js"></script>' + TAG))
    settled(page)

    assert ran(page) == ["stranger.example/x.js"]
    assert page.evaluate("told[0]") == {"what": "https://stranger.example/x.js", "held": False}


def test_the_window_that_did_not_come_is_fetched_again_by_the_next_click(shop: Storefront, page: Page) -> None:
    page.route(f"{CDN}/window.en.js", lambda route: route.abort(), times=1)
    page.goto(shop.page(BODY))
    settled(page)
    assert not page.get_by_role("button", name="Reject all").is_visible()

    page.get_by_text("Cookie settings").click()

    expect(page.get_by_role("dialog")).to_be_visible()
    assert {seen.url for seen in shop.third_parties()} <= SPECULATIVE
