from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from functions.ledger.kinds import EntryRef
from functions.upkeep.partitions import partitions_of
from functions.upkeep.reconciling import Reconciliation
from tests.support.aws import Account
from tests.support.logs import TestLog


@dataclass
class Fed:
    refs: list[EntryRef] = field(default_factory=list)

    def sequence(self, refs: Sequence[EntryRef]) -> None:
        self.refs += refs


@pytest.fixture
def log(tenant: Account, now: datetime) -> TestLog:
    return TestLog(tenant, now.year)


def reconciled(account: Account, since: datetime, now: datetime, partitions: Sequence[str] = ()) -> list[EntryRef]:
    fed = Fed()
    told = Reconciliation(account.register, account.places, fed, partitions).reconcile(since=since, now=now)
    assert told == len(fed.refs)
    return fed.refs


def test_entries_that_the_stream_never_told_of_are_told_of_after_two_minutes(
    log: TestLog, neighbour: Account, now: datetime
) -> None:
    known, lost = log.entered(now, 2)
    log.sequencer.sequence([known], now=now)
    hour = now - timedelta(hours=1)

    at_once = reconciled(log.account, hour, now + timedelta(seconds=119))
    later = reconciled(log.account, hour, now + timedelta(seconds=120))

    assert (at_once, later) == ([], [lost.ref])
    assert reconciled(neighbour, hour, now + timedelta(minutes=5)) == []


def test_what_is_told_of_again_gets_its_place_and_is_not_told_of_any_more(log: TestLog, now: datetime) -> None:
    log.entered(now, 130)
    hour, later = now - timedelta(hours=1), now + timedelta(minutes=3)
    refs = reconciled(log.account, hour, later)

    log.sequencer.sequence(log.candidates(refs), now=later)

    assert len(refs) == 130
    assert reconciled(log.account, hour, later) == []


def test_an_id_that_was_made_before_the_stretch_is_for_the_daily_round(log: TestLog, now: datetime) -> None:
    (old,) = log.entered(now - timedelta(days=7))

    assert reconciled(log.account, now - timedelta(hours=1), now) == []
    assert reconciled(log.account, now - timedelta(days=8), now) == [old.ref]


def test_entries_about_documents_and_sites_and_what_was_seen_are_told_of_too(log: TestLog, now: datetime) -> None:
    account = log.account
    account.documents.create("policy#terms", {})
    account.documents.create("site#main", {})
    for partition, key in (("policy#terms", "v000001"), ("config#main", "v000001"), ("tamper", "12"), ("closing", "2025")):
        account.register.append(partition, key, log.leaf("x", now), {})

    refs = reconciled(account, now, now + timedelta(minutes=3), list(partitions_of(account.documents)))

    assert sorted(map(str, refs)) == ["closing 2025", "config#main v000001", "policy#terms v000001", "tamper 12"]
