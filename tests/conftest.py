"""One AWS for the session, and for each test a tenant of its own beside a neighbour who must see nothing of it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.support import aws as support
from tests.support.aws import Account, Aws


@pytest.fixture(scope="session")
def aws() -> Iterator[Aws]:
    with support.started() as engine:
        yield engine


@pytest.fixture(scope="module", autouse=True)
def emptied() -> Iterator[None]:
    """What the tests of one module leave behind would slow those of the next."""
    yield
    support.empty()


@pytest.fixture
def tenant(aws: Aws) -> Account:
    return aws.new_account()


@pytest.fixture
def tenant_apart(aws: Aws) -> Iterator[Account]:
    """A tenant on a table that nobody else uses and that is gone after the test, for rows of hundreds of kilobytes."""
    with aws.apart() as alone:
        yield alone.new_account()


@pytest.fixture
def neighbour(aws: Aws) -> Account:
    return aws.new_account()


@pytest.fixture
def aws_calls(aws: Aws) -> list[str]:  # noqa: ARG001 - calls are made there
    """The AWS calls made since the test began or since it cleared the list, as `dynamodb.PutItem`."""
    support.CALLS.clear()
    return support.CALLS


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 3, 1, 12, 0, 0, 123_456, tzinfo=UTC)
