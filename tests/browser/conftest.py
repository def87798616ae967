"""Every test here drives the one Chromium of the session."""

from pathlib import Path

import pytest

from tests.support.browser import browser, context, internet, internet_of_the_session, page, shop

__all__ = ["browser", "context", "internet", "internet_of_the_session", "page", "shop"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
