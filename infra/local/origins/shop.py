"""The demo shop on a port of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from infra.local.origins.http import HTML, Answer, Request
from infra.local.origins.server import Server
from infra.local.shop.catalogue import products
from infra.local.shop.pages import COUNTRIES, SECTIONS, Surroundings, Visit, render
from infra.local.shop.words import LANGUAGES, spoken

PORT = 8789
ASSETS = Path(__file__).parent.parent / "shop" / "assets"
TYPES = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
COUNTRY = "demo_country"
DOCUMENTS = ("terms", "privacy", "cookies", "personal-data")

# The address of the version in force of a document in a language; None where there is none.
FindDocument = Callable[[str, str], str | None]


@dataclass(frozen=True, slots=True)
class Shop:
    """What the shop answers. It keeps nothing of what is typed into it."""

    around: Surroundings
    document: FindDocument

    def answer(self, request: Request) -> Answer:
        if request.method == "POST" and request.path == "/viewer":
            return _from_country(request)
        match request.path.removeprefix("/").split("/", 1):
            case ["assets", name]:
                return _asset(name)
            case [language, path] if language in LANGUAGES:
                return self._page(Visit(language, path, _country(request), _items(request)), request)
            case [""]:
                return _elsewhere(f"/{spoken(request.headers.get('accept-language', ''))}/")
            case _:
                visit = Visit(spoken(request.headers.get("accept-language", "")), "", _country(request))
                return self._missing(visit)

    def _page(self, visit: Visit, request: Request) -> Answer:
        match visit.path.split("/"):
            case [""]:
                return self._shown("home", visit)
            case [section] if section in SECTIONS:
                return self._shown("thanks" if request.method == "POST" else section, visit)
            case ["products", slug] if slug in products():
                return self._shown("product", visit)
            case ["documents", policy] if policy in DOCUMENTS:
                found = self.document(policy, visit.language)
                return _elsewhere(found) if found else self._missing(visit)
            case _:
                return self._missing(visit)

    def _shown(self, name: str, visit: Visit) -> Answer:
        return Answer.of(HTML, render(name, visit, self.around), Cache_Control="no-store")

    def _missing(self, visit: Visit) -> Answer:
        page = self._shown("missing", visit)
        return Answer(HTTPStatus.NOT_FOUND, page.body, page.headers)


class ShopOrigin(Server):
    """The shop, started and stopped; port 0 takes a free one."""

    def __init__(self, around: Surroundings, document: FindDocument, *, port: int = PORT) -> None:
        super().__init__(Shop(around, document).answer, port=port)


def _asset(name: str) -> Answer:
    found = next((file for file in ASSETS.iterdir() if file.name == name), None)
    if found is None:
        return Answer.not_found()
    return Answer.of(TYPES[found.suffix], found.read_bytes(), Cache_Control="max-age=60")


def _elsewhere(address: str) -> Answer:
    return Answer(HTTPStatus.SEE_OTHER, b"", {"Location": address, "Cache-Control": "no-store"})


def _from_country(request: Request) -> Answer:
    """Play a visit from a country, until the browser is closed, and go back to the page."""
    form = parse_qs(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    country, back = form.get("country", [""])[0], form.get("back", ["/"])[0]
    played = country if country in COUNTRIES else ""
    # A path and nothing else: another origin has a host as well.
    there = back if urlsplit(back).path == back and back.startswith("/") else "/"
    answer = _elsewhere(there)
    return Answer(answer.status, answer.body, {**answer.headers, "Set-Cookie": f"{COUNTRY}={played}; Path=/; SameSite=Lax"})


def _country(request: Request) -> str:
    played = SimpleCookie(request.headers.get("cookie", "")).get(COUNTRY)
    return played.value if played and played.value in COUNTRIES else ""


def _items(request: Request) -> tuple[str, ...]:
    return tuple(parse_qs(urlsplit(request.target).query).get("item", ()))
