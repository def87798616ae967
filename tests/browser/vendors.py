"""A page of a shop with its vendors' tags as they are handed out, and what they may do when."""

from pathlib import Path

from tests.support.browser import ROOT

FOLDER = ROOT / "infra" / "local" / "shop" / "vendors"


def snippet(name: str) -> str:
    return Path(FOLDER, f"{name}.html").read_text("utf-8")


HEAD = "".join(map(snippet, ("google-tag-manager", "google-tag", "meta-pixel", "hotjar", "tiktok-pixel", "microsoft-uet")))
BODY = (
    snippet("google-tag-manager-noscript")
    + "<h1>Lamp</h1><p>It gives light.</p>"
    + snippet("youtube")
    + '<a data-consentinel-open href="#">Cookie settings</a>'
    + snippet("linkedin-insight")
    + snippet("tawk-to")
)

# What Chromium fetches from static markup before any script of the page has run. The list may only become shorter.
SPECULATIVE = frozenset(
    {
        "https://www.googletagmanager.com/gtag/js?id=G-DEM0SH0P00",
        "https://www.youtube.com/embed/00000000000",
    }
)
PERFORMANCE = ["www.googletagmanager.com/gtm.js", "www.googletagmanager.com/gtag/js", "static.hotjar.com/c/hotjar-1000000.js"]
FUNCTIONAL = ["embed.tawk.to/000000000000000000000000/default"]
TARGETING = [
    "connect.facebook.net/en_US/fbevents.js",
    "analytics.tiktok.com/i18n/pixel/events.js",
    "bat.bing.com/bat.js",
    "snap.licdn.com/li.lms-analytics/insight.min.js",
]
