from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest

from functions.erasures.model import Erasure, State
from functions.erasures.service import read_erasures
from functions.erasures.tasks import LeftOver, erase, retain, terms
from functions.errors import Gone
from functions.ids import SubjectId
from functions.tenants.model import Tenant
from functions.vault.mark import How, Mark, Why
from functions.wiring import Wiring
from tests.functions.erasures.acts import NOW, Crash, crashing, enact, eraser_of, partition, wiring_of
from tests.support.aws import Account, Aws

UNTIL = NOW + timedelta(days=3)


def opened(account: Account) -> Account:
    account.documents.create("tenant", Tenant(account.id, "Rosa").to_json())
    return account


@contextmanager
def restricted(aws: Aws) -> Iterator[tuple[Account, Wiring, SubjectId]]:
    """On a table of its own, because a test of crashes needs many of them."""
    with aws.apart() as alone:
        account, wiring = opened(alone.new_account()), wiring_of(alone)
        sid = account.keys.pseudonym("secret")
        enact(account, sid)
        eraser_of(account, wiring).restrict(sid, until=UNTIL, now=NOW)
        yield account, wiring, sid


def ended(account: Account, wiring: Wiring, sid: SubjectId) -> bool:
    """Whether nothing is left to do and nothing is left over."""
    settings = account.aws.settings
    due = partition(account.aws, settings.vault_table, f"{account.id}#until")
    leaves = partition(account.aws, settings.register_table, f"{account.id}#erasure")
    assert [item["sk"]["S"] for item in leaves] == [f"{sid}#restricted", f"{sid}#shredded"]
    return due == [] and wiring.shredder(account.id).mark(sid) == Mark(How.SHREDDED, Why.RESTRICTION_OVER, done=True)


@pytest.mark.parametrize("moment", ["before-call", "after-call"])
def test_a_day_that_crashed_at_any_call_is_made_up_for_by_the_next(aws: Aws, moment: str) -> None:
    number, crashed = 0, True
    while crashed:
        number, crashed = number + 1, False
        with restricted(aws) as (account, wiring, sid):
            with crashing(account.aws, wiring, at=number, moment=moment):
                try:
                    retain(account.id, UNTIL.date(), wiring=wiring, now=UNTIL)
                except Crash:
                    crashed = True
            following = UNTIL + timedelta(days=1)
            retain(account.id, following.date(), wiring=wiring, now=following)

            assert ended(account, wiring, sid), number
    assert number > 10


def test_a_day_to_come_counts_as_today(aws: Aws) -> None:
    with restricted(aws) as (account, wiring, sid):
        retain(account.id, UNTIL.date(), wiring=wiring, now=NOW)

        assert wiring.shredder(account.id).mark(sid) == Mark(How.RESTRICTED, Why.REQUEST, UNTIL, done=True)


def test_what_is_restricted_is_not_retained_before_its_day(aws: Aws) -> None:
    with aws.apart() as alone:
        account, wiring = opened(alone.new_account()), wiring_of(alone)
        sid, other = account.keys.pseudonym("secret"), account.keys.pseudonym("other")
        for one in (sid, other):
            enact(account, one)
        applying = terms(account.id, wiring)
        later = NOW + applying.decision + applying.limitation + timedelta(days=2)
        eraser_of(account, wiring).restrict(sid, until=later + timedelta(days=9), now=NOW)

        for day in (later, later + timedelta(days=1)):
            retain(account.id, day.date(), wiring=wiring, now=day)

        present = [wiring.shredder(account.id).mark(one) for one in (sid, other)]
        assert [mark.how for mark in present if mark] == [How.RESTRICTED, How.SHREDDED]


def retiring(aws: Aws) -> tuple[Account, Wiring, SubjectId, datetime]:
    """Somebody whose proof nobody needs any more, on the day that this is found."""
    account, wiring = opened(aws.new_account()), wiring_of(aws)
    sid, applying = account.keys.pseudonym("secret"), terms(account.id, wiring)
    enact(account, sid)
    found = NOW + applying.decision + applying.limitation + timedelta(days=2)
    retain(account.id, found.date(), wiring=wiring, now=found)
    return account, wiring, sid, found + timedelta(days=1)


def test_proof_that_nobody_needs_is_retired_a_day_before_it_goes(aws: Aws) -> None:
    with aws.apart() as alone:
        account, wiring, sid, following = retiring(alone)
        readable = account.vault.subjects([sid])
        with pytest.raises(Gone):
            account.vault.subject(sid)
        before = wiring.shredder(account.id).mark(sid)

        retain(account.id, following.date(), wiring=wiring, now=following)

        assert (list(readable), before) == ([sid], None)
        assert wiring.shredder(account.id).mark(sid) == Mark(How.SHREDDED, Why.RETENTION, done=True)


def test_an_act_that_no_listing_told_of_yet_keeps_the_key(aws: Aws) -> None:
    with aws.apart() as alone:
        account, wiring, sid, following = retiring(alone)
        # As if it had been entered just before they were retired.
        with_its_key = account.vault.subjects([sid])[sid]
        enact(account, sid, following - timedelta(days=1), owner=with_its_key)

        retain(account.id, following.date(), wiring=wiring, now=following)

        assert wiring.shredder(account.id).mark(sid) is None
        assert account.vault.subject(sid).id == sid
        assert partition(alone, alone.settings.vault_table, f"{account.id}#until") == []


def test_one_subject_of_whom_something_is_broken_keeps_no_other_waiting(aws: Aws) -> None:
    with restricted(aws) as (account, wiring, sid):
        broken = account.keys.pseudonym("broken")
        enact(account, broken)
        asked = Erasure(broken, How.RESTRICTED, "a letter", "key:0123456789ab", NOW, UNTIL)
        account.documents.create(f"erasure#{broken}#restricted", asked.to_json())
        table, key = account.vault.table, {"pk": {"S": f"{account.id}#subject#{broken}"}, "sk": {"S": "key"}}
        table.client.put_item(TableName=table.name, Item={**key, "wrapped": {"B": b"not a key"}})

        with pytest.raises(LeftOver):
            retain(account.id, UNTIL.date(), wiring=wiring, now=UNTIL)

        assert ended(account, wiring, sid)


def test_a_request_whose_message_was_lost_is_done_by_the_day(tenant: Account, neighbour: Account, wiring: Wiring) -> None:
    sid = opened(tenant).keys.pseudonym("secret")
    enact(tenant, sid)
    asked = Erasure(sid, How.SHREDDED, "a letter", "key:0123456789ab", NOW)
    tenant.documents.create(f"erasure#{sid}#shredded", asked.to_json())
    erase(neighbour.id, sid, wiring=wiring, now=NOW)
    assert wiring.shredder(tenant.id).mark(sid) is None

    retain(tenant.id, NOW.date(), wiring=wiring, now=NOW)

    assert [one.state for one in read_erasures(sid, documents=tenant.documents)] == [State.DONE]
    assert wiring.shredder(tenant.id).mark(sid) == Mark(How.SHREDDED, Why.REQUEST, done=True)
