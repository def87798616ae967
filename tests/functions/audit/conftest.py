"""Accounts on tables that nobody else uses: an audit scans the whole register."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.support.aws import Account, Aws


@pytest.fixture
def tables(aws: Aws) -> Iterator[Aws]:
    with aws.apart() as one, aws.apart() as other:
        own = replace(
            aws.settings,
            register_table=one.settings.register_table,
            ledger_table=other.settings.ledger_table,
            workspace_table=other.settings.workspace_table,
        )
        yield replace(aws, settings=own)


@pytest.fixture
def tenant(tables: Aws) -> Account:
    return tables.new_account()


@pytest.fixture
def neighbour(tables: Aws) -> Account:
    return tables.new_account()
