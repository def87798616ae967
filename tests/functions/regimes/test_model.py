import json
from datetime import date

import pytest

from functions.regimes.model import STRICTEST, TABLE, regime_of, regimes

BOTH = ("opt-in", "opt-out")


@pytest.mark.parametrize(
    ("country", "regime"),
    [
        ("BG", "opt-in"),
        ("US", "opt-out"),
        ("us", "opt-out"),
        (None, "opt-in"),
        ("", "opt-in"),
        ("ZZ", "opt-in"),
        ("USA", "opt-in"),
        ("U", "opt-in"),
    ],
)
def test_a_country_decides_and_whatever_is_unknown_is_opt_in(country: str | None, regime: str) -> None:
    assert regime_of(country, served=BOTH).id == regime


def test_a_regime_that_the_site_does_not_serve_is_opt_in() -> None:
    assert regime_of("US", served=("opt-in",)).id == "opt-in"


def test_every_term_of_every_regime_has_a_source() -> None:
    for name, terms in json.loads(TABLE.read_bytes())["regimes"].items():
        assert set(terms["sources"]) == set(terms) - {"sources"}, name
        assert all(source.strip() for source in terms["sources"].values()), name


def test_every_country_and_the_unknown_have_a_regime_that_exists() -> None:
    table = json.loads(TABLE.read_bytes())

    assert set(table["countries"].values()) | {table["unknown"]} <= set(regimes())
    assert all(len(country) == 2 and country.isupper() for country in table["countries"])


def test_no_country_of_the_european_economic_area_or_of_its_neighbours_in_law_is_anything_but_opt_in() -> None:
    opted = [
        "AT",
        "BE",
        "BG",
        "HR",
        "CY",
        "CZ",
        "DK",
        "EE",
        "FI",
        "FR",
        "DE",
        "GR",
        "HU",
        "IE",
        "IT",
        "LV",
        "LT",
        "LU",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SK",
        "SI",
        "ES",
        "SE",
        "IS",
        "LI",
        "NO",
        "GB",
        "CH",
    ]

    assert {regime_of(country, served=BOTH).model for country in opted} == {"opt-in"}


def test_the_strictest_is_the_one_for_the_unknown() -> None:
    assert json.loads(TABLE.read_bytes())["unknown"] == STRICTEST
    assert regimes()[STRICTEST].model == "opt-in"


def test_a_choice_holds_at_least_as_long_as_the_authorities_want_it_kept() -> None:
    assert regimes()["opt-in"].reprompt_days >= 180  # Garante 231/2021, 6.2: not before six months
    assert regimes()["opt-out"].reprompt_days >= 365  # California Civil Code, 1798.135(c)(4)


@pytest.mark.parametrize("regime", ["opt-in", "opt-out"])
def test_proof_is_kept_for_five_years_at_least_whatever_leap_days_they_have(regime: str) -> None:
    # Obligations and Contracts Act (Bulgaria), Art. 110; California Civil Code, 1798.199.70
    spans = [date(year + 5, 3, 1) - date(year, 3, 1) for year in range(2026, 2046)]

    assert regimes()[regime].limitation_days >= max(span.days for span in spans)


def test_a_regime_goes_by_its_own_name() -> None:
    assert {name: regime.id for name, regime in regimes().items()} == {name: name for name in regimes()}
