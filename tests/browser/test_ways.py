"""The ways by which a page's own scripts reach a third party: each is held, and each goes on when it is granted."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.support.browser import Storefront, ran, settled

WAYS = Path(__file__).with_name("pages").joinpath("ways.js").read_text("utf-8")
JS = "https://static.hotjar.com/x.js"
GIF = "https://static.hotjar.com/x.gif"
HOST = "https://static.hotjar.com"

THROWING = {
    "WebSocket": "new WebSocket('wss://static.hotjar.com/x')",
    "Worker": f"new Worker('{JS}')",
}

# Whether the host was seen by observers before it had its root.
WATCH_HOSTS = """<script>
  let alone = false;
  new MutationObserver((records) => records.forEach(({ addedNodes }) => addedNodes.forEach((node) => {
    if (node.localName === 'div') alone = !node.shadowRoot;
  }))).observe(document, { childList: true, subtree: true });
</script>"""

# Each goes while the page is being read, on an element and with addresses of its own; `again` goes all of them once more.
PAGE = """<div id="here"></div><script src="/ways.js"></script><script>
  const again = () => Object.values(ways.GROUP).forEach((go, number) => {
    const here = document.createElement('div');
    here.innerHTML = '<i></i>';
    document.querySelector('#here').append(here);
    const [script, image, page] = ['js', 'gif', 'html'].map((kind) => `HOST/${number}.${kind}`);
    go(here, { script, image, page });
  });
  again();
</script>""".replace("HOST", HOST)


def visited(shop: Storefront, page: Page, group: str) -> list[str]:
    """Go to a page that tries every way of a group; their names."""
    shop.script("/ways.js", WAYS)
    page.goto(shop.page(PAGE.replace("GROUP", group)))
    page.get_by_role("button", name="Customise").wait_for()
    settled(page)
    names: list[str] = page.evaluate(f"Object.keys(ways.{group})")
    return names


def came_through(shop: Storefront, names: list[str]) -> list[str]:
    """The ways by which somebody was reached."""
    numbers = {int(seen.path[1:].partition(".")[0]) for seen in shop.third_parties() if seen.path[1:2].isdigit()}
    return [names[number] for number in sorted(numbers)]


def accept_performance(page: Page) -> None:
    page.get_by_role("button", name="Customise").click()
    page.get_by_role("switch", name="Performance").check()
    page.get_by_role("button", name="Save my choice").click()


def wanted(shop: Storefront) -> list[str]:
    return [seen.url for seen in shop.third_parties() if "/x" in seen.path]


def test_elements_wait_and_load_when_they_are_granted(shop: Storefront, page: Page) -> None:
    names = visited(shop, page, "elements")
    before = came_through(shop, names)

    accept_performance(page)

    shop.internet.wait_until(lambda _: came_through(shop, names) == names, seconds=3)
    assert before == []
    assert came_through(shop, names) == names


def test_calls_reach_nobody_until_they_are_granted(shop: Storefront, page: Page) -> None:
    names = visited(shop, page, "calls")
    before = came_through(shop, names)

    accept_performance(page)
    page.evaluate("again()")

    shop.internet.wait_until(lambda _: came_through(shop, names) == names, seconds=3)
    assert before == []
    assert came_through(shop, names) == names


@pytest.mark.parametrize("way", THROWING)
def test_what_has_no_answer_to_fail_with_throws(shop: Storefront, page: Page, way: str) -> None:
    page.goto(shop.page())

    thrown = page.evaluate(f"(() => {{ try {{ {THROWING[way]} }} catch (error) {{ return error.name }} }})()")
    settled(page)

    assert thrown in {"SyntaxError", "SecurityError"}
    assert wanted(shop) == []


@pytest.mark.parametrize(
    "markup",
    [
        f'<script src="{JS}"></script>',
        f'<script type="module" src="{JS}"></script>',
        f'<script defer src="{JS}"></script>',
        f'<svg><script href="{JS}"></script></svg>',
    ],
)
def test_no_script_of_the_markup_runs_whatever_its_tag(shop: Storefront, page: Page, markup: str) -> None:
    page.goto(shop.page(markup))
    page.get_by_role("button", name="Reject all").click()
    settled(page)

    assert ran(page) == []


def test_a_script_in_a_declarative_shadow_root_waits_unless_the_parser_paused_between_host_and_root(
    shop: Storefront, page: Page
) -> None:
    markup = f'<div><template shadowrootmode="open"><script src="{JS}"></script></template></div>'
    page.goto(shop.page(markup, head=WATCH_HOSTS))
    page.get_by_role("button", name="Reject all").click()
    settled(page)

    # Where it paused, nothing tells the page of the root: docs/reference/storefront.md, what the gate does not reach.
    assert ran(page) == [] or page.evaluate("alone")


def test_a_script_shows_the_address_that_it_was_given(shop: Storefront, page: Page) -> None:
    page.goto(shop.page())

    code = "(url) => { const s = document.createElement('script'); s.src = url; document.head.append(s); return s.src }"
    shown = page.evaluate(code, JS)

    assert shown == JS


def test_an_element_that_is_given_another_address_meanwhile_loads_that_one(shop: Storefront, page: Page) -> None:
    page.goto(shop.page(f"<script>window.image = new Image(); image.src = '{GIF}'; image.src = '{GIF}?second'</script>"))

    accept_performance(page)
    shop.internet.wait_until(lambda seen: any("/x" in one.path for one in seen), seconds=3)

    assert wanted(shop) == [f"{GIF}?second"]


def test_a_frame_that_is_moved_while_it_waits_loads_what_it_was_given(shop: Storefront, page: Page) -> None:
    page.goto(shop.page('<div><iframe src="https://static.hotjar.com/x.html" title="Map"></iframe></div>'))
    page.evaluate("document.body.append(document.querySelector('div'))")

    accept_performance(page)

    page.frame_locator("iframe").locator("p").wait_for()


def test_a_marked_module_that_is_moved_while_it_waits_is_a_module_still(shop: Storefront, page: Page) -> None:
    page.goto(shop.page(f'<div><script type="module" data-consentinel="performance" src="{JS}"></script></div>'))
    page.evaluate("document.body.append(document.querySelector('div'))")

    accept_performance(page)

    page.wait_for_function("window.__ran")
    assert page.evaluate("document.querySelector('div script').type") == "module"


def test_a_marked_script_that_is_moved_while_it_waits_for_its_turn_runs_once(shop: Storefront, page: Page) -> None:
    slow = f'<script src="{JS}"></script>'
    marked = (
        '<script type="text/plain" data-consentinel="performance" id="marked">window.times = (window.times || 0) + 1</script>'
    )
    page.goto(shop.page(slow + marked))
    page.get_by_role("button", name="Customise").wait_for()
    page.route(JS, lambda route: (page.evaluate("document.body.append(marked)"), route.continue_()))

    accept_performance(page)

    page.wait_for_function("window.times")
    assert page.evaluate("times") == 1


def test_what_is_taken_back_before_its_turn_does_not_start(shop: Storefront, page: Page) -> None:
    link = '<a data-consentinel-open href="#">Settings</a>'
    page.goto(shop.page(f'{link}<script src="{JS}"></script><script src="{JS}?second"></script>'))
    page.get_by_role("button", name="Customise").wait_for()
    page.route(JS, lambda _: None)
    shop.internet.clear()
    with page.expect_request(JS):
        accept_performance(page)
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("button", name="Reject all").click()

    page.evaluate("document.querySelector('script[src]:not([src*=cdn])').dispatchEvent(new Event('load'))")
    settled(page)

    assert wanted(shop) == []


def test_a_frame_that_has_gone_elsewhere_is_guarded_there_too(shop: Storefront, page: Page) -> None:
    shop.plain_page(path="/inner")
    page.goto(shop.page('<iframe title="Inner"></iframe>'))
    for address in ("/inner?1", "/inner?2"):
        page.evaluate(
            """(url) => new Promise((done) => {
              const frame = document.querySelector('iframe');
              frame.onload = done;
              frame.src = url;
              frame.contentWindow;
            })""",
            address,
        )

    page.evaluate("(url) => document.querySelector('iframe').contentWindow.fetch(url).catch(() => {})", GIF)
    settled(page)

    assert wanted(shop) == []
