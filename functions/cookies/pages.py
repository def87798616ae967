"""The pages that a site's visitors open by themselves: their receipts, and the verifier.

They stand beside the gate and run nothing but what the build has put into them; of the site they know what is data.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from functions.cookies.config import Edition, File, filled

RECEIPTS = "receipts.html"
VERIFIER = "verify.html"
PAGES = (RECEIPTS, VERIFIER)
HTML = "text/html; charset=utf-8"
API_HOLE = "__API__"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the published files say that API, CDN and the site's own pages are."""

    api: str
    cdn: str
    origins: tuple[str, ...]


def pages(edition: Edition, at: Addresses) -> Iterator[File]:
    """Those that the bundle has, for one version of one site."""
    made = edition.bundle.pages
    if RECEIPTS in made:
        yield File(RECEIPTS, receipts_page(made[RECEIPTS], edition, at), HTML)
    if VERIFIER in made:
        yield File(VERIFIER, made[VERIFIER].encode(), HTML)


def receipts_page(template: str, edition: Edition, at: Addresses) -> bytes:
    """The page, which may ask the API and nobody else, and takes a subject token from the site's own pages."""
    before, hole, after = template.partition(API_HOLE)
    if not hole or API_HOLE in after:
        raise LookupError("The page of the receipts has one hole for the address of the API.")
    config = {"site": edition.site, "api": at.api, "cdn": at.cdn, "origins": list(at.origins)}
    return filled(f"{before}{escape(at.api)}/{after}", config)
