from datetime import datetime
from typing import Any

import pytest

from functions.audit.rows import Item, Unreadable, batch_of, binary, head_of, located_of, packed, unpacked
from tests.functions.audit.history import LATE_BATCH, History
from tests.support.aws import Account

HUGE = {"N": "9" * 18}
GARBAGE: list[Any] = [{"S": "x"}, {"S": ""}, {"N": "-1"}, {"N": "1e9"}, HUGE, {"B": b"x"}, {"L": [{}]}, {"NULL": True}]


@pytest.fixture
def history(tenant: Account, now: datetime) -> History:
    return History.of(tenant, now)


def refused(item: Item, name: str, read: Any) -> list[object]:
    """What of the garbage is read as something all the same."""
    passed: list[object] = []
    for garbage in GARBAGE:
        try:
            read({**item, name: garbage})
        except Unreadable:
            continue
        passed.append(garbage)
    return passed


def test_a_head_with_anything_else_in_it_is_unreadable(history: History) -> None:
    head = history.take("head")

    for name in ("size", "roots", "origin", "signed_at"):
        assert refused(head, name, head_of) == [], name
    # Whole numbers that are the wrong ones are for the audit to find.
    for name in ("v", "last", "signed_size", "finished"):
        assert refused(head, name, head_of) == [HUGE], name
    for name in ("size", "roots", "origin", "v", "last", "signed_at", "vkey"):
        with pytest.raises(Unreadable):
            head_of({key: value for key, value in head.items() if key != name})


def test_a_batch_with_anything_else_in_it_is_unreadable(history: History) -> None:
    batch = history.take(LATE_BATCH)

    for name in ("hashes", "refs", "at", "late"):
        assert refused(batch, name, batch_of) == [], name
    for name in ("hashes", "refs", "at"):
        with pytest.raises(Unreadable):
            batch_of({key: value for key, value in batch.items() if key != name})
    for key in ("batch#3", "batch#", "batch#000000000003x", "batch#-00000000003"):
        with pytest.raises(Unreadable):
            batch_of(batch | {"sk": {"S": key}})


def test_what_is_no_locator_and_no_binary_is_nothing() -> None:
    assert located_of({"year": {"N": "x"}}) is None
    assert binary({"leaf": {"S": "text"}}, "leaf") == b""


def test_a_row_survives_json(history: History) -> None:
    head = history.take("head")

    assert unpacked(packed(head)) == head
