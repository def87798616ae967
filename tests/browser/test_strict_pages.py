"""Pages with a security policy of their own, and pages where something is missing: what cannot be told is held."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import API, CDN, SCRIPT, SHOP, Storefront, bundle, cookies_of, document_of, ran, settled

NONCE = "cmFuZG9tbmVzcw"
TRACKER = "https://static.hotjar.com"
STRICT = (
    f"default-src 'none'; script-src 'self' 'nonce-{NONCE}' {TRACKER}; style-src 'self'; "
    f"connect-src 'self' {API.removesuffix('/v1')}; img-src 'self' data:; require-trusted-types-for 'script'"
)


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the page complained about: uncaught errors, and violations of its security policy."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    return found


def strict_page(shop: Storefront, body: str = "", *, policy: str = STRICT, path: str = "/strict") -> str:
    """The gate by a tag with the page's nonce, everything else as the policy demands."""
    url = SHOP + path
    gate = f'<script nonce="{NONCE}" src="{CDN}/gate.js"></script>'
    shop.internet.put(url, document_of(gate, body, "en"), headers={"Content-Security-Policy": policy})
    return url


def test_under_a_strict_policy_with_trusted_types_everything_works_and_nothing_is_violated(
    shop: Storefront, page: Page, complaints: list[str]
) -> None:
    body = f'<script nonce="{NONCE}" src="{TRACKER}/x.js"></script><script nonce="{NONCE}">window.own = true</script>'
    page.goto(strict_page(shop, body))
    page.get_by_role("button", name="Customise").click()
    assert ran(page) == []
    assert page.evaluate("window.own")

    page.get_by_role("switch", name="Performance").check()
    page.get_by_role("button", name="Save my choice").click()
    page.wait_for_function("window.__ran")
    shop.internet.register.wait_for(1)

    assert ran(page) == ["static.hotjar.com/x.js"]
    assert len(shop.internet.register.acts) == 1
    assert [line for line in complaints if "vc.hotjar.io" not in line] == []


def test_a_marked_inline_script_keeps_its_nonce(shop: Storefront, page: Page) -> None:
    body = f'<script type="text/plain" data-consentinel="performance" nonce="{NONCE}">window.granted = true</script>'
    page.goto(strict_page(shop, body))

    page.get_by_role("button", name="Accept all").click()

    page.wait_for_function("window.granted")


def test_a_marked_script_with_its_address_aside_runs_under_trusted_types(shop: Storefront, page: Page) -> None:
    body = f'<script type="text/plain" data-consentinel="performance" nonce="{NONCE}" data-src="{TRACKER}/x.js"></script>'
    page.goto(strict_page(shop, body))

    page.get_by_role("button", name="Accept all").click()

    page.wait_for_function("window.__ran")


def test_markup_that_a_page_trusts_is_still_held(shop: Storefront, page: Page, complaints: list[str]) -> None:
    code = f"""
      const policy = trustedTypes.createPolicy('shop', {{ createHTML: (html) => html, createScriptURL: (url) => url }});
      document.querySelector('p').innerHTML = policy.createHTML('<img alt="" src="{TRACKER}/a.gif">');
      const script = document.createElement('script');
      script.src = policy.createScriptURL('{TRACKER}/b.js');
      document.head.append(script);
    """
    policy = STRICT.replace("img-src 'self'", f"img-src 'self' {TRACKER}")
    page.goto(strict_page(shop, f'<p></p><script nonce="{NONCE}">{code}</script>', policy=policy))
    page.get_by_role("button", name="Accept all").wait_for()
    settled(page)
    before = shop.third_parties()

    page.get_by_role("button", name="Accept all").click()
    page.wait_for_function("window.__ran")
    shop.internet.wait_until(lambda seen: len(seen) > 1, seconds=3)

    assert before == []
    assert {seen.path for seen in shop.third_parties()} >= {"/a.gif", "/b.js"}
    assert [line for line in complaints if "vc.hotjar.io" not in line] == []


def test_a_text_that_the_page_may_not_use_as_an_address_does_not_become_one_by_being_held(shop: Storefront, page: Page) -> None:
    code = f"const s = document.createElement('script'); document.head.append(s); try {{ s.src = '{TRACKER}/x.js' }} catch {{}}"
    page.goto(strict_page(shop, f'<script nonce="{NONCE}">{code}</script>'))

    page.get_by_role("button", name="Accept all").click()
    settled(page)

    assert shop.third_parties() == []


def test_a_page_that_names_its_policies_and_not_ours_holds_everything(shop: Storefront, page: Page) -> None:
    body = f'<script nonce="{NONCE}" src="{TRACKER}/x.js"></script>'
    page.goto(strict_page(shop, body, policy=STRICT + "; trusted-types shop"))
    settled(page)

    assert ran(page) == []
    assert not page.get_by_role("button", name="Accept all").is_visible()


BROKEN = {
    "an unfilled hole": '"__CONSENTINEL__"',
    "nothing": "null",
    "half a config": '{"site":"pk_abcdefghijkl_main","regime":{"model":"opt-out"},"unknown":"report"}',
    "an address that is none": (
        '{"base":"https://[","api":"https://a","regime":{"model":"opt-out"},'
        '"hosts":{"necessary":[]},"cookies":[],"languages":["en"],"signals":[],"unknown":"report"}'
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_without_a_config_everything_is_held_and_the_shop_works(
    shop: Storefront, page: Page, complaints: list[str], what: str
) -> None:
    gate = bundle().gate.replace('"__CONSENTINEL__"', BROKEN[what])
    shop.internet.put(f"{CDN}/gate.js", gate, SCRIPT)
    shop.script("/own.js", "window.own = true")
    scripts = f'<script src="{TRACKER}/x.js"></script><script src="/own.js"></script>'
    page.goto(shop.page(scripts + '<a data-consentinel-open href="#">Open</a>'))
    page.get_by_text("Open").click()
    settled(page)

    assert ran(page) == []
    assert page.evaluate("own")
    assert page.evaluate("[consentinel.decision(), consentinel.allows('performance')]") == [None, False]
    assert cookies_of(page.context) == {}
    assert complaints == []


def test_in_a_sandboxed_frame_without_cookies_nothing_runs_and_the_answer_counts_for_the_page(
    shop: Storefront, page: Page
) -> None:
    inner = shop.page(f'<script src="{TRACKER}/x.js"></script>', path="/inner")
    page.goto(shop.plain_page(f'<iframe sandbox="allow-scripts" src="{inner}" title="Shop" width="900" height="500"></iframe>'))
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="Accept all").wait_for()
    inside = page.frames[1]
    assert inside.evaluate("window.__ran || []") == []

    frame.get_by_role("button", name="Accept all").click()

    inside.wait_for_function("window.__ran")
    assert cookies_of(page.context).keys() <= {"third_party"}


def test_a_tag_that_stands_twice_asks_once(shop: Storefront, page: Page, complaints: list[str]) -> None:
    page.goto(shop.page(head=f'<script src="{CDN}/gate.js"></script>'))
    expect(page.get_by_role("button", name="Accept all")).to_have_count(1)

    assert complaints == []


def test_a_late_tag_is_not_put_off_by_an_element_of_its_name(shop: Storefront, page: Page) -> None:
    late = f'<div id="consentinel"></div><script src="{CDN}/gate.js"></script><script src="{TRACKER}/x.js"></script>'
    page.goto(shop.plain_page(late))
    settled(page)

    assert ran(page) == []


def test_without_scripts_there_is_no_banner_and_no_request(shop: Storefront, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(shop.page("<h1>Lamp</h1>"))
        assert page.locator("#consentinel").count() == 0
    finally:
        context.close()


@pytest.mark.parametrize(("how", "warned"), [("", 0), ("async", 1), ("defer", 1)])
def test_a_tag_that_comes_too_late_to_hold_anything_says_so_once(shop: Storefront, page: Page, how: str, warned: int) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))

    page.goto(shop.plain_page(head=f'<script {how} src="{CDN}/gate.js"></script>'))
    settled(page)

    assert [text for text in said if "async" in text] == said
    assert len(said) == warned
