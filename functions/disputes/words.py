"""What the report says, in the languages that it can be had in: `words/LANGUAGE.json`."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from functions.mail.writing import spoken
from functions.tenants.model import Tenant

FOLDER = Path(__file__).parent / "words"
LANGUAGES = ("bg", "en")
# What a font has no sign for, or what would turn the direction of writing, must not stand in a report.
UNPRINTABLE = "\N{REPLACEMENT CHARACTER}"


def language_of(tenant: Tenant) -> str:
    """The first of the account's languages that there are words in, else English."""
    return spoken(tenant.profile.get("languages", []), dict.fromkeys(LANGUAGES))


@cache
def _texts(language: str) -> dict[str, Any]:
    texts: dict[str, Any] = json.loads((FOLDER / f"{language}.json").read_bytes())
    return texts


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language."""

    language: str

    def say(self, name: str, **fields: object) -> str:
        text: str = _texts(self.language)[name]
        return text.format(**{field: clean(str(value)) for field, value in fields.items()})

    def all(self, name: str, **fields: object) -> list[str]:
        return [
            text.format(**{field: clean(str(value)) for field, value in fields.items()}) for text in _texts(self.language)[name]
        ]

    def one(self, name: str, value: str, **fields: object) -> str:
        """The word for one of a closed list of values; what the list does not know stands as it is."""
        text: str = _texts(self.language)[name].get(value, clean(value))
        return text.format(**fields) if fields else text

    def records(self, count: int) -> str:
        return self.one("records", "one" if count == 1 else "other", count=count)

    def categories(self, names: Iterable[str]) -> str:
        return ", ".join(self.one("category", name) for name in names) or self.say("nothing")


def moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def clean(text: str) -> str:
    """On one line, and only what can be printed."""
    return "".join(sign if sign.isprintable() else " " if sign.isspace() else UNPRINTABLE for sign in text)
