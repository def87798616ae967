"""Schedules: `rate(…)` from the start on, `cron(…)` in UTC, as EventBridge reads them."""

import logging
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from functions.clock import utc_now
from infra.local.pump.sources import Event, Source
from infra.local.resources import REGION
from infra.local.template import ACCOUNT

log = logging.getLogger(__name__)
RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")


class NotASchedule(ValueError):
    """The ticker cannot read the expression; EventBridge may know more of them."""


@dataclass
class Ticker:
    """Calls a function when its time has come; what fell into a time when nothing ran is not made up for."""

    source: Source
    due_at: datetime | None = None

    def poll(self) -> bool:
        """Tells whether it was time."""
        now = utc_now()
        if self.due_at is None:
            self.due_at = first(self.expression, now)
        if now < self.due_at:
            return False
        self.due_at = following(self.expression, now)
        try:
            self.source.call(event_of(self.source.name, now))
        except Exception:  # whatever a function raises; its next time comes all the same
            log.exception("%s failed", self.source.name)
        return True

    @property
    def expression(self) -> str:
        return str(self.source.properties["Schedule"])


def event_of(name: str, now: datetime) -> Event:
    """As EventBridge hands a function over that its time has come."""
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{name}"],
        "detail": {},
    }


def first(expression: str, now: datetime) -> datetime:
    """A rate begins at once."""
    return now if RATE.fullmatch(expression) else following(expression, now)


def following(expression: str, now: datetime) -> datetime:
    """The next time after now. Raises `NotASchedule`."""
    if rate := RATE.fullmatch(expression):
        return now + timedelta(**{rate[2] + "s": int(rate[1])})
    if cron := CRON.fullmatch(expression):
        minute, hour, day, month, weekday, year = cron.groups()
        if {day, weekday} <= {"*", "?"} and (month, year) == ("*", "*"):
            return _following_minute(minute, hour, now)
    raise NotASchedule(
        f"The local stack cannot read the schedule {expression}; it knows rates, and crons of minutes and hours."
    )


def _following_minute(minute: str, hour: str, now: datetime) -> datetime:
    at = now.replace(second=0, microsecond=0)
    for _ in range(24 * 60):
        at += timedelta(minutes=1)
        if _in(minute, at.minute) and _in(hour, at.hour):
            return at
    raise NotASchedule(f"There is no minute {minute} of an hour {hour}.")


def _in(part: str, value: int) -> bool:
    return any(_one(one, value) for one in part.split(","))


def _one(part: str, value: int) -> bool:
    if "/" in part:
        start, step = part.split("/")
        begin = 0 if start == "*" else int(start)
        return value >= begin and (value - begin) % int(step) == 0
    return part == "*" or int(part) == value
