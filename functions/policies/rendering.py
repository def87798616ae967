"""The one renderer: Markdown in, sanitised HTML out, for preview, publication and hash alike.

HTML in the Markdown is text. What the parser makes of the rest goes through nh3 all the same, and only absolute links survive.
"""

import re
from html import escape

import nh3
from markdown_it import MarkdownIt

from functions.errors import Invalid, Violation

TAGS = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "ul", "ol", "li", "blockquote", "strong", "em", "s", "a"),
    *("code", "pre", "table", "thead", "tbody", "tr", "th", "td"),
}
SCHEMES = {"https", "http", "mailto", "tel"}
# `https:path` has a scheme and is relative all the same to a page under https (WHATWG URL, 4.4).
ABSOLUTE = re.compile(r"https?://|mailto:|tel:", re.IGNORECASE)

MAX_CELLS = 100_000
STYLE = """
:root { color-scheme: light dark; font: 1.0625rem/1.6 system-ui, sans-serif }
body { margin: 0; padding: 1.5rem clamp(1rem, 5vw, 4rem) 4rem }
main { max-width: 44rem; margin: 0 auto; overflow-wrap: break-word }
h1, h2, h3 { line-height: 1.25; text-wrap: balance }
h2, h3 { margin-top: 2em }
a { text-underline-offset: .2em }
table { display: block; overflow-x: auto; border-collapse: collapse }
th, td { padding: .4em .8em .4em 0; border-bottom: 1px solid GrayText; text-align: start; vertical-align: top }
blockquote { margin-inline: 0; padding-inline-start: 1em; border-inline-start: .25em solid GrayText }
"""
PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def rendered(markdown: str) -> str:
    """A fragment of HTML without script, style, form, image or relative link.

    Raises:
        Invalid: its tables would be larger than anybody reads. The parser fills every row up to the columns of the first, so a
            short text could otherwise become a page of gigabytes.
    """
    lines = markdown.splitlines()
    if len(lines) * max((line.count("|") for line in lines), default=0) > MAX_CELLS:
        raise Invalid("The tables of the text are too large.", [Violation("/text", f"tables of {MAX_CELLS} cells at the most")])
    html = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).render(markdown)
    return nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes=SCHEMES,
        attribute_filter=_absolute,
        link_rel="noopener noreferrer",
    ).strip()


def page(markdown: str, *, title: str, language: str) -> str:
    """A whole page that can be read without JavaScript."""
    return PAGE.format(language=escape(language), title=escape(title), style=STYLE, body=rendered(markdown))


def _absolute(tag: str, attribute: str, value: str) -> str | None:
    if (tag, attribute) == ("a", "href") and not ABSOLUTE.match(value):
        return None
    return value
