"""The shop's words and templates, read once."""

import json
from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from string import Template

FOLDER = Path(__file__).parent
LANGUAGES = {"bg": "Български", "en": "English"}


@cache
def words(language: str) -> Mapping[str, str]:
    """Escaped; `{privacy}` in them is the link to the privacy policy."""
    told = json.loads((FOLDER / "texts" / f"{language}.json").read_bytes())
    link = f'<a href="/{language}/documents/privacy">{escape(told["document_privacy_inline"])}</a>'
    return {name: escape(text, quote=False).replace("{privacy}", link) for name, text in told.items()}


@cache
def template(name: str) -> Template:
    return Template((FOLDER / "templates" / f"{name}.html").read_text("utf-8"))


@cache
def vendor(name: str) -> str:
    """A vendor's snippet, byte for byte."""
    return (FOLDER / "vendors" / f"{name}.html").read_text("utf-8")


def spoken(accept_language: str) -> str:
    """The first of the shop's languages that the browser lists; Bulgarian if it lists none."""
    listed = (part.partition(";")[0].strip().lower()[:2] for part in accept_language.split(","))
    return next((language for language in listed if language in LANGUAGES), "bg")
