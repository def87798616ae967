"""The demo shop of the local stack in a real browser: what a newcomer sees who has typed one command."""

import json
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect

from tests.browser.vendors import PERFORMANCE
from tests.support.browser import ROOT, Internet, cookies_of, ran, settled
from tests.support.local_stack import Running, started

SPECULATIVE = {
    "https://www.googletagmanager.com/gtag/js?id=G-DEM0SH0P00",
    "https://www.youtube.com/embed/00000000000",
}
STORED = "[localStorage, sessionStorage].flatMap(Object.keys).filter((key) => !key.startsWith('consentinel'))"
SWITCHES = ("Performance", "Functional", "Targeting")
# C2SP signed-note: what a verifier key begins with.
ED25519, P_256 = 1, 2
MERGE_DELAY_MS = 60_000
VENDORS_OF_PERFORMANCE = ("googletagmanager.com", "google-analytics.com", "hotjar.com", "hotjar.io")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with started(tmp_path_factory.mktemp("demo")) as running:
        yield running


@contextmanager
def visiting(browser: Browser, stack: Running) -> Iterator[Page]:
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
def visitor(browser: Browser, stack: Running) -> Iterator[Page]:
    with visiting(browser, stack) as page:
        yield page


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


def receipts_of(visitor: Page, stack: Running) -> Page:
    """Refuse, and open the page of the receipts from the panel."""
    recorded(visitor, stack, "Отказвам всички")
    visitor.get_by_role("link", name="Настройки на бисквитките").click()
    with visitor.context.expect_page() as opened:
        visitor.get_by_role("button", name="Вашите разписки за съгласие").click()
    return opened.value


def downloaded(page: Page) -> bytes:
    """The receipt, as soon as it is complete; the register promises that within the merge delay."""
    expect(page.locator(".proof.complete")).to_be_visible(timeout=MERGE_DELAY_MS)
    with page.expect_download() as download:
        page.get_by_role("button", name="Изтеглете").click()
    return download.value.path().read_bytes()


def told_by_python(file: Path) -> int:
    command = [sys.executable, "functions/cli/verify.py", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    sys.stdout.write(done.stdout)
    return done.returncode


def told_by_the_page(page: Page, content: bytes) -> str:
    page.locator("#checking").evaluate("(details) => { details.open = true }")
    page.locator("#verdict").evaluate("(place) => place.replaceChildren()")
    page.locator("#file").set_input_files({"name": "kept.json", "mimeType": "application/json", "buffer": content})
    return page.locator("#verdict h2").inner_text()


def twins(content: bytes) -> Iterator[bytes]:
    """With one byte changed: of what was decided, of the promise, of the proof, of the salt."""
    receipt = json.loads(content)
    # In the leaf, which is JSON in JSON; in the rendering beside it the same word proves nothing.
    leafs = content.index(b'\\"refused') + 2
    parts = (receipt["note"][-12:-1], receipt["proof"][-12:-1], receipt["opening"]["salt"])
    for place in (leafs, *(content.index(part.encode()) for part in parts)):
        yield content[:place] + (b"A" if content[place : place + 1] != b"A" else b"B") + content[place + 1 :]


def the_receipt_is_verified_and_its_twins_are_refused(page: Page, folder: Path, kind: int) -> None:
    content, file = downloaded(page), folder / "kept.receipt.json"
    file.write_bytes(content)
    page.get_by_role("button", name="Проверете я тук").click()

    assert b64decode(json.loads(content)["keys"]["log"].split("+", 2)[2])[0] == kind
    expect(page.locator(".result h2")).to_have_text("Потвърдено")
    assert told_by_the_page(page, content) == "Потвърдено"
    assert told_by_python(file) == 0
    for twin in twins(content):
        file.write_bytes(twin)
        assert told_by_python(file) == 1
        assert told_by_the_page(page, twin) == "Не е потвърдено"


def test_a_receipt_taken_at_the_shop_is_verified_by_both_verifiers_and_refused_after_one_byte_was_changed(
    visitor: Page, stack: Running, tmp_path: Path
) -> None:
    page = receipts_of(visitor, stack)

    the_receipt_is_verified_and_its_twins_are_refused(page, tmp_path, P_256)


@pytest.mark.prove
@pytest.mark.usefixtures("internet")
def test_so_it_is_where_the_log_signs_with_ed25519(browser: Browser, tmp_path: Path) -> None:
    with started(tmp_path / "state", "--engine", "ministack") as stack, visiting(browser, stack) as visitor:
        page = receipts_of(visitor, stack)

        the_receipt_is_verified_and_its_twins_are_refused(page, tmp_path, ED25519)
