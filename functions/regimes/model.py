"""The regime of a visitor: by the country that the CDN saw, and opt-in whenever that is not known."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

STRICTEST = "opt-in"
TABLE = Path(__file__).parent / "regimes.json"


@dataclass(frozen=True, slots=True)
class Regime:
    """What may run before a decision, and for how many days a decision holds."""

    id: str
    model: str
    reprompt_days: int
    gpc: bool


@cache
def regimes() -> dict[str, Regime]:
    table = json.loads(TABLE.read_bytes())["regimes"]
    return {name: Regime(name, terms["model"], terms["reprompt_days"], terms["gpc"]) for name, terms in table.items()}


def regime_of(country: str | None, *, served: tuple[str, ...]) -> Regime:
    """A regime that the site does not serve, an unknown country and no country at all are opt-in."""
    table = json.loads(TABLE.read_bytes())
    name = table["countries"].get((country or "").upper(), table["unknown"])
    return regimes()[name if name in served else table["unknown"]]
