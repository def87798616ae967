import pytest

from functions.audit.reading import StoredObjects, StoredRows
from functions.dynamo import Table
from functions.ids import TenantId
from functions.ledger.kinds import EntryRef
from tests.support.aws import Account, Aws

SIZES = [1, 2, 9, 10, 11, 99, 100, 101, 1000, 1001]
NO_SIZES = ["007", "x", "5/1", "0", "-3", "12x", "٣"]


@pytest.fixture(scope="module")
def folder(aws: Aws) -> str:
    objects, folder = aws.log_objects, TenantId.new()
    for name in [*SIZES, *NO_SIZES]:
        objects.put_once(f"{folder}/checkpoint/{name}", b"")
    objects.put_once(f"{folder}x/checkpoint/50", b"")
    return folder


@pytest.mark.parametrize("page", [1, 2, 1000])
@pytest.mark.parametrize(("above", "up_to"), [(0, 2000), (2, 100), (9, 10), (10, 11), (100, 999), (1001, 5000), (5, 5)])
def test_sizes_come_in_order_though_their_names_do_not(aws: Aws, folder: str, above: int, up_to: int, page: int) -> None:
    objects = StoredObjects(aws.log_objects, page)

    sizes = list(objects.sizes(folder, above=above, up_to=up_to))

    assert sizes == [size for size in SIZES if above < size <= up_to]


def test_what_lies_beyond_a_size_is_found_whatever_its_length(aws: Aws, folder: str) -> None:
    objects = StoredObjects(aws.log_objects, 3)

    assert sorted(objects.beyond(folder, 99)) == [100, 101, 1000, 1001]
    assert list(objects.beyond(folder, 1001)) == []


def test_keys_that_there_cannot_be_are_not_asked_for(tenant: Account, tables: Aws, aws_calls: list[str]) -> None:
    register, ledger = (Table(tables.dynamodb, name) for name in (tables.settings.register_table, tables.settings.ledger_table))
    rows, impossible = (
        StoredRows(register, ledger),
        [EntryRef("consent#0", ""), EntryRef("x" * 3000, "1"), EntryRef("", "k" * 1025)],
    )

    assert rows.entries(tenant.id, impossible) == rows.locators(tenant.id, impossible) == {}
    assert aws_calls == []


def test_a_neighbours_rows_are_not_read(tenant: Account, neighbour: Account, tables: Aws) -> None:
    register, ledger = (Table(tables.dynamodb, name) for name in (tables.settings.register_table, tables.settings.ledger_table))
    tenant.register.append("consent#0", "1", b"leaf", {})
    rows, ref = StoredRows(register, ledger), EntryRef("consent#0", "1")

    assert ref in rows.entries(tenant.id, [ref])
    assert rows.entries(neighbour.id, [ref]) == {}
