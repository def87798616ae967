"""What the shop sells."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("products.json")
DELIVERY_CENTS = 350


@dataclass(frozen=True, slots=True)
class Product:
    """A product with its words in each language; prices are whole euro cents, VAT included."""

    slug: str
    cents: int
    words: dict[str, dict[str, str]]


@cache
def products() -> dict[str, Product]:
    listed = json.loads(FILE.read_bytes())
    return {
        one["slug"]: Product(one["slug"], one["cents"], {language: one[language] for language in ("bg", "en")})
        for one in listed
    }


def price(cents: int, language: str) -> str:
    """As the language writes it: €9.80, 9,80 €."""
    euros, rest = divmod(cents, 100)
    return f"{euros},{rest:02} €" if language == "bg" else f"€{euros}.{rest:02}"
