"""The engines that the local stack runs on, each in a process of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.local.engines import Engine, MotoEngine, engine_of
from tests.engine.bound import Bound, Rows

ENGINES = ("moto", "ministack")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.engine)


@contextmanager
def running(engine: Engine) -> Iterator[Engine]:
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()


@pytest.fixture(scope="session", params=ENGINES)
def bound(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bound]:
    """Each test that takes it runs on every engine."""
    with running(engine_of(request.param, state=tmp_path_factory.mktemp("engine"), port=0)) as engine:
        yield Bound(engine.address)


@pytest.fixture
def rows(bound: Bound) -> Rows:
    return bound.tenant()


@pytest.fixture
def moto_engine(tmp_path: Path) -> MotoEngine:
    """One that nobody has started yet, with a state of its own."""
    return MotoEngine(tmp_path / "moto", port=0)
