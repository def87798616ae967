from datetime import datetime, timedelta

import pytest

from functions.clock import to_ms
from functions.ledger.kinds import EntryRef
from functions.ledger.leaf import canonical, leaf_hash
from functions.ledger.model import Candidate, Signed
from functions.ledger.tree import Frontier
from functions.sequencer.service import Sequenced
from tests.support.aws import Account
from tests.support.logs import TestLog


@pytest.fixture
def log(tenant: Account, now: datetime) -> TestLog:
    return TestLog(tenant, now.year)


def test_entries_become_leaves_in_the_order_in_which_they_were_told(log: TestLog, now: datetime) -> None:
    candidates = log.entered(now, 3)

    sequenced = log.sequencer.sequence(candidates, now=now)

    head, batch = log.account.log(now.year).head(), log.account.log(now.year).batch(0)
    assert sequenced == Sequenced(told=3, added=3, late=0, kept_out=0)
    assert head is not None
    assert batch is not None
    assert batch.hashes == tuple(candidate.stated for candidate in candidates)
    assert head.frontier == Frontier().extended(batch.hashes)
    assert head.finished == head.v == 1
    found = log.account.places.find([candidate.ref for candidate in candidates])
    assert [found[candidate.ref].index for candidate in candidates] == [0, 1, 2]
    assert [batch.start for batch in log.handed.batches] == [0]


def test_what_was_told_before_or_twice_in_one_go_enters_once(log: TestLog, now: datetime) -> None:
    first, second = log.entered(now, 2)
    log.sequencer.sequence([first, first], now=now)

    sequenced = log.sequencer.sequence([second, first], now=now)

    head = log.account.log(now.year).head()
    assert sequenced == Sequenced(told=2, added=1, late=0, kept_out=0)
    assert head is not None
    assert head.size == 2


def test_what_is_told_again_costs_no_write(log: TestLog, now: datetime, aws_calls: list[str]) -> None:
    candidates = log.entered(now, 3)
    log.sequencer.sequence(candidates, now=now)
    aws_calls.clear()

    log.sequencer.sequence(candidates, now=now)

    assert aws_calls == ["dynamodb.GetItem", "dynamodb.BatchGetItem"]


def test_more_than_a_batch_holds_becomes_several(log: TestLog, now: datetime) -> None:
    candidates = log.entered(now, 300)

    log.sequencer.sequence(candidates, now=now)

    head = log.account.log(now.year).head()
    assert [len(batch.hashes) for batch in log.account.log(now.year).batches(0, 300)] == [256, 44]
    assert head is not None
    assert head.frontier == Frontier().extended(candidate.stated for candidate in candidates)


def flawed(log: TestLog, now: datetime) -> dict[str, Candidate]:
    good, other = log.entered(now, 2)
    copy = EntryRef("consent#9", good.ref.key)
    ahead = log.entered(now + timedelta(seconds=6))[0]
    foreign = canonical({"typ": "consentinel/consent/v1", "log": "elsewhere", "id": good.ref.key, "at": to_ms(now)})
    spaced = good.leaf.replace(b",", b", ")
    origin = log.account.origin(now.year)
    policy = canonical(
        {"typ": "consentinel/policy-version/v1", "log": origin, "at": to_ms(now), "policy": {"id": "a b", "ver": 1}}
    )
    far = canonical({"typ": "consentinel/consent/v1", "log": origin, "id": good.ref.key, "at": 253_402_300_799_000})
    unknown = canonical({"typ": "consentinel/unheard-of/v1", "log": log.account.origin(now.year), "at": to_ms(now)})
    return {
        "hash": Candidate.of(other.ref, other.leaf, good.stated),
        "key": Candidate.of(copy, good.leaf, good.stated),
        "log": Candidate.of(good.ref, foreign, leaf_hash(foreign)),
        "leaf": Candidate.of(good.ref, spaced, leaf_hash(spaced)),
        "nothing": Candidate.of(good.ref, b"", leaf_hash(b"")),
        "deep": Candidate.of(good.ref, b"[" * 900, leaf_hash(b"[" * 900)),
        "type": Candidate.of(good.ref, unknown, leaf_hash(unknown)),
        "ahead": ahead,
        "spaced key": Candidate.of(EntryRef("policy#a b", "v000001"), policy, leaf_hash(policy)),
        "long key": Candidate.of(EntryRef("consent#0", "x" * 1024), good.leaf, good.stated),
        "far year": Candidate.of(good.ref, far, leaf_hash(far)),
    }


@pytest.mark.parametrize(
    "how", ["hash", "key", "log", "leaf", "nothing", "deep", "type", "ahead", "spaced key", "long key", "far year"]
)
def test_what_is_flawed_is_kept_out_and_holds_nobody_up(log: TestLog, now: datetime, how: str) -> None:
    bad, good = flawed(log, now)[how], log.entered(now)[0]

    sequenced = log.sequencer.sequence([bad, good], now=now)

    found = log.account.places.find([bad.ref, good.ref])
    assert sequenced == Sequenced(told=2, added=1, late=0, kept_out=1)
    assert list(found) == [good.ref]


def test_what_lay_ahead_enters_when_its_time_has_come(log: TestLog, now: datetime) -> None:
    ahead = log.entered(now + timedelta(seconds=6))
    log.sequencer.sequence(ahead, now=now)

    sequenced = log.sequencer.sequence(ahead, now=now + timedelta(seconds=2))

    assert sequenced.added == 1


def test_what_comes_after_the_checkpoint_that_should_have_held_it_is_late(log: TestLog, now: datetime) -> None:
    rows = log.account.log(now.year)
    log.sequencer.sequence(log.entered(now), now=now)
    rows.sign(Signed(1, now, "vkey"))
    old, recent = log.entered(now - timedelta(seconds=61))[0], log.entered(now - timedelta(seconds=59))[0]

    sequenced = log.sequencer.sequence([recent, old], now=now + timedelta(seconds=1))

    found = log.account.places.find([old.ref, recent.ref])
    assert sequenced.late == 1
    assert (found[old.ref].late, found[recent.ref].late) == (True, False)


def test_a_log_takes_late_entries_for_a_week_after_its_year_and_then_no_more(tenant: Account, now: datetime) -> None:
    log = TestLog(tenant, 2025)
    first, second = log.entered(datetime(2025, 12, 31, 23, 59, 59, tzinfo=now.tzinfo), 2)

    in_time = log.sequencer.sequence([first], now=datetime(2026, 1, 7, 23, 59, 59, tzinfo=now.tzinfo))
    after = log.sequencer.sequence([second], now=datetime(2026, 1, 8, tzinfo=now.tzinfo))

    assert (in_time.added, after.added, after.kept_out) == (1, 0, 1)


def test_a_neighbours_log_has_nothing_of_it(log: TestLog, neighbour: Account, now: datetime) -> None:
    candidates = log.entered(now)
    log.sequencer.sequence(candidates, now=now)

    other = TestLog(neighbour, now.year)
    sequenced = other.sequencer.sequence(candidates, now=now)

    assert sequenced.kept_out == 1
    assert neighbour.log(now.year).head() is None
    assert neighbour.places.find([candidates[0].ref]) == {}


def test_what_took_longer_than_was_promised_is_late_though_nothing_was_signed(log: TestLog, now: datetime) -> None:
    long_ago, recent = log.entered(now - timedelta(days=30))[0], log.entered(now - timedelta(seconds=64))[0]

    sequenced = log.sequencer.sequence([long_ago, recent], now=now)

    found = log.account.places.find([long_ago.ref, recent.ref])
    assert sequenced.late == 1
    assert found[long_ago.ref].late
