from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from functions.cookies.model import OPTIONAL, Banner, Category, Cookie, Vendor
from functions.errors import Invalid
from functions.schema import Schema
from tests.support.banners import ANALYTICS, BANNER, CART, GA, PAYMENT, PIXEL
from tests.support.schemas import valid

SCHEMA = Schema("cookies/schemas/banner.json")


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(valid(SCHEMA.document(), SCHEMA.document()))
def test_whatever_the_schema_lets_in_goes_through_the_model_and_back(document: dict[str, Any]) -> None:
    document["policies"] = ["terms", "cookies-2"]

    banner = Banner.from_json(document)

    assert {"version": document["version"], **banner.to_json()} == document
    assert Banner.from_json(banner.to_json()) == banner


@pytest.mark.parametrize("banner", [Banner(), BANNER])
def test_what_the_model_writes_the_schema_lets_in(banner: Banner) -> None:
    SCHEMA.check({"version": 0, **banner.to_json()})


def test_a_policy_that_cannot_be_one_is_refused() -> None:
    with pytest.raises(Invalid):
        Banner.from_json({**BANNER.to_json(), "policies": ["no#policy"]})


def test_nothing_is_switched_on_or_allowed_before_the_merchant_says_so() -> None:
    banner = Banner()

    assert not any(settings.default for settings in banner.categories.values())
    assert (banner.unknown, banner.layout) == ("block", "bar")


def test_everything_but_the_necessary_is_optional() -> None:
    assert {*OPTIONAL, Category.NECESSARY} == set(Category)
    assert Category.NECESSARY not in OPTIONAL


def test_the_domains_of_each_category_come_sorted_and_once() -> None:
    again = Vendor("Google Ads", Category.PERFORMANCE, ("google-analytics.com",))
    banner = replace(BANNER, vendors=(PIXEL, again, ANALYTICS, PAYMENT))

    assert banner.hosts() == {
        Category.NECESSARY: ["js.stripe.com"],
        Category.PERFORMANCE: ["google-analytics.com", "googletagmanager.com"],
        Category.FUNCTIONAL: [],
        Category.TARGETING: ["connect.facebook.net"],
    }


def test_the_scope_is_what_is_asked_about_and_leaves_out_the_necessary() -> None:
    assert sorted(BANNER.scope()) == [
        "cookie prefix _ga performance",
        "host connect.facebook.net targeting",
        "host google-analytics.com performance",
        "host googletagmanager.com performance",
    ]


def test_the_same_thing_under_another_category_is_another_scope() -> None:
    moved = replace(BANNER, cookies=(replace(GA, category=Category.TARGETING), CART))

    assert set(moved.scope()) - set(BANNER.scope()) == {"cookie prefix _ga targeting"}


def test_words_and_names_of_vendors_are_not_what_is_agreed_to() -> None:
    reworded = replace(
        BANNER,
        cookies=(Cookie(GA.name, GA.match, GA.category, "Alphabet", {"en": "Other"}, {}), CART),
        vendors=(replace(ANALYTICS, name="Alphabet"), PIXEL),
    )

    assert set(reworded.scope()) == set(BANNER.scope())
