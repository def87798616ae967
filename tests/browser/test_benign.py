"""What a shop does for itself goes on as if the gate were not there, before a decision and after a refusal."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.support.browser import SCRIPT, SHOP, Storefront, cookies_of, settled

ROW = "<tr><td><a href=/1>1</a></td><td><img src=data:,1 alt=''></td><td>text</td></tr>"
DEEDS = Path(__file__).with_name("pages").joinpath("benign.js").read_text("utf-8")
BODY = """
<button id="handler" onclick="window.handled = (window.handled || 0) + 1">Add</button>
<script>window.order = ['first']</script><script src="/second.js"></script><script>window.order.push('third')</script>
<script type="module">import value from '/module.js'; window.module = value</script>
<script type="application/ld+json" id="data">{"a": 1}</script>
<script type="text/template" id="foreign" src="https://elsewhere.example/t.html"></script>
<div id="here"></div><script src="/benign.js"></script>
"""
RUN = """async (name) => {
  const here = document.querySelector('#here').appendChild(document.createElement('div'));
  const deadline = new Promise((done) => setTimeout(() => done('nothing happened'), 3000));
  return Promise.race([deeds[name](here), deadline]);
}"""


@pytest.fixture
def own_files(shop: Storefront) -> None:
    for path, content in {
        "/benign.js": DEEDS,
        "/own.js": "window.own = (window.own || 0) + 1",
        "/second.js": "window.order.push('second')",
        "/module.js": "export default 42",
        "/worker.js": "postMessage(6)",
        "/sw.js": "",
    }.items():
        shop.script(path, content)
    for name, content in {"own.js": "", "module.js": "export default 43"}.items():
        shop.internet.put(f"https://static.shop.test/{name}", content, SCRIPT, {"Access-Control-Allow-Origin": SHOP})
    shop.internet.put(f"{SHOP}/data.json", '{"a": 1}', "application/json")
    shop.internet.put(f"{SHOP}/own.css", "body { --own: 1 }", "text/css")
    shop.internet.put(f"{SHOP}/page", "<!doctype html><title>Inner</title><script>window.inner = 'own '</script>")


def deeds_in(page: Page) -> dict[str, Any]:
    page.wait_for_function("window.module")
    return {name: page.evaluate(RUN, name) for name in page.evaluate("Object.keys(deeds)")}


@pytest.mark.usefixtures("own_files")
@pytest.mark.parametrize("answer", ["none", "Reject all"])
def test_the_shops_own_doings_are_the_same_with_the_gate_as_without(shop: Storefront, page: Page, answer: str) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(shop.plain_page(BODY, path="/plain"))
    without = deeds_in(page)
    page.context.clear_cookies()
    page.evaluate("localStorage.clear()")

    page.goto(shop.page(BODY))
    if answer != "none":
        page.get_by_role("button", name=answer).click()
    with_gate = deeds_in(page)

    assert "nothing happened" not in without.values()
    assert {name: value for name, value in with_gate.items() if value != without[name]} == {}
    assert errors == []


def test_a_cookie_that_nobody_declared_passes_and_the_page_is_told(shop: Storefront, page: Page) -> None:
    head = (
        "<script>let told = []; document.addEventListener('consentinel:unknown', (event) => told.push(event.detail))</script>"
    )
    page.goto(shop.page("<script>document.cookie = 'basket=1'; document.cookie = 'session=1'</script>", head=head))
    settled(page)

    assert cookies_of(page.context) == {"basket": "1", "session": "1"}
    assert page.evaluate("told") == [{"what": "basket", "held": False}]


def test_a_declared_cookie_of_a_category_that_was_not_given_is_not_written(shop: Storefront, page: Page) -> None:
    page.goto(shop.page("<script>document.cookie = '_ga=1; Path=/'; localStorage.setItem('tt_sessionId', 1)</script>"))
    page.evaluate("cookieStore.set('_fbp', '1')")

    assert cookies_of(page.context) == {}
    assert page.evaluate("localStorage.length") == 0


def test_a_large_page_costs_little(shop: Storefront, page: Page) -> None:
    body = f"<table>{ROW * 3000}</table>"
    code = """() => {
      const started = performance.now();
      for (let round = 0; round < 5; round++) {
        const table = document.createElement('table');
        for (let i = 0; i < 2000; i++) {
          const row = table.appendChild(document.createElement('tr'));
          for (let j = 0; j < 3; j++) row.appendChild(document.createElement('td')).append('text', document.createElement('b'));
        }
        document.body.append(table);
        table.remove();
      }
      return performance.now() - started;
    }"""
    times = {}
    for name, url in {"plain": shop.plain_page(body, path="/plain"), "gate": shop.page(body)}.items():
        page.goto(url)
        settled(page)
        times[name] = min(page.evaluate(code) for _ in range(3))

    assert times["gate"] < times["plain"] * 5 + 50
