from datetime import UTC, datetime

import pytest

from functions.clock import to_ms
from functions.dynamo import Table
from functions.ids import RecordId, SubjectId
from functions.listings.model import Row, Window
from functions.listings.table import Listings
from tests.support.aws import Account
from tests.support.storefront import uuid7

NOW = datetime(2027, 6, 1, tzinfo=UTC)
SUBJECT = SubjectId("AAAAAAAAAAAAAAAAAAAAAA")


def listings(account: Account) -> Listings:
    return Listings(Table(account.aws.dynamodb, account.aws.settings.ledger_table), account.id)


def rows(*years: int) -> list[Row]:
    moments = [datetime(year, month, 1, tzinfo=UTC) for year in years for month in (3, 4)]
    return [Row(to_ms(moment), RecordId(uuid7(moment))) for moment in moments]


def read(account: Account, *, limit: int = 50, cursor: str | None = None) -> tuple[list[Row], str | None]:
    page = listings(account).page("all", Window.parse(None, None, cursor, now=NOW), limit=limit)
    return list(page.rows), page.cursor


def test_a_listing_runs_over_the_years_newest_first(tenant: Account, neighbour: Account) -> None:
    entered = rows(2026, 2027)
    for row in entered:
        listings(tenant).enter(["all", "section#banner"], row)

    assert read(tenant) == (sorted(entered, reverse=True), None)
    assert read(neighbour) == ([], None)


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
def test_pages_of_any_size_hold_every_row_once(tenant: Account, limit: int) -> None:
    entered = rows(2026, 2027)
    for row in entered:
        listings(tenant).enter(["all"], row)

    found: list[Row] = []
    page, cursor = read(tenant, limit=limit)
    while cursor is not None:
        found += page
        page, cursor = read(tenant, limit=limit, cursor=cursor)
    found += page

    assert found == sorted(entered, reverse=True)


def test_rows_of_the_same_millisecond_are_all_found(tenant: Account) -> None:
    entered = [Row(to_ms(NOW) - 1, RecordId(uuid7(NOW))) for _ in range(5)]
    for row in entered:
        listings(tenant).enter(["all"], row)

    first, cursor = read(tenant, limit=3)
    second, end = read(tenant, limit=3, cursor=cursor)

    assert [*first, *second] == sorted(entered, reverse=True)
    assert end is None


def test_entering_a_row_again_changes_nothing(tenant: Account) -> None:
    (row, _) = rows(2027)
    listings(tenant).enter(["all"], row)

    listings(tenant).enter(["all"], row)

    assert read(tenant) == ([row], None)


def test_the_latest_act_on_a_matter_stays_whichever_is_told_first(tenant: Account, neighbour: Account) -> None:
    for at in (5, 9, 7):
        listings(tenant).note_last(SUBJECT, "policy#terms", at)

    wanted = [(SUBJECT, "policy#terms"), (SUBJECT, "policy#other")]

    assert listings(tenant).last(wanted) == {(SUBJECT, "policy#terms"): 9}
    assert listings(neighbour).last(wanted) == {}
