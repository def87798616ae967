"""A real Chromium in front of an internet of our own: shop, CDN and API are played here, everybody else by the recorder.

A page's tags stay as their vendors hand them out: Chromium believes that every host is on this machine.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from itertools import count
from pathlib import Path
from threading import Condition
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from functions.cookies.config import Bundle, Edition, filled
from functions.cookies.model import Banner, Category, Cookie, Vendor
from functions.cookies.service import load_bundle
from functions.ids import SiteKey
from functions.regimes.model import STRICTEST, regimes
from infra.local.origins.http import HTML, Answer, Request
from infra.local.recorder import Recorder, Seen

ROOT = Path(__file__).parents[2]
SHOP = "https://www.shop.test"
CDN = "https://cdn.consentinel.test"
API = "https://api.consentinel.test/v1"
SITE = SiteKey("pk_abcdefghijkl_main")
SCRIPT = "text/javascript; charset=utf-8"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
)

STRANGERS = (f"bystander-{number}" for number in count())

VENDORS = (
    Vendor("Google Analytics", Category.PERFORMANCE, ("googletagmanager.com", "google-analytics.com")),
    Vendor("Hotjar", Category.PERFORMANCE, ("hotjar.com", "hotjar.io")),
    Vendor("Tawk.to", Category.FUNCTIONAL, ("tawk.to",)),
    Vendor("YouTube", Category.FUNCTIONAL, ("youtube.com",)),
    Vendor("Meta", Category.TARGETING, ("facebook.net", "facebook.com")),
    Vendor("TikTok", Category.TARGETING, ("tiktok.com",)),
    Vendor("LinkedIn", Category.TARGETING, ("licdn.com", "linkedin.com")),
    Vendor("Microsoft Advertising", Category.TARGETING, ("bing.com",)),
)


def declared(name: str, match: str, category: Category, provider: str, purpose: str, lifetime: str) -> Cookie:
    return Cookie(name, match, category, provider, {"en": purpose}, {"en": lifetime})


COOKIES = (
    declared("session", "exact", Category.NECESSARY, "This shop", "Keeps your basket and your sign-in.", "Session"),
    declared("consentinel", "exact", Category.NECESSARY, "This shop", "Remembers your choice about cookies.", "6 months"),
    declared("_ga", "prefix", Category.PERFORMANCE, "Google", "Tells visitors apart to count visits.", "2 years"),
    declared("_hj", "prefix", Category.PERFORMANCE, "Hotjar", "Follows how a page is used.", "1 year"),
    declared("twk_", "prefix", Category.FUNCTIONAL, "Tawk.to", "Recognises you in the chat.", "6 months"),
    declared("TawkConnectionTime", "exact", Category.FUNCTIONAL, "Tawk.to", "Keeps the chat connected.", "Session"),
    declared("_fbp", "exact", Category.TARGETING, "Meta", "Recognises browsers to show advertising.", "3 months"),
    declared("lastExternalReferrer", "exact", Category.TARGETING, "Meta", "Remembers where you came from.", "Until deleted"),
    declared("_tt", "prefix", Category.TARGETING, "TikTok", "Measures advertising.", "13 months"),
    declared("tt_", "prefix", Category.TARGETING, "TikTok", "Measures advertising.", "Session"),
    declared("li_", "prefix", Category.TARGETING, "LinkedIn", "Measures advertising.", "30 days"),
    declared("_uet", "prefix", Category.TARGETING, "Microsoft", "Measures advertising.", "13 months"),
)
BANNER = Banner(languages=("en", "bg"), vendors=VENDORS, cookies=COOKIES)


def chromium_path() -> str:
    """Debian's, otherwise whatever is on the path."""
    candidates = ("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = next(filter(None, map(shutil.which, candidates)), None)
    if found is None:
        pytest.exit(
            "The browser tests need Chromium. Debian, Ubuntu: apt-get install chromium. Elsewhere: put it on the PATH.", 1
        )
    return found


@cache
def bundle() -> Bundle:
    """The storefront's files as the sources stand now."""
    subprocess.run(["node", "banner/build.mjs"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return load_bundle(ROOT / "banner")


@dataclass
class Register:
    """Plays `POST /v1/consents`: keeps what arrives and answers with the statuses it is told, then with 201."""

    acts: list[dict[str, Any]] = field(default_factory=list)
    submissions: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    changed: Condition = field(default_factory=Condition)

    def wait_for(self, submissions: int) -> list[dict[str, Any]]:
        """The acts that it has taken when so many submissions have come, or after three seconds."""
        with self.changed:
            self.changed.wait_for(lambda: len(self.submissions) >= submissions, 3)
            return list(self.acts)

    def answer(self, request: Request) -> Answer:
        cors = {"Access-Control-Allow-Origin": SHOP, "Access-Control-Allow-Headers": "content-type", "Vary": "Origin"}
        if request.method == "OPTIONS":
            return Answer(HTTPStatus.NO_CONTENT, b"", {**cors, "Access-Control-Allow-Methods": "POST"})
        submission = json.loads(request.body)
        status = self.statuses.pop(0) if self.statuses else HTTPStatus.CREATED
        with self.changed:
            self.submissions.append(submission)
            if status == HTTPStatus.CREATED:
                self.acts += submission["acts"]
            self.changed.notify_all()
        body = json.dumps({"records": [], "subject_token": "st1.played"}).encode()
        return Answer(status, body, {**cors, "Content-Type": "application/json"})


class Internet(Recorder):
    """What a test puts somewhere is there; the register is at the API; every other address is a third party's."""

    def __init__(self) -> None:
        super().__init__(hosts=("*.shop.test", "*.consentinel.test"))
        self.places: dict[str, Answer] = {}
        self.asked: list[Request] = []
        self.register = Register()

    def answer(self, request: Request) -> Answer:
        url = f"https://{request.host}{request.path}"
        if request.host.startswith("bystander"):
            return Answer(HTTPStatus.NO_CONTENT)
        if url.startswith(API):
            return self.register.answer(request)
        if request.host.endswith((".shop.test", ".consentinel.test")):
            self.asked.append(request)
            return self.places.get(url, Answer.not_found())
        return self.places.get(url) or super().answer(request)

    def put(self, url: str, content: str | bytes, content_type: str = HTML, headers: Mapping[str, str] | None = None) -> None:
        answer = Answer.of(content_type, content)
        self.places[url] = Answer(answer.status, answer.body, {**answer.headers, **(headers or {})})

    def fresh(self) -> None:
        self.places.clear()
        self.asked.clear()
        self.register = Register()
        self.clear()

    def asked_for(self, path: str) -> int:
        """How often shop and CDN were asked for a path."""
        return sum(request.path == path for request in self.asked)


@dataclass
class Storefront:
    """A shop with Consentinel's tag first in the head, and what a test wants to know of its visits."""

    internet: Internet

    def publish(
        self,
        banner: Banner = BANNER,
        *,
        regime: str = STRICTEST,
        version: int = 1,
        epoch: int = 1,
        changes: Mapping[str, Any] | None = None,
    ) -> None:
        """Put gate and windows on the CDN; `changes` are members of the gate config that publishing itself would not write."""
        edition = Edition(
            site=SITE,
            version=version,
            epoch=epoch,
            banner=banner,
            policies=(),
            regimes=(regimes()[regime],),
            bundle=bundle(),
            published_at=datetime(2026, 3, 1, tzinfo=UTC),
            published_by="tests",
        )
        config = {**edition.gate_config(regimes()[regime], api=API, base=f"{CDN}/"), **(changes or {})}
        self.internet.put(f"{CDN}/gate.js", filled(edition.bundle.gate, config), SCRIPT, {"Cache-Control": "no-store"})
        for language in banner.languages:
            window = filled(edition.bundle.window, edition.window_config(language, cdn=CDN))
            self.internet.put(f"{CDN}/window.{language}.js", window, SCRIPT, {"Cache-Control": "no-store"})

    def page(
        self, body: str = "", *, head: str = "", path: str = "/", language: str = "en", headers: Mapping[str, str] | None = None
    ) -> str:
        """The address of a page of the shop."""
        url = SHOP + path
        tag = f'<script src="{CDN}/gate.js"></script>'
        self.internet.put(url, document_of(tag + head, body, language), HTML, headers)
        return url

    def plain_page(self, body: str = "", *, head: str = "", path: str = "/", language: str = "en") -> str:
        """The same without Consentinel."""
        url = SHOP + path
        self.internet.put(url, document_of(head, body, language))
        return url

    def script(self, path: str, content: str) -> None:
        self.internet.put(SHOP + path, content, SCRIPT)

    def third_parties(self) -> list[Seen]:
        return self.internet.seen()


def document_of(head: str, body: str, language: str) -> str:
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width,initial-scale=1"><title>Shop</title><link rel="icon" href="data:,">{head}</head>'
        f"<body>{body}</body></html>"
    )


def ran(page: Page) -> list[str]:
    """The third parties' scripts that have run in the page, in order."""
    found: list[str] = page.evaluate("window.__ran || []")
    return found


def settled(page: Page) -> None:
    """Wait until what the page has asked for has arrived.

    Whatever a page does at once is on its way when the page has loaded and has gone round once more. A bystander then makes a
    connection of its own to a host nobody has spoken to; when that has been answered, so has what was on its way before.
    """
    page.wait_for_load_state("load")
    bystander = page.context.browser.contexts[0].pages[0] if page.context.browser else page
    for _ in range(3):
        page.evaluate("() => new Promise((done) => setTimeout(done))")
        bystander.evaluate("(url) => fetch(url, { mode: 'no-cors' })", f"https://{next(STRANGERS)}.consentinel.test/")


def cookies_of(context: BrowserContext, url: str = SHOP) -> dict[str, str]:
    """By name, as the browser would send them to the address."""
    return {cookie["name"]: cookie["value"] for cookie in context.cookies(url)}


def first_party(url: str) -> bool:
    return (urlsplit(url).hostname or "").endswith((".shop.test", ".consentinel.test"))


@pytest.fixture(scope="session")
def internet_of_the_session() -> Iterator[Internet]:
    with Internet() as internet:
        yield internet


@contextmanager
def chromium(internet: Internet) -> Iterator[Browser]:
    """A browser that knows only this internet."""
    with sync_playwright() as playwright:
        arguments = [*ARGUMENTS, *internet.chromium_arguments()]
        launched = playwright.chromium.launch(executable_path=chromium_path(), args=arguments)
        launched.new_context().new_page()  # the bystander
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def browser(internet_of_the_session: Internet) -> Iterator[Browser]:
    with chromium(internet_of_the_session) as launched:
        yield launched


@pytest.fixture
def internet(internet_of_the_session: Internet) -> Internet:
    internet_of_the_session.fresh()
    return internet_of_the_session


@pytest.fixture
def shop(internet: Internet) -> Storefront:
    """With the gate of the test banner published; a test may publish another."""
    storefront = Storefront(internet)
    storefront.publish()
    return storefront


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(5000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
