"""A document that a window links to gets a new version: the window follows, and asks again where the change is material."""

from types import ModuleType
from typing import Any

import pytest

from tests.support.storefront import BANNER, Shop
from tests.support.streams import Stream


@pytest.fixture
def linking(shop: Shop, stream: Stream) -> Shop:
    """A shop whose window, config 2 in epoch 2, links to version 1 of its cookie policy."""
    shop.publish_policy("cookies", "cookie_policy", {"bg": "Бисквитки"})
    shop.call("PUT", "/sites/main/banner", BANNER | {"version": 1, "policies": ["cookies"]})
    assert shop.call("POST", "/sites/main/configs", {"after": 1}).json["epoch"] == 2
    stream.deliver()
    return shop


def current(shop: Shop) -> dict[str, Any]:
    answer = shop.http.send("GET", "/v1/banner", query={"site": shop.site})
    config: dict[str, Any] = answer.json
    return config


@pytest.mark.parametrize(("material", "epoch"), [(True, 3), (False, 2)])
def test_the_window_follows_a_new_version_and_asks_again_only_for_a_material_one(
    linking: Shop, stream: Stream, material: bool, epoch: int
) -> None:
    linking.publish_policy("cookies", "cookie_policy", {"bg": "Бисквитки, нови"}, after=1, material=material)

    failed = stream.deliver()

    assert failed == []
    assert (current(linking)["version"], current(linking)["epoch"]) == (3, epoch)
    assert current(linking)["published_by"] == "policy cookies v000002"


def test_following_twice_publishes_once_and_leaves_unpublished_settings_alone(
    linking: Shop, neighbours_shop: Shop, stream: Stream, app: ModuleType
) -> None:
    linking.call("PUT", "/sites/main/banner", BANNER | {"version": 2, "policies": ["cookies"], "layout": "modal"})
    linking.publish_policy("cookies", "cookie_policy", {"bg": "Бисквитки, нови"}, after=1)
    records = stream.records()

    assert stream.deliver(records) == []
    assert stream.deliver(records) == []

    assert current(linking)["version"] == 3
    config = app.wiring.content.read(f"s/{linking.site}/{current(linking)['sha256']}/config.json")
    assert b'"layout":"bar"' in config
    assert current(neighbours_shop)["version"] == 1


def test_a_document_that_no_window_links_to_changes_no_window(shop: Shop, stream: Stream) -> None:
    shop.publish_policy("terms", "contract_terms", {"bg": "Условия"})

    stream.deliver()

    assert current(shop)["version"] == 1
