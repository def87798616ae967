"""Entries as statistics see them, what a list of them comes to, and a client in whose calls something happens."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

from functions.clock import to_ms
from functions.dynamo import Item, Table
from functions.ids import SubjectId
from functions.ledger.leaf import canonical
from functions.statistics.days import Period
from functions.statistics.model import Countable, Part, Sheet, countable
from functions.statistics.service import Counting
from functions.statistics.table import StatisticsRows
from tests.support.aws import Account
from tests.support.storefront import uuid7

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ALWAYS = Period(date(2026, 1, 1), date(2027, 1, 1))
ANN, BEN = SubjectId("A" * 22), SubjectId("B" * 21 + "A")
GRANTED = {0: "refused", 1: "partial", 2: "partial", 3: "given"}
Counters = dict[Sheet, dict[str, int]]


def says(at: datetime = NOON, subject: SubjectId = ANN, *granted: str, **members: Any) -> dict[str, Any]:
    """A decision in the window."""
    return {
        "typ": "consentinel/consent/v1",
        "log": "log.example/1",
        "id": uuid7(at),
        "at": to_ms(at),
        "site": "main",
        "sid": subject,
        "act": GRANTED[len(granted)],
        "sec": "banner",
        "ui": {"lang": "bg", "gpc": False, "layer": "banner", "via": "button"},
        "cfg": {"ver": 1, "sha256": "0" * 64},
        "cat": {name: name in {"necessary", *granted} for name in ("necessary", "performance", "functional", "targeting")},
        **members,
    }


def ticked(at: datetime = NOON, subject: SubjectId = ANN, **members: Any) -> dict[str, Any]:
    """A box in the checkout."""
    policy = {"id": "terms", "ver": 1, "sha256": "0" * 64, "lang": "bg"}
    decided = says(at, subject, act="given", sec="checkout", pol=policy, **members)
    return {name: value for name, value in decided.items() if name not in {"cfg", "cat"}}


def entry(said: dict[str, Any], *, sequenced_at: datetime = NOON) -> Countable:
    made = countable(canonical(said), sequenced_at=sequenced_at)
    assert made is not None
    return made


def part(number: int, *decided: dict[str, Any], sequenced_at: datetime = NOON) -> Part:
    return Part(2026, number * 10, 0, tuple(entry(one, sequenced_at=sequenced_at) for one in decided))


def changing_minds() -> list[Part]:
    """Three batches in which visitors come back, on the same day and the next, to two sites and a document."""
    later, next_day = NOON + timedelta(minutes=1), NOON + timedelta(days=1)
    return [
        part(0, says(NOON, ANN), says(NOON, BEN, "performance"), ticked(NOON, ANN)),
        part(1, says(later, ANN, "performance", "functional", "targeting"), says(later, BEN, site="other")),
        part(2, says(next_day, ANN), says(later + timedelta(minutes=1), BEN, cfg={"ver": 2, "sha256": "1" * 64})),
    ]


def summed(entries: Iterable[Countable]) -> Counters:
    """What a list of all entries comes to: the model that the tables are held to."""
    entries = list(entries)
    last = {(one.visit or number): one.decision for number, one in enumerate(sorted(entries, key=lambda one: one.decision))}
    sheets: dict[Sheet, Counter[str]] = {one.sheet: Counter() for one in entries}
    for one in entries:
        sheets[one.sheet]["acts"] += 1
    for number, one in enumerate(sorted(entries, key=lambda one: one.decision)):
        if last[one.visit or number] == one.decision:
            sheets[one.sheet].update(one.decision.counts)
    return {sheet: dict(counters) for sheet, counters in sheets.items()}


def of_parts(parts: Iterable[Part]) -> Counters:
    return summed(entry for one in parts for entry in one.entries)


def rows_of(account: Account) -> StatisticsRows:
    return StatisticsRows(Table(account.aws.dynamodb, account.aws.settings.ledger_table), account.id)


def counters_in(counting: Counting) -> Counters:
    """What is read now, zeros left out."""
    sheets = counting.sheets(ALWAYS, generation=counting.generations().current)
    return {sheet: {name: n for name, n in counters.items() if n} for sheet, counters in sheets}


def dump(account: Account) -> list[Item]:
    """Every row of the tenant's in the ledger's table."""
    pages = account.aws.dynamodb.get_paginator("scan").paginate(
        TableName=account.aws.settings.ledger_table, ConsistentRead=True
    )
    items: list[Any] = [item for page in pages for item in page["Items"]]
    return [item for item in items if item["pk"]["S"].startswith(f"{account.id}#")]


class Crash(Exception):
    """The function's process is gone."""


def crash() -> None:
    raise Crash


@contextmanager
def after_call(account: Account, number: int, happens: Callable[[], object]) -> Iterator[list[str]]:
    """Something happens when DynamoDB has answered the call of that number, and calls that it makes itself are not counted."""
    calls: list[str] = []
    busy = False

    def hook(model: Any, **_: Any) -> None:
        nonlocal busy
        if busy:
            return
        calls.append(model.name)
        if len(calls) == number:
            busy = True
            try:
                happens()
            finally:
                busy = False

    events = account.aws.dynamodb.meta.events
    events.register("after-call", hook)
    try:
        yield calls
    finally:
        events.unregister("after-call", hook)
