"""The regime of a visitor: by the country that the CDN saw, and opt-in whenever that is not known."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

STRICTEST = "opt-in"
TABLE = Path(__file__).parent / "regimes.json"


@dataclass(frozen=True, slots=True)
class Regime:
    """What may run before a decision, how many days a decision holds, and how many more its proof may be called for."""

    id: str
    model: str
    reprompt_days: int
    gpc: bool
    limitation_days: int


@cache
def regimes() -> dict[str, Regime]:
    table = json.loads(TABLE.read_bytes())["regimes"]
    terms = ("model", "reprompt_days", "gpc", "limitation_days")
    return {name: Regime(name, *(regime[term] for term in terms)) for name, regime in table.items()}


def regime_of(country: str | None, *, served: tuple[str, ...]) -> Regime:
    """A regime that the site does not serve, an unknown country and no country at all are opt-in."""
    table = json.loads(TABLE.read_bytes())
    name = table["countries"].get((country or "").upper(), table["unknown"])
    return regimes()[name if name in served else table["unknown"]]
