"""The page for people: who was called, newest first."""

from collections.abc import Sequence
from html import escape
from shlex import quote

from infra.local.recorder.seen import Seen

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<title>{count} requests to third parties</title>
<style>
:root {{ color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }}
body {{ max-width: 70rem; margin: 2rem auto; padding: 0 1rem }}
h1 {{ font-size: 1.4rem; margin: 0 }}
ol {{ list-style: none; padding: 0; margin: 1.5rem 0 }}
li {{ padding: .6rem 0; border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent); overflow-wrap: anywhere }}
b {{ font-weight: 600 }}
small {{ display: block; opacity: .75 }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; font-size: .8rem; opacity: .75 }}
</style>
</head>
<body>
<main>
<h1>{heading}</h1>
<p>What pages asked of third parties, newest first. This page looks again every two seconds;
<a href="/__seen.json">as JSON</a>. A browser calls the real vendors unless it is started like this:</p>
<pre>chromium --user-data-dir=/tmp/demo {arguments}</pre>
<ol>
{entries}
</ol>
</main>
<script>
setInterval(async () => {{
  const answer = await fetch('/__seen').catch(() => null);
  const now = answer && new DOMParser().parseFromString(await answer.text(), 'text/html');
  if (!now || now.title === document.title) return;
  document.title = now.title;
  document.querySelector('main').replaceWith(now.querySelector('main'));
}}, 2000);
</script>
</body>
</html>
"""
ENTRY = """<li><b>{host}</b>{target}
<small>{at} · {method} · {what}{cookie}</small></li>"""


def render(seen: Sequence[Seen], arguments: Sequence[str]) -> str:
    """`arguments` make a Chromium take the recorder for everybody."""
    heading = {0: "No third party has been called", 1: "One request to a third party"}.get(
        len(seen), f"{len(seen)} requests to third parties"
    )
    entries = "\n".join(map(_entry, reversed(seen)))
    return PAGE.format(count=len(seen), heading=heading, entries=entries, arguments=escape(" ".join(map(quote, arguments))))


def _entry(one: Seen) -> str:
    return ENTRY.format(
        host=escape(one.host),
        target=escape(one.target if len(one.target) <= 300 else one.target[:300] + "…"),  # noqa: PLR2004 - a few lines on a phone
        at=one.at.strftime("%H:%M:%S"),
        method=escape(one.method),
        what=escape(" ".join(filter(None, (one.purpose, one.dest))) or "unknown"),
        cookie=" · sent cookies" if one.cookie else "",
    )
