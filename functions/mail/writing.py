"""Words into mails: text and HTML from the same paragraphs, whatever is filled in escaped."""

from collections.abc import Mapping, Sequence
from html import escape

from functions.mail.model import Mail

HTML = """<!doctype html>
<html lang="{language}">
<head><meta charset="utf-8"><title>{subject}</title></head>
<body style="font: 16px/1.5 system-ui, sans-serif; color: #171a21; max-width: 36em; margin: 0 auto; padding: 1em">
{paragraphs}
</body>
</html>
"""


def written(to: str, language: str, subject: str, paragraphs: Sequence[str], **fields: str) -> Mail:
    """A mail of paragraphs with `{fields}` in them; line breaks in what is filled in become spaces."""
    plain = {name: " ".join(value.split()) for name, value in fields.items()}
    escaped = {name: escape(value) for name, value in plain.items()}
    filled = subject.format(**plain)
    html = "\n".join(f"<p>{escape(one, quote=False).format(**escaped)}</p>" for one in paragraphs)
    return Mail(
        to=to,
        subject=filled,
        text="\n\n".join(one.format(**plain) for one in paragraphs) + "\n",
        html=HTML.format(language=language, subject=escape(filled), paragraphs=html),
    )


def spoken(wanted: Sequence[str], offered: Mapping[str, object]) -> str:
    """The first language wanted that there are words in, else English."""
    return next((language for language in wanted if language in offered), "en")
