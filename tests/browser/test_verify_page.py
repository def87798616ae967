"""The verifier as a page of one file: opened from disk as out of a dispute pack, in a real Chromium."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.functions.cli.test_verify import TWINS
from tests.functions.cli.test_verify_packs import LAUNDERING, with_junk_after_a_stream
from tests.support.browser import ROOT, bundle
from tests.support.receipts import (
    BANNER,
    KINDS,
    OPENING,
    RECORD,
    Authority,
    Shop,
    as_file,
    commitment,
    leaf_of,
    manifest_of,
    pack_of,
    zipped,
)
from tests.support.verifiers import Case, verdict_of

AXE = (ROOT / "node_modules/axe-core/axe.min.js").read_text("utf-8")
VERDICTS = {0: "Verified", 1: "Not verified", 2: "Cannot be checked"}


@pytest.fixture(scope="session")
def verifier() -> Path:
    bundle()
    return ROOT / "banner/dist/verify.html"


@pytest.fixture
def page(browser: Browser, verifier: Path) -> Iterator[Page]:
    """Whatever the page asks of any network fails the test."""
    context = browser.new_context(viewport={"width": 1100, "height": 900}, locale="en-GB", timezone_id="Europe/Sofia")
    context.set_default_timeout(5000)
    page = context.new_page()
    asked: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text))
    page.goto(verifier.as_uri())
    yield page
    assert set(asked) == {verifier.as_uri()}
    assert errors == []
    context.close()


def give(page: Page, content: bytes, name: str = "receipt.json") -> None:
    page.locator("#file").set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": content})
    expect(page.locator("#verdict h2")).to_be_visible()


def verdict_on(page: Page) -> str:
    return page.locator("#verdict h2").inner_text()


@pytest.mark.parametrize("kind", KINDS)
def test_a_valid_receipt_is_verified_and_told_in_words(page: Page, kind: str) -> None:
    give(page, as_file(Shop(kind).receipt()))

    assert verdict_on(page) == "Verified"
    told = page.locator("#details").inner_text()
    assert "The log holds the record, as number 6 of 12" in told
    assert "Consent given (newsletter)" in told
    assert "maria@example.com" in told
    assert "1 March 2026 at 14:00:00" in told
    assert "Nothing shows that this is the only log of its name" in told


@pytest.mark.parametrize("kind", KINDS)
def test_what_python_refuses_is_refused_here(page: Page, kind: str) -> None:
    cases = [as_file(tampered(Shop(kind).receipt())) for tampered in TWINS]
    cases += [b"", b"{}", b"PK", b"\xff"]

    for content in cases:
        page.reload()
        give(page, content)

        assert verdict_on(page) == VERDICTS[verdict_of(Case(content)).exit_code] != "Verified"


def test_one_changed_byte_is_refused_and_the_page_says_what_does_not_hold(page: Page) -> None:
    content = as_file(Shop().receipt()).replace(b"given", b"giveN")

    give(page, content)

    assert verdict_on(page) == "Not verified"
    assert "The record is not the one whose hash the receipt states." in page.locator(".fails").inner_text()
    assert "It is not proven" in page.locator(".claimed").inner_text()


def test_a_pack_is_read_and_its_text_shown(page: Page) -> None:
    shops = (Shop(), Shop("P-256", leaf=leaf_of(BANNER | {"id": RECORD[:-1] + "c"})))
    files = pack_of(shop.receipt() for shop in shops)

    give(page, zipped(files), "pack.zip")

    assert verdict_on(page) == "Verified"
    assert page.locator(".record").count() == 2
    page.get_by_text("The text, as published").click()
    assert "Съгласна съм да получавам новини." in page.locator(".record").first.inner_text()

    give(page, zipped({**files, "report.pdf": b"another"}, manifest=manifest_of(files)), "pack.zip")

    expect(page.locator("#verdict h2")).to_have_text("Not verified")

    give(page, zipped(files)[:-40], "cut.zip")

    expect(page.locator("#verdict h2")).to_have_text("Cannot be checked")


def test_a_time_stamp_is_compared_and_said_not_to_be_proven(page: Page, tmp_path: Path) -> None:
    shop = Shop()

    give(page, as_file(shop.receipt(anchors=[shop.anchor(Authority.opened(tmp_path, algorithm="EC"), 8)])))

    assert verdict_on(page) == "Verified"
    assert "did not check the authority’s signature; verify.py does" in page.locator(".open").inner_text()


def test_what_somebody_has_from_elsewhere_is_compared(page: Page) -> None:
    shop, forked = Shop(), Shop(what="a record of the rewritten log")
    give(page, as_file(shop.receipt()))
    page.locator("#own summary").click()
    page.get_by_label("Verifier keys").fill(f"{shop.log.key.vkey}\n{shop.receipts.vkey}\n")
    page.get_by_label("An earlier checkpoint").fill(shop.log.checkpoint(8))
    page.get_by_label("Proof of consistency").fill("\n".join(shop.log.consistency(8)))
    page.get_by_role("button", name="Check again").click()

    expect(page.locator(".holds")).to_contain_text("The log is the one whose checkpoint of 8 records you brought")
    assert verdict_on(page) == "Verified"

    give(page, as_file(forked.receipt()))

    expect(page.locator("#verdict h2")).to_have_text("Not verified")
    assert "does not join" in page.locator(".fails").inner_text()


def test_a_receipt_can_be_pasted_and_dropped(page: Page) -> None:
    content = as_file(Shop().receipt())
    page.locator("#pasting summary").click()
    page.get_by_label("The text of the receipt").fill(content.decode())
    page.get_by_role("button", name="Check this text").click()

    expect(page.locator("#verdict h2")).to_have_text("Verified")

    page.reload()
    page.evaluate(
        """(text) => {
          const data = new DataTransfer();
          data.items.add(new File([text], 'dropped.json'));
          document.querySelector('#drop').dispatchEvent(new DragEvent('drop', { bubbles: true, dataTransfer: data }));
        }""",
        content.decode(),
    )

    expect(page.locator("#verdict")).to_contain_text("dropped.json")
    assert verdict_on(page) == "Verified"


def test_the_page_speaks_bulgarian_and_keeps_the_verdict(page: Page) -> None:
    give(page, as_file(Shop().receipt()))
    page.get_by_role("button", name="Български").click()

    assert verdict_on(page) == "Потвърдено"
    assert page.locator("html").get_attribute("lang") == "bg"
    assert "Дадено съгласие (бюлетин)" in page.locator("#details").inner_text()


HOSTILE = {
    "an act that is an object": Shop(leaf=leaf_of({"act": {}})).receipt(),
    "a section that is a list": Shop(leaf=leaf_of({"sec": [{}]})).receipt(),
    "a text whose hash is an object": Shop(leaf=leaf_of({"pol": {"sha256": {}}})).receipt(),
}


@pytest.mark.parametrize("what", HOSTILE)
@pytest.mark.parametrize("packed", [False, True])
def test_a_record_that_cannot_be_told_is_never_verified_nor_leaves_an_earlier_verdict(
    page: Page, what: str, packed: bool
) -> None:
    give(page, as_file(Shop().receipt()), "good.json")
    assert verdict_on(page) == "Verified"

    give(page, zipped(pack_of([HOSTILE[what]])) if packed else as_file(HOSTILE[what]), "evil")

    expect(page.locator("#verdict")).to_contain_text("evil")
    assert verdict_on(page) == "Cannot be checked"
    assert page.locator("#details").inner_text() == ""


def test_personal_data_speaks_no_words_of_the_page(page: Page) -> None:
    personal = {"constructor": "a", "receipt_key.holds": "b", "__proto__": "c"}
    shop = Shop(leaf=leaf_of({"pii": commitment(personal)}))

    give(page, as_file(shop.receipt(opening={**OPENING, "personal": personal})))

    assert verdict_on(page) == "Verified"
    told = page.locator("#details").inner_text()
    assert "receipt_key.holds: b" in told
    assert "The receipt key is the one you brought" not in told
    assert "The receipt key came with the document" in told


def test_an_earlier_verdict_is_gone_while_the_next_file_is_read_and_in_either_language(page: Page) -> None:
    good = as_file(Shop().receipt())
    give(page, good, "good.json")
    page.evaluate("() => { File.prototype.arrayBuffer = () => new Promise((done) => { globalThis.finish = done; }); }")

    page.locator("#file").set_input_files({"name": "next.json", "mimeType": "application/json", "buffer": b"{}"})
    expect(page.locator("#verdict")).to_have_text("Checking …")
    page.get_by_role("button", name="Български").click()

    assert page.locator("#verdict").inner_text() == "Проверява се …"
    assert page.locator("#details").inner_text() == ""
    page.evaluate("finish(new TextEncoder().encode('{}').buffer)")
    expect(page.locator("#verdict h2")).to_have_text("Не може да се провери")
    assert "next.json" in page.locator("#verdict").inner_text()


def test_an_older_check_that_ends_later_says_nothing(page: Page) -> None:
    page.evaluate(
        """() => {
          const read = File.prototype.arrayBuffer;
          const held = [];
          globalThis.release = () => held.forEach((done) => done());
          File.prototype.arrayBuffer = async function () {
            if (this.name === 'slow.json') await new Promise((done) => held.push(done));
            return read.call(this);
          };
        }"""
    )
    page.locator("#file").set_input_files(
        {"name": "slow.json", "mimeType": "application/json", "buffer": as_file(Shop().receipt())}
    )
    give(page, b"{}", "quick.json")

    page.evaluate("release()")
    page.evaluate("new Promise((done) => setTimeout(done, 300))")

    assert verdict_on(page) == "Cannot be checked"
    page.locator("#own summary").click()
    page.get_by_role("button", name="Check again").click()
    expect(page.locator("#verdict")).to_contain_text("quick.json")
    assert verdict_on(page) == "Cannot be checked"


def test_while_no_key_was_brought_the_verdict_says_that_keys_were_not_compared(page: Page) -> None:
    shop = Shop()
    give(page, as_file(shop.receipt()))

    assert "consistent; keys not compared" in page.locator("#verdict").inner_text()
    assert "The key in this file that calls itself" in page.locator(".holds").inner_text()

    page.locator("#own summary").click()
    page.get_by_label("Verifier keys").fill(f"{shop.log.key.vkey}\n{shop.receipts.vkey}\n")
    page.get_by_role("button", name="Check again").click()

    expect(page.locator(".holds")).to_contain_text("whose key you brought, signed that it received exactly this record")
    assert "keys not compared" not in page.locator("#verdict").inner_text()


def test_a_genuine_record_does_not_vouch_for_a_forged_one_beside_it(page: Page) -> None:
    case = LAUNDERING["receipt_key"]
    give(page, case.content, "pack.zip")
    page.locator("#own summary").click()
    page.get_by_label("Verifier keys").fill("\n".join(case.keys))
    page.get_by_role("button", name="Check again").click()

    expect(page.locator("#verdict h2")).to_have_text("Not verified")
    assert "is not signed by a key that you brought" in page.locator(".unproven").inner_text()


def test_what_follows_a_stream_in_an_archive_is_refused(page: Page) -> None:
    give(page, with_junk_after_a_stream(), "pack.zip")

    assert verdict_on(page) == "Cannot be checked"


def test_markup_in_a_record_stays_text(page: Page) -> None:
    evil = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
    give(page, as_file(Shop(leaf=leaf_of({"sec": evil})).receipt()))

    assert evil in page.locator("#details").inner_text()
    assert page.title() == "Check a consent receipt"


def test_everything_is_reached_by_keyboard_and_the_verdict_is_announced(page: Page) -> None:
    assert page.locator("#verdict").get_attribute("aria-live") == "polite"
    reached = []
    for _ in range(5):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.innerText"))

    own = ["Paste a receipt instead", "Compare with what you have from elsewhere"]
    assert reached == ["English", "Български", "file", *own]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1100])
def test_the_page_is_accessible_and_fits(page: Page, scheme: Any, width: int) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 700})
    for content in (as_file(Shop().receipt()), as_file(Shop().receipt()).replace(b"given", b"giveN"), b"{}"):
        give(page, content)
        page.evaluate(AXE)
        found = page.evaluate("axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))")

        assert found == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.reload()


def test_nothing_but_what_stands_in_the_page_may_run(page: Page, verifier: Path) -> None:
    text = verifier.read_text("utf-8")
    figures = json.loads((verifier.parent / "verify.json").read_bytes())

    assert "default-src 'none'" in text
    assert "unsafe" not in text.partition("<style>")[0]
    assert figures["bytes"] == len(text.encode())
    assert page.title() == "Check a consent receipt"
