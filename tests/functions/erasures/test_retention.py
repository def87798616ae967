from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.consents.receipt import signer_of
from functions.consents.table import ConsentRecords
from functions.erasures.retention import Keeper, Progress, Terms, midnight
from functions.ids import SubjectId
from functions.regimes.model import regimes
from tests.functions.erasures.acts import NOW, POLICY, enact, listings_of
from tests.support.aws import Account, Aws

TERMS = Terms(decision=timedelta(days=10), limitation=timedelta(days=20))
ON = NOW.date()
OTHER = {**POLICY, "id": "offers"}


def keeper(account: Account) -> Keeper:
    verifier = signer_of(account.keys, log_host=account.aws.settings.log_host).verifier
    return Keeper(listings_of(account), ConsentRecords(account.register), verifier, TERMS)


def after(days: int) -> datetime:
    """The first moment at which so many days after the act's day are over."""
    return midnight(ON + timedelta(days=days + 1))


def due(account: Account, *, days: int, listed: date = ON) -> list[SubjectId]:
    return list(keeper(account).due_subjects(listed, now=after(days)))


@pytest.mark.parametrize(
    ("act", "says", "days"),
    [
        ("given", {}, 30),
        ("refused", {}, 30),
        ("withdrawn", {}, 30),
        ("refused", {"pol": POLICY}, 20),
        ("withdrawn", {"pol": POLICY}, 20),
        ("acknowledged", {"pol": POLICY}, 20),
        ("given", {"pol": POLICY}, None),
        ("renewed", {"pol": POLICY}, None),
    ],
)
def test_proof_is_kept_while_active_and_then_for_the_limitation_period(
    tenant: Account, neighbour: Account, sid: SubjectId, act: str, says: dict[str, Any], days: int | None
) -> None:
    enact(tenant, sid, act=act, **says)

    if days is None:
        assert due(tenant, days=5_000) == []
    else:
        assert due(tenant, days=days - 1) == []
        assert due(tenant, days=days) == [sid]
    assert due(neighbour, days=5_000) == []


def test_what_was_withdrawn_ends_what_was_given(tenant: Account, sid: SubjectId) -> None:
    enact(tenant, sid, pol=POLICY)
    enact(tenant, sid, NOW + timedelta(hours=1), act="withdrawn", pol=POLICY)

    assert due(tenant, days=19) == []
    assert due(tenant, days=20) == [sid]


def test_one_active_matter_keeps_all_of_a_subject(tenant: Account, sid: SubjectId) -> None:
    enact(tenant, sid, NOW - timedelta(hours=1), pol=OTHER)
    enact(tenant, sid)
    enact(tenant, sid, act="refused", pol=POLICY)

    assert due(tenant, days=5_000) == []


def test_a_younger_act_keeps_all_of_a_subject_until_its_own_day(tenant: Account, sid: SubjectId) -> None:
    enact(tenant, sid)
    later = NOW + timedelta(days=5)
    enact(tenant, sid, later)

    assert due(tenant, days=30) == []
    assert due(tenant, days=34, listed=later.date()) == []
    assert due(tenant, days=35, listed=later.date()) == [sid]


def test_an_act_of_the_very_day_on_which_proof_is_due_keeps_it(tenant: Account, sid: SubjectId) -> None:
    enact(tenant, sid)
    enact(tenant, sid, after(30) - timedelta(seconds=1))

    assert due(tenant, days=30) == []


def test_each_subject_of_a_day_comes_once_page_by_page(tenant: Account) -> None:
    subjects = [tenant.keys.pseudonym(f"{number}") for number in range(3)]
    for number in range(105):
        enact(tenant, subjects[number % 3], NOW + timedelta(milliseconds=number))

    assert sorted(due(tenant, days=30)) == sorted(subjects)


@pytest.mark.parametrize("change", ["remove", "alter"])
def test_whoever_has_a_record_that_is_gone_or_altered_waits_for_a_person(
    aws: Aws, tenant: Account, sid: SubjectId, change: str
) -> None:
    enact(tenant, sid)
    entry = enact(tenant, sid, NOW - timedelta(days=1))
    key: Any = {"pk": {"S": f"{tenant.id}#consent#{int(entry.id[-1], 16) % 4}"}, "sk": {"S": entry.id}}
    if change == "remove":
        aws.dynamodb.delete_item(TableName=aws.settings.register_table, Key=key)
    else:
        says = {":leaf": {"B": entry.leaf.replace(b'"given"', b'"refused"')}}
        aws.dynamodb.update_item(
            TableName=aws.settings.register_table,
            Key=key,
            UpdateExpression="SET leaf = :leaf",
            ExpressionAttributeValues=says,
        )

    assert due(tenant, days=5_000) == []


def test_terms_are_the_longest_of_what_may_apply() -> None:
    both, one = Terms.of(regimes().values()), Terms.of([regimes()["opt-in"]])

    assert both.decision == timedelta(days=max(regime.reprompt_days for regime in regimes().values()))
    assert one.decision == timedelta(days=regimes()["opt-in"].reprompt_days)
    assert both.limitation >= one.limitation


def test_a_restriction_ends_at_a_midnight_after_the_limitation_period() -> None:
    until = TERMS.restriction(NOW)

    assert until == datetime(2026, 3, 22, tzinfo=UTC)
    assert until - NOW >= TERMS.limitation


days = st.dates(date(2026, 1, 1), date(2040, 1, 1))


@settings(deadline=None, max_examples=50)
@given(st.lists(days, min_size=1, max_size=8), st.booleans())
def test_every_day_of_the_listing_is_looked_through_whatever_days_were_missed(ran: list[date], shorter: bool) -> None:
    terms, progress, seen = TERMS, Progress(), list[date]()
    for today in ran:
        following = progress.upto(today, terms)
        seen += progress.days(following)
        progress = Progress.from_json(following.to_json())
        terms = Terms(timedelta(days=5), timedelta(days=10)) if shorter else TERMS

    last = progress.acts
    expected = {date(2026, 1, 1) + timedelta(days=number) for number in range((last - date(2025, 12, 31)).days)}
    assert set(seen) == expected
    assert all(times <= 2 for times in Counter(seen).values())
