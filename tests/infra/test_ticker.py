"""When a schedule's time has come."""

from datetime import UTC, datetime

import pytest

from infra.local.pump.ticker import NotASchedule, first, following

NOW = datetime(2026, 11, 25, 14, 37, 12, tzinfo=UTC)


def test_a_rate_begins_at_once() -> None:
    assert first("rate(5 minutes)", NOW) == NOW


@pytest.mark.parametrize(
    ("expression", "next_at"),
    [
        ("rate(1 minute)", datetime(2026, 11, 25, 14, 38, 12, tzinfo=UTC)),
        ("rate(6 hours)", datetime(2026, 11, 25, 20, 37, 12, tzinfo=UTC)),
        ("rate(1 day)", datetime(2026, 11, 26, 14, 37, 12, tzinfo=UTC)),
        ("cron(0 3 * * ? *)", datetime(2026, 11, 26, 3, 0, tzinfo=UTC)),
        ("cron(38 14 * * ? *)", datetime(2026, 11, 25, 14, 38, tzinfo=UTC)),
        ("cron(37 14 * * ? *)", datetime(2026, 11, 26, 14, 37, tzinfo=UTC)),
        ("cron(0/15 * * * ? *)", datetime(2026, 11, 25, 14, 45, tzinfo=UTC)),
        ("cron(5,50 * ? * * *)", datetime(2026, 11, 25, 14, 50, tzinfo=UTC)),
    ],
)
def test_the_next_time_is_the_one_after_now(expression: str, next_at: datetime) -> None:
    assert following(expression, NOW) == next_at


@pytest.mark.parametrize("expression", ["", "rate(5 weeks)", "cron(0 3 1 * ? *)", "cron(0 3 ? * MON *)", "cron(61 3 * * ? *)"])
def test_what_cannot_be_read_is_said_and_not_guessed(expression: str) -> None:
    with pytest.raises(NotASchedule):
        following(expression, NOW)
