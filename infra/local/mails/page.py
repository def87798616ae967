"""The outbox for people."""

from collections.abc import Sequence
from html import escape

from infra.local.mails.kept import Kept

# What a mail may do in a reader, and on this page: be looked at, and open links elsewhere.
SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
POLICY = f"sandbox {SANDBOX}; default-src 'none'; style-src 'unsafe-inline'; img-src data:"

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }}
body {{ max-width: 52rem; margin: 2rem auto; padding: 0 1rem }}
h1 {{ font-size: 1.4rem; margin: 0 }}
h2 {{ font-size: 1.1rem; margin: 0; overflow-wrap: anywhere }}
article {{ margin: 1.5rem 0; padding: 1rem; border: 1px solid #8886; border-radius: .5rem }}
article > p {{ margin: .25rem 0 1rem; opacity: .8; overflow-wrap: anywhere }}
iframe {{ width: 100%; height: 12rem; resize: vertical; border: 0; background: #fff; color-scheme: light }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>Mails that the platform sent, newest first. None of them left this machine. <a href="/">Look again</a> ·
<a href="/mails.json">as JSON</a></p>
{mails}
</main>
</body>
</html>
"""
MAIL = """<article>
<h2>{subject}</h2>
<p>To {to}, from {sender}, {at}</p>
{html}
<details{opened}><summary>As plain text</summary><pre>{text}</pre></details>
</article>"""
FRAME = '<iframe src="/mails/{number}.html" title="{subject}" sandbox="{sandbox}" loading="lazy"></iframe>'
EMPTY = "<p>When the platform sends one, to confirm an address for example, it shows up here.</p>"


def render(mails: Sequence[Kept]) -> str:
    title = {0: "No mail has been sent yet", 1: "One mail sent"}.get(len(mails), f"{len(mails)} mails sent")
    shown = "\n".join(_mail(number, mails[number]) for number in reversed(range(len(mails))))
    return PAGE.format(title=title, mails=shown or EMPTY)


def html_part(mail: Kept) -> str:
    """Links open elsewhere, not inside the frame."""
    return mail.html.replace("<head>", '<head><base target="_blank">', 1)


def _mail(number: int, mail: Kept) -> str:
    subject = escape(mail.subject or "(no subject)")
    return MAIL.format(
        subject=subject,
        to=escape(", ".join(mail.to)),
        sender=escape(mail.sender),
        at=escape(mail.at[:19].replace("T", " ")),
        html=FRAME.format(number=number, subject=subject, sandbox=SANDBOX) if mail.html else "",
        text=escape(mail.text) or "(no text part)",
        opened="" if mail.html else " open",
    )
