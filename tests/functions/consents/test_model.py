from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.clock import to_ms
from functions.consents.model import (
    ON_POLICIES,
    Act,
    ActKind,
    ConfigReference,
    ConsentRecord,
    PolicyReference,
    Submission,
    Verification,
    fits,
    same_act,
)
from functions.cookies.model import OPTIONAL
from functions.errors import Invalid
from functions.ids import PolicyId, RecordId, SiteId, SubjectId
from functions.ledger.leaf import MAX_BYTES, canonical
from functions.policies.model import PolicyKind
from tests.support.storefront import uuid7

LONGEST_SHOWN = {
    "config": 999_999,
    "build": "f" * 64,
    "language": "bg",
    "gpc": False,
    "layer": "banner",
    "gesture": "checkbox",
}


FORM = {name: LONGEST_SHOWN[name] for name in ("language", "gpc", "layer", "gesture")}


def submission(now: datetime, **changes: Any) -> dict[str, Any]:
    act = {
        "id": uuid7(now),
        "act": "refused",
        "section": "banner",
        "at_client": to_ms(now),
        "categories": {"necessary": True, "performance": False, "functional": False, "targeting": False},
        "shown": LONGEST_SHOWN,
    }
    return {"acts": [act | changes], "secret": "AAAAAAAAAAAAAAAAAAAAAA"}


def record(act: Act, now: datetime, **changes: Any) -> ConsentRecord:
    members: dict[str, Any] = {
        "act": act,
        "answers": ConfigReference(999_999, "f" * 64),
        "submission": None,
        "site": SiteId("main"),
        "subject": SubjectId("AAAAAAAAAAAAAAAAAAAAAA"),
        "verification": Verification.NONE,
        "at": now,
        "log": "log.example/0123456789abcdef",
        "commitment": "c" * 43,
    }
    return ConsentRecord(**(members | changes))


def test_the_longest_leaf_that_the_schema_lets_through_fits_its_limit(now: datetime) -> None:
    body = submission(now, act="acknowledged", section="registration", previous=uuid7(now), at_client=2**53 - 1)
    body["acts"][0] |= {"policy": {"id": "p" * 40, "version": 999_999, "language": "bg"}}
    act = Act.from_json(body["acts"][0])
    longest = record(
        act,
        now,
        answers=PolicyReference(PolicyId("p" * 40), 999_999, "f" * 64, "bg"),
        submission=RecordId(uuid7(now)),
        site=SiteId("s" * 20),
        verification=Verification.CLAIMED,
        log=f"{'h' * 63}.example/{'f' * 32}",
    )

    leaf = canonical(longest.leaf_members())

    assert len(leaf) <= MAX_BYTES


@pytest.mark.parametrize("age", [timedelta(days=7), timedelta(0), timedelta(minutes=-5)])
def test_an_id_is_taken_from_seven_days_ago_to_five_minutes_ahead(now: datetime, age: timedelta) -> None:
    made = uuid7(now - age)

    assert Submission.from_json(submission(now, id=made), now=now).acts[0].id == made


@pytest.mark.parametrize("age", [timedelta(days=7, milliseconds=1), timedelta(minutes=-5, milliseconds=-1)])
def test_an_id_from_before_or_after_is_refused(now: datetime, age: timedelta) -> None:
    with pytest.raises(Invalid) as refusal:
        Submission.from_json(submission(now, id=uuid7(now - age)), now=now)

    assert [violation.pointer for violation in refusal.value.violations] == ["/acts/0/id"]


@pytest.mark.parametrize(
    ("kind", "granted"),
    [
        (ActKind.GIVEN, {3}),
        (ActKind.REFUSED, {0}),
        (ActKind.PARTIAL, {1, 2}),
        (ActKind.WITHDRAWN, {0, 1, 2}),
        (ActKind.RENEWED, {1, 2, 3}),
        (ActKind.ACKNOWLEDGED, set()),
    ],
)
def test_an_act_on_the_categories_agrees_with_how_many_it_grants(kind: ActKind, granted: set[int]) -> None:
    assert {count for count in range(len(OPTIONAL) + 1) if fits(kind, count)} == granted


def test_no_document_is_agreed_to_that_only_informs() -> None:
    informing = {PolicyKind.NOTICE, PolicyKind.COOKIE_POLICY}

    assert {kind for kind, acts in ON_POLICIES.items() if ActKind.GIVEN not in acts} == informing
    assert set(ON_POLICIES) == set(PolicyKind)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"section": "checkout", "shown": FORM}, "/acts/0/policy"),
        ({"policy": {"id": "terms", "version": 1, "language": "bg"}}, "/acts/0/categories"),
        ({"shown": {name: LONGEST_SHOWN[name] for name in ("language", "gpc", "layer", "gesture")}}, "/acts/0/shown"),
        ({"act": "partial"}, "/acts/0/act"),
    ],
)
def test_an_act_that_does_not_fit_together_says_where(now: datetime, changes: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as refusal:
        Submission.from_json(submission(now, **changes), now=now)

    assert [violation.pointer for violation in refusal.value.violations] == [pointer]


def test_a_retry_is_the_same_act_whatever_the_servers_clock_and_year_say(now: datetime) -> None:
    act = Act.from_json(submission(now)["acts"][0])
    first = record(act, now).leaf_members()

    later = record(act, now + timedelta(days=300), log="log.example/next-year", commitment="d" * 43).leaf_members()

    assert same_act(first, later)


@pytest.mark.parametrize(
    "change",
    [{"act": "given"}, {"sid": "other"}, {"idv": "token"}, {"site": "two"}, {"prev": "x"}, {"at_client": 1}, {"sub": "x"}],
)
def test_anything_else_makes_it_another_act(now: datetime, change: dict[str, Any]) -> None:
    first = record(Act.from_json(submission(now)["acts"][0]), now).leaf_members()

    assert not same_act(first, first | change)
