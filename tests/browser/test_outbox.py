"""The act on its way to the register: it is posted once, and neither a reload nor a dead network loses it."""

from playwright.sync_api import BrowserContext, Page

from tests.support.browser import CDN, Storefront, bundle, settled

EMPTY = "localStorage['consentinel.outbox'] === '[]'"
WAITING = "JSON.parse(localStorage['consentinel.outbox'] || '[]').length"


def test_an_act_is_posted_once_and_says_what_was_shown(shop: Storefront, page: Page) -> None:
    page.goto(shop.page(language="bg"))
    page.get_by_role("button", name="Отказвам всички").click()
    page.wait_for_function(EMPTY)
    page.reload()
    settled(page)

    (submission,) = shop.internet.register.submissions
    (act,) = submission["acts"]
    assert submission.keys() == {"acts", "secret"}
    assert (act["act"], act["section"]) == ("refused", "banner")
    assert act["categories"] == {"necessary": True, "performance": False, "functional": False, "targeting": False}
    assert act["shown"] == {
        "config": 1,
        "build": bundle().build,
        "language": "bg",
        "gpc": False,
        "layer": "banner",
        "gesture": "button",
    }


def test_the_next_act_of_the_browser_carries_its_subject_token(shop: Storefront, page: Page) -> None:
    page.goto(shop.page('<a data-consentinel-open href="#">Cookie settings</a>'))
    page.get_by_role("button", name="Accept all").click()
    page.wait_for_function(EMPTY)

    page.get_by_role("link", name="Cookie settings").click()
    page.get_by_role("button", name="Reject all").click()
    shop.internet.register.wait_for(2)
    page.wait_for_function(EMPTY)

    assert [one.get("subject_token") for one in shop.internet.register.submissions] == [None, "st1.played"]
    assert [act["act"] for act in shop.internet.register.acts] == ["given", "withdrawn"]


def test_an_act_made_without_a_network_is_posted_when_the_network_is_back(
    shop: Storefront, context: BrowserContext, page: Page
) -> None:
    page.goto(shop.page())
    page.get_by_role("button", name="Reject all").wait_for()
    page.evaluate("window.setTimeout = () => 0")  # so that it is the network's return that does it
    context.set_offline(True)
    page.get_by_role("button", name="Reject all").click()
    page.wait_for_function(f"{WAITING} === 1")
    assert shop.internet.register.submissions == []

    context.set_offline(False)
    page.wait_for_function(EMPTY)

    assert [act["act"] for act in shop.internet.register.acts] == ["refused"]


def test_an_act_that_the_register_did_not_take_is_posted_by_the_next_page_under_the_same_id(
    shop: Storefront, page: Page
) -> None:
    shop.internet.register.statuses = [503]
    page.goto(shop.page())
    page.get_by_role("button", name="Accept all").click()
    shop.internet.register.wait_for(1)
    assert page.evaluate(WAITING) == 1

    page.reload()
    page.wait_for_function(EMPTY)

    first, second = shop.internet.register.submissions
    assert first["acts"] == second["acts"]
    assert len(shop.internet.register.acts) == 1
    assert not page.get_by_role("button", name="Reject all").is_visible()


def test_an_act_that_the_register_refuses_for_good_is_not_posted_again(shop: Storefront, page: Page) -> None:
    shop.internet.register.statuses = [400]
    page.goto(shop.page())
    page.get_by_role("button", name="Accept all").click()
    page.wait_for_function(EMPTY)
    page.reload()
    settled(page)

    assert len(shop.internet.register.submissions) == 1


def test_the_page_does_not_wait_for_the_register(shop: Storefront, page: Page) -> None:
    page.goto(shop.page('<script src="https://static.hotjar.com/x.js"></script>'))
    page.route(f"{CDN.replace('cdn', 'api')}/**", lambda _: None)

    page.get_by_role("button", name="Accept all").click()

    page.wait_for_function("window.__ran")
    assert page.evaluate(WAITING) == 1


def test_where_storage_is_refused_the_act_is_posted_all_the_same(shop: Storefront, page: Page) -> None:
    refused = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('', 'SecurityError') } })"
    page.goto(shop.page(head=f"<script>{refused}</script>"))
    page.get_by_role("button", name="Reject all").click()

    shop.internet.register.wait_for(1)
    assert [act["act"] for act in shop.internet.register.acts] == ["refused"]
