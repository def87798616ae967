"""The whole app over HTTP, on moto, with shops that are set up through it."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest

from functions.cli.accounts import open_account
from functions.ids import SiteKey
from tests.support.aws import Aws
from tests.support.http import Http
from tests.support.storefront import BANNER, ORIGIN, Shop
from tests.support.streams import Stream


@pytest.fixture(scope="session")
def app(aws: Aws) -> ModuleType:  # noqa: ARG001 - the environment it makes is where the app finds itself
    import app

    return app


@pytest.fixture(scope="session")
def http(app: ModuleType) -> Http:
    return Http(app.app, app.apis)


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def open_shop(app: ModuleType, http: Http, now: datetime) -> Callable[[str], Shop]:
    """Set up an account with a site whose window is published."""

    def opened(name: str) -> Shop:
        profile = {"contact_email": "owner@example.com", "languages": ["bg"]}
        tenant, key = open_account(name, profile=profile, wiring=app.wiring, now=now)
        shop = Shop(http, tenant, str(key), SiteKey(f"pk_{tenant}_main"))
        assert shop.call("POST", "/sites", {"site": "main", "name": name, "origins": [ORIGIN]}).status == 201
        assert shop.call("PUT", "/sites/main/banner", BANNER).status == 200
        published = shop.call("POST", "/sites/main/configs", {"after": 0})
        assert published.status == 201, published.text
        config: dict[str, Any] = published.json
        return Shop(http, tenant, str(key), shop.site, config)

    return opened


@pytest.fixture
def shop(open_shop: Callable[[str], Shop]) -> Shop:
    return open_shop("Rosa")


@pytest.fixture
def neighbours_shop(open_shop: Callable[[str], Shop]) -> Shop:
    return open_shop("Thyme")


@pytest.fixture
def stream(aws: Aws, app: ModuleType) -> Stream:
    """The register's stream, which a test delivers when it wants."""
    return Stream(aws, app)
