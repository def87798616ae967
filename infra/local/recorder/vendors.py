"""What the played vendors leave in a page: the names of cookies and storage keys, and the calls home, of the real ones."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parent / "vendors.json"


@dataclass(frozen=True, slots=True)
class Imprint:
    """Names of first-party cookies and storage keys that a script sets, addresses that it calls, classes that it brings."""

    cookies: tuple[str, ...]
    storage: tuple[str, ...]
    calls: tuple[str, ...] = ()
    constructors: tuple[str, ...] = ()


@cache
def _known() -> dict[str, Imprint]:
    table = json.loads(TABLE.read_bytes())
    return {start: Imprint(**{name: tuple(values) for name, values in made.items()}) for start, made in table.items()}


def imprint_of(host: str, path: str) -> Imprint:
    """Of the entry that host and path begin with; whoever is not in the table leaves its own name."""
    known = next((imprint for start, imprint in _known().items() if (host + path).startswith(start)), None)
    name = "third_party_" + "".join(letter if letter.isalnum() else "_" for letter in host)
    return known or Imprint((name,), (name,))
