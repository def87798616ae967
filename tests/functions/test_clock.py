from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.clock import LAST_MS, from_ms, monotonic, parsed, to_ms, utc_now, written
from functions.errors import Invalid

moments = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


@settings(deadline=None, max_examples=200)
@given(moments)
def test_milliseconds_are_cut_off_never_rounded_up(at: datetime) -> None:
    back = from_ms(to_ms(at))

    assert timedelta(0) <= at - back < timedelta(milliseconds=1)
    assert to_ms(back) == to_ms(at)


def test_a_moment_is_the_same_in_every_zone() -> None:
    at = datetime(2026, 3, 1, 12, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))

    assert to_ms(at) == 1772359200999
    assert from_ms(1772359200999) == datetime(2026, 3, 1, 10, 0, 0, 999_000, tzinfo=UTC)


def test_now_is_aware_and_in_utc() -> None:
    assert utc_now().tzinfo is UTC


def test_monotonic_time_does_not_go_back() -> None:
    earlier = monotonic()

    assert monotonic() >= earlier


@settings(deadline=None, max_examples=100)
@given(moments)
def test_what_is_written_is_read_back_to_the_millisecond(at: datetime) -> None:
    assert to_ms(parsed(written(to_ms(at)), "/at")) == to_ms(at)


def test_a_moment_is_written_in_utc_and_never_beyond_the_calendar() -> None:
    assert written(1772359200999) == "2026-03-01T10:00:00.999Z"
    assert written(0) == "1970-01-01T00:00:00.000Z"
    assert written(2**53 - 1) == written(LAST_MS) == "9999-12-31T23:59:59.999Z"


def test_a_moment_with_an_offset_becomes_one_in_utc() -> None:
    assert parsed("2026-03-01T12:00:00+02:00", "/at") == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert parsed("2026-03-01T12:00:00+02:00", "/at").tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-03-01",
        "2026-03-01T12:00:00",
        "2026-13-01T12:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_what_is_no_moment_or_has_no_offset_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parsed(text, "/effective_at")

    assert refusal.value.violations[0].pointer == "/effective_at"
    assert not text or text not in refusal.value.detail
