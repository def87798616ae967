from datetime import UTC, datetime, timedelta

import pytest

from functions.clock import to_ms
from functions.errors import Invalid
from functions.ids import RecordId
from functions.listings.model import Row, Rows, Window, listings_of, matter_of
from tests.support.storefront import uuid7

SAYS = {"sec": "banner", "sid": "AAAAAAAAAAAAAAAAAAAAAA", "site": "main"}
NOW = datetime(2027, 1, 1, 0, 0, 0, tzinfo=UTC)


def row(at: datetime) -> Row:
    return Row(to_ms(at), RecordId(uuid7(at)))


def test_a_row_is_read_as_it_was_written_and_sorts_by_time() -> None:
    first, second = row(NOW), row(NOW + timedelta(milliseconds=1))

    assert Row.parse(str(first)) == first
    assert str(first) < str(second)
    assert Row.parse(f"{first}x") is None
    assert Row.parse("") is None


def test_a_decision_stands_in_the_listings_of_its_section_and_subject_and_an_answer_in_its_documents_too() -> None:
    answer = SAYS | {"sec": "checkout", "pol": {"id": "terms", "ver": 1}}

    assert listings_of(SAYS) == ["all", "site#main", "section#banner", "subject#AAAAAAAAAAAAAAAAAAAAAA"]
    assert listings_of(answer) == ["all", "site#main", "section#checkout", "subject#AAAAAAAAAAAAAAAAAAAAAA", "policy#terms"]
    assert (matter_of(SAYS), matter_of(answer)) == ("categories#main", "policy#terms")


@pytest.mark.parametrize(
    ("since", "until", "years"),
    [
        (None, None, [2027, 2026]),
        ("2026-12-31T23:59:59.999Z", None, [2027, 2026]),
        ("2027-01-01T00:00:00Z", None, [2027]),
        (None, "2027-01-01T00:00:00Z", [2026]),
        (None, "2027-01-01T02:00:00+02:00", [2026]),
        (None, "2026-01-01T00:00:00Z", []),
        ("1970-01-01T00:00:00Z", "1971-01-01T00:00:00Z", []),
        ("2028-01-01T00:00:00Z", None, []),
    ],
)
def test_a_window_spans_the_years_that_it_touches_newest_first(since: str | None, until: str | None, years: list[int]) -> None:
    assert list(Window.parse(since, until, None, now=NOW).years()) == years


def test_a_page_gives_a_cursor_only_when_there_is_more_and_the_next_window_starts_under_it() -> None:
    found = [row(NOW - timedelta(seconds=seconds)) for seconds in range(3)]

    page = Rows.of(found, limit=2)
    last = Rows.of(found[:2], limit=2)

    assert page.rows == tuple(found[:2])
    assert last.cursor is None
    assert page.cursor is not None
    following = Window.parse(None, None, page.cursor, now=NOW)
    assert following.below == found[1]
    low, high = following.bounds()
    assert low <= str(found[2]) <= high
    assert high == str(found[1])


def test_a_cursor_crosses_the_turn_of_the_year() -> None:
    page = Rows.of([row(datetime(2026, 12, 31, 23, tzinfo=UTC)), row(datetime(2026, 6, 1, tzinfo=UTC))], limit=1)

    following = Window.parse(None, None, page.cursor, now=NOW)

    assert list(following.years()) == [2026]


@pytest.mark.parametrize("cursor", ["x", "äöü", "AAAA", "MTIz", "////", "=" * 5])
def test_a_made_up_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid, match="cursor"):
        Window.parse(None, None, cursor, now=NOW)


def test_a_window_ends_now_whatever_was_asked_for() -> None:
    far = Window.parse(None, "9999-12-31T00:00:00Z", None, now=NOW)

    assert list(far.years()) == [2027, 2026]
    assert len(far.bounds()[1].partition("#")[0]) == 13


def test_a_cursor_from_the_future_is_refused() -> None:
    page = Rows.of([row(NOW + timedelta(days=400)), row(NOW)], limit=1)

    with pytest.raises(Invalid, match="cursor"):
        Window.parse(None, None, page.cursor, now=NOW)
