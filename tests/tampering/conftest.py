"""Tables that nobody else uses, and an authority that dates checkpoints."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.support.aws import Aws
from tests.support.receipts import Authority
from tests.tampering.world import World, tables_of_its_own


@pytest.fixture(scope="package")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.opened(tmp_path_factory.mktemp("authority") / "kept", algorithm="EC")


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)  # the watcher and the authority have clocks of their own


@pytest.fixture
def own(aws: Aws) -> Iterator[Aws]:
    with tables_of_its_own(aws) as tables:
        yield tables


@pytest.fixture
def world(own: Aws, now: datetime) -> World:
    return World.opened(own, now)
