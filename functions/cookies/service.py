"""Setting up a site's window."""

import json
from collections.abc import Iterator
from pathlib import Path

from functions.cookies.config import Bundle
from functions.cookies.model import Banner, Category
from functions.cookies.pages import PAGES
from functions.errors import Invalid, NotFound, Violation
from functions.ids import SiteId
from functions.workspace.model import Documents


def load_bundle(folder_of_banner: Path) -> Bundle:
    """Read what the build made; raises `FileNotFoundError` where it has not been run."""
    dist = folder_of_banner / "dist"
    manifest = json.loads((dist / "manifest.json").read_bytes())
    texts = {path.stem: json.loads(path.read_bytes()) for path in sorted((folder_of_banner / "texts").glob("??.json"))}
    gate, window = ((dist / name).read_text("utf-8") for name in ("gate.js", "window.js"))
    return Bundle(manifest["build"], gate, window, texts, {name: (dist / name).read_text("utf-8") for name in PAGES})


def read_banner(site: SiteId, *, documents: Documents) -> tuple[Banner, int]:
    """The settings and their version; a site that nobody has set up yet has the defaults, version 0."""
    try:
        stored = documents.read(_name(site))
    except NotFound:
        return Banner(), 0
    return Banner.from_json(stored.body), stored.version


def change_banner(site: SiteId, banner: Banner, *, after: int, bundle: Bundle, documents: Documents) -> int:
    """The new version.

    Raises:
        Conflict: `after` is not the present version.
        Invalid: a language has no texts, or a text has a name that the window does not know.
    """
    _check(banner, bundle)
    if after == 0:
        return documents.create(_name(site), banner.to_json()).version
    return documents.update(_name(site), banner.to_json(), after=after).version


def _name(site: SiteId) -> str:
    return f"banner#{site}"


def _check(banner: Banner, bundle: Bundle) -> None:
    spoken = sorted(bundle.texts)
    violations = [
        Violation(f"/languages/{position}", f"one of {', '.join(spoken)}")
        for position, language in enumerate(banner.languages)
        if language not in bundle.texts
    ]
    known = bundle.texts["en"]
    violations += [
        Violation(f"/texts/{language}/{name}", f"one of {', '.join(known)}")
        for language, texts in banner.texts.items()
        for name in texts
        if name not in known
    ]
    violations += [Violation(pointer, "one category only") for pointer in _in_two_categories(banner)]
    if violations:
        raise Invalid("The window cannot be shown like this.", violations)


def _in_two_categories(banner: Banner) -> Iterator[str]:
    """Where a domain or a cookie is declared again under another category: nobody could say when it may run."""
    seen: dict[tuple[str, ...], Category] = {}
    for position, vendor in enumerate(banner.vendors):
        for place, domain in enumerate(vendor.domains):
            if seen.setdefault(("domain", domain), vendor.category) is not vendor.category:
                yield f"/vendors/{position}/domains/{place}"
    for position, cookie in enumerate(banner.cookies):
        if seen.setdefault(("cookie", cookie.match, cookie.name), cookie.category) is not cookie.category:
            yield f"/cookies/{position}"
