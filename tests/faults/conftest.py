"""A shop with a document, and the story of a visitor of it."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import ModuleType, SimpleNamespace
from typing import Any

import botocore.endpoint
import pytest

from functions.cli.accounts import open_account
from functions.ids import SiteKey
from tests.faults.story import Story, forget
from tests.support.aws import Aws
from tests.support.http import Http
from tests.support.storefront import BANNER, ORIGIN, Shop
from tests.support.streams import Stream


@pytest.fixture(scope="module")
def app(aws: Aws) -> ModuleType:  # noqa: ARG001 - the environment it makes is where the app finds itself
    import app

    return app


@pytest.fixture(scope="module")
def story_of(aws: Aws, app: ModuleType) -> Callable[[], Story]:
    """A new shop each time; the container has just started."""
    http = Http(app.app, app.apis)

    def opened() -> Story:
        now, stream = datetime.now(UTC), Stream(aws, app)
        profile = {"contact_email": "owner@example.com", "languages": ["bg"]}
        tenant, key = open_account("Rosa", profile=profile, wiring=app.wiring, now=now)
        shop = Shop(http, tenant, str(key), SiteKey(f"pk_{tenant}_main"))
        shop.call("POST", "/sites", {"site": "main", "name": "Rosa", "origins": [ORIGIN]})
        shop.call("PUT", "/sites/main/banner", BANNER)
        config: Any = shop.call("POST", "/sites/main/configs", {"after": 0}).json
        story = Story(app, aws, Shop(http, tenant, str(key), shop.site, config), stream, now)
        story.shop.publish_policy("terms", "contract_terms", {"bg": "Условия"})
        for queue in ("batch_queue", "ledger_queue", "upkeep_queue", "mail_queue"):
            story.stream.queue(story.aws_queue(queue))
        forget(app)
        return story

    return opened


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK tries again at once."""
    monkeypatch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=lambda _: None))
