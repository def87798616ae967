import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from functions.ids import TenantId
from functions.upkeep.closing import YearEnd
from tests.support.aws import Account
from tests.support.logs import TestLog

EVE, OPEN, OVER = datetime(2025, 12, 31, 23, tzinfo=UTC), datetime(2026, 1, 7, 23, tzinfo=UTC), datetime(2026, 1, 8, tzinfo=UTC)


@dataclass
class Asked:
    closed: list[int] = field(default_factory=list)

    def close(self, tenant: TenantId, year: int) -> None:  # noqa: ARG002 - as the port has it
        self.closed.append(year)


@pytest.fixture
def log(tenant: Account) -> TestLog:
    log = TestLog(tenant, 2025)
    log.sequencer.sequence(log.entered(EVE, 3), now=EVE)
    return log


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def turn(log: TestLog, asked: Asked) -> Callable[[datetime], None]:
    account = log.account
    year_end = YearEnd(account.log(2025), account.register, asked, account.origin(2026))
    return lambda now: year_end.turn(now=now)


def closing(account: Account) -> bytes | None:
    entry = account.register.read("closing", "2025")
    return None if entry is None else bytes(entry["leaf"]["B"])


def test_the_old_log_stays_open_for_the_late_window(log: TestLog, turn: Callable[[datetime], None], asked: Asked) -> None:
    turn(OPEN)

    assert (asked.closed, closing(log.account)) == ([], None)


def test_then_it_is_closed_and_its_last_checkpoint_becomes_a_leaf_of_the_new_one(
    log: TestLog, turn: Callable[[datetime], None], asked: Asked
) -> None:
    rows = log.account.log(2025)
    turn(OVER)
    head = rows.head()
    assert head is not None
    assert rows.close(head)
    turn(OVER)
    unsigned = closing(log.account)
    log.desk.sign(now=OVER)

    turn(OVER)
    turn(OVER)

    leaf = closing(log.account) or b""
    candidate = TestLog(log.account, 2026).candidates_of("closing", "2025")
    sequenced = TestLog(log.account, 2026).sequencer.sequence([candidate], now=OVER)
    assert asked.closed == [2025, 2025]
    assert unsigned is None
    assert json.loads(leaf)["closed"]["size"] == 3
    assert sequenced.added == 1


def test_a_closed_log_takes_nothing_more_even_from_whoever_still_thinks_it_open(log: TestLog) -> None:
    rows = log.account.log(2025)
    head = rows.head()
    assert head is not None
    rows.close(head)

    from functions.ledger.model import Batch

    batch = Batch.of(log.entered(EVE), head=head, now=OPEN)

    assert rows.commit(batch, head=head) is False
    assert rows.head() is not None
    assert [one.start for one in rows.batches(0, 10)] == [0]
