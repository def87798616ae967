from datetime import UTC, date, datetime

import pytest

from functions.dynamo import Table
from functions.errors import Gone
from functions.ids import RecordId, SubjectId
from functions.vault.mark import How, Mark, Why
from functions.vault.rows import Rows
from functions.wiring import Wiring
from tests.functions.erasures.acts import partition, wiring_of
from tests.support.aws import Account, Aws

RECORD = RecordId("0199f0a0-0000-7000-8000-000000000001")
LATER = RecordId("0199f0a0-0000-7000-8000-000000000002")
EMAIL = "Ann@example.com"
AT_MS = 1_772_366_400_123
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
UNTIL = datetime(2031, 3, 3, tzinfo=UTC)


@pytest.fixture
def wiring(aws: Aws) -> Wiring:
    return wiring_of(aws)


@pytest.fixture
def sid(tenant: Account) -> SubjectId:
    sid = tenant.keys.pseudonym("secret")
    tenant.vault.admit(sid)
    return sid


def note(account: Account, sid: SubjectId, record: RecordId = RECORD) -> None:
    account.vault.note_email(EMAIL, subject=sid, record=record, at_ms=AT_MS, verified=False)


def found(account: Account) -> list[str]:
    return account.vault.records_with(EMAIL, "0", "9", limit=10)


def test_a_note_that_comes_after_the_key_is_gone_is_silently_nothing(
    aws: Aws, tenant: Account, wiring: Wiring, sid: SubjectId
) -> None:
    wiring.shredder(tenant.id).shred(sid, why=Why.REQUEST, now=NOW)

    note(tenant, sid)

    assert found(tenant) == []
    assert [row["sk"]["S"] for row in partition(aws, aws.settings.vault_table, f"{tenant.id}#subject#{sid}")] == ["key"]


def test_a_note_that_comes_before_is_found_and_forgotten(aws: Aws, tenant: Account, wiring: Wiring, sid: SubjectId) -> None:
    note(tenant, sid)
    assert found(tenant) == [f"{AT_MS}#{RECORD}"]

    wiring.shredder(tenant.id).shred(sid, why=Why.REQUEST, now=NOW)
    wiring.shredder(tenant.id).forget(sid)

    assert found(tenant) == []
    assert [row["sk"]["S"] for row in partition(aws, aws.settings.vault_table, f"{tenant.id}#subject#{sid}")] == ["key"]


def test_a_note_for_a_subject_who_never_was_is_nothing(tenant: Account, neighbour: Account, sid: SubjectId) -> None:
    note(neighbour, sid)

    assert found(neighbour) == []
    assert found(tenant) == []


def test_the_first_reason_stays_whoever_shreds_again(tenant: Account, wiring: Wiring, sid: SubjectId) -> None:
    shredder = wiring.shredder(tenant.id)
    first = shredder.shred(sid, why=Why.REQUEST, now=NOW)

    again = shredder.shred(sid, why=Why.RETENTION, now=NOW)

    assert first == again == Mark(How.SHREDDED, Why.REQUEST)
    shredder.finish(sid, again)
    assert shredder.mark(sid) == Mark(How.SHREDDED, Why.REQUEST, done=True)


def test_what_was_restricted_is_due_on_its_day_and_on_every_day_after(
    tenant: Account, neighbour: Account, wiring: Wiring, sid: SubjectId
) -> None:
    shredder = wiring.shredder(tenant.id)

    mark = shredder.restrict(sid, why=Why.REQUEST, until=UNTIL)

    assert mark == shredder.mark(sid) == Mark(How.RESTRICTED, Why.REQUEST, UNTIL)
    assert list(shredder.due(date(2031, 3, 2))) == []
    assert list(shredder.due(date(2031, 3, 3))) == [sid]
    assert list(shredder.due(date(2031, 3, 9))) == [sid]
    assert list(wiring.shredder(neighbour.id).due(date(2031, 3, 9))) == []


def test_a_restriction_that_was_ended_meanwhile_is_neither_finished_nor_withheld(
    aws: Aws, tenant: Account, wiring: Wiring, sid: SubjectId
) -> None:
    shredder = wiring.shredder(tenant.id)
    note(tenant, sid)
    mark = shredder.restrict(sid, why=Why.REQUEST, until=UNTIL)
    shredder.shred(sid, why=Why.REQUEST, now=NOW)

    shredder.withhold(sid)
    shredder.finish(sid, mark)

    lookup = tenant.keys.lookup("email", EMAIL.lower())
    assert partition(aws, aws.settings.vault_table, f"{tenant.id}#withheld#{lookup}") == []
    assert shredder.mark(sid) == Mark(How.SHREDDED, Why.REQUEST)


def test_an_address_that_is_somebody_elses_by_now_stays_theirs(tenant: Account, wiring: Wiring, sid: SubjectId) -> None:
    verified, other = tenant.keys.pseudonym("verified"), tenant.keys.pseudonym("other")
    tenant.vault.admit(verified, lookup=tenant.keys.lookup("email", EMAIL))
    tenant.vault.verified_subject(EMAIL, otherwise=other)

    wiring.shredder(tenant.id).shred(verified, why=Why.REQUEST, now=NOW)
    wiring.shredder(tenant.id).forget(verified)

    assert tenant.vault.verified_subject(EMAIL, otherwise=sid) == other


def test_the_dispute_path_finds_current_and_withheld_subjects_alike(
    tenant: Account, neighbour: Account, wiring: Wiring, sid: SubjectId
) -> None:
    kept, verified, shredder = tenant.keys.pseudonym("kept"), tenant.keys.pseudonym("verified"), wiring.shredder(tenant.id)
    tenant.vault.admit(kept)
    tenant.vault.admit(tenant.vault.verified_subject(EMAIL, otherwise=verified), lookup=tenant.keys.lookup("email", EMAIL))
    note(tenant, sid)
    note(tenant, kept, LATER)
    for one in (sid, verified):
        shredder.restrict(one, why=Why.REQUEST, until=UNTIL)
        shredder.withhold(one)
        shredder.forget_lookups(one)

    assert wiring.disputes(tenant.id).subjects_with(EMAIL) == sorted([sid, kept, verified])
    assert found(tenant) == [f"{AT_MS}#{LATER}"]
    assert wiring.disputes(neighbour.id).subjects_with(EMAIL) == []
    with pytest.raises(Gone):
        wiring.disputes(tenant.id).open_restricted(kept)


def test_a_restricted_key_that_was_moved_to_somebody_else_does_not_open(
    aws: Aws, tenant: Account, wiring: Wiring, sid: SubjectId
) -> None:
    wiring.shredder(tenant.id).restrict(sid, why=Why.REQUEST, until=UNTIL)
    other, table = tenant.keys.pseudonym("other"), Table(aws.dynamodb, aws.settings.vault_table)
    rows = Rows(table, tenant.id)
    table.put_new({**rows.key(sid), "pk": {"S": rows.subject(other)}})

    with pytest.raises(aws.kms.exceptions.InvalidCiphertextException):
        wiring.disputes(tenant.id).open_restricted(other)


def test_a_trace_names_its_row(tenant: Account, wiring: Wiring, sid: SubjectId) -> None:
    rows = Rows(Table(wiring.dynamodb, wiring.settings.vault_table), tenant.id)

    assert rows.traced(sid, f"lookup#abc#at#1#{RECORD}") == (f"{tenant.id}#email#abc", f"at#1#{RECORD}")
    assert rows.traced(sid, "withheld#abc") == (f"{tenant.id}#withheld#abc", sid)
    assert rows.traced(sid, "until#2031-03-03") == (f"{tenant.id}#until", f"2031-03-03#{sid}")
    with pytest.raises(LookupError):
        rows.traced(sid, "key")
