import pytest
from botocore.exceptions import ClientError

from functions.dynamo import Table
from functions.errors import Gone, NotFound
from functions.ids import RecordId, SubjectId, TenantId
from functions.vault.model import CannotOpen
from functions.vault.table import Vault
from tests.support.aws import Account, Aws

RECORD = RecordId("0199f0a0-0000-7000-8000-000000000001")
LATER = RecordId("0199f0a0-0000-7000-8000-000000000002")


@pytest.fixture
def sid(tenant: Account) -> SubjectId:
    return tenant.keys.pseudonym(RECORD)


@pytest.fixture
def table(aws: Aws) -> Table:
    return Table(aws.dynamodb, aws.settings.vault_table)


def erase(aws: Aws, tenant: Account, sid: SubjectId, *, tombstone: bool) -> None:
    key = {"pk": {"S": f"{tenant.id}#subject#{sid}"}, "sk": {"S": "key"}}
    if tombstone:
        aws.dynamodb.put_item(TableName=aws.settings.vault_table, Item={**key, "erased_at": {"N": "1"}})
    else:
        aws.dynamodb.delete_item(TableName=aws.settings.vault_table, Key=key)


def test_a_new_tenants_root_is_the_one_that_is_unwrapped_later(aws: Aws) -> None:
    tenant = TenantId.new()

    made = aws.roots.create(tenant)

    assert len(made.root) == 32
    assert aws.roots.unwrap(tenant) == made


def test_making_a_root_twice_gives_the_first_one_again(aws: Aws) -> None:
    tenant = TenantId.new()

    assert aws.roots.create(tenant) == aws.roots.create(tenant)


def test_a_tenant_that_does_not_exist_has_no_root(aws: Aws) -> None:
    with pytest.raises(NotFound):
        aws.roots.unwrap(TenantId.new())


def test_tenants_have_different_roots(tenant: Account, neighbour: Account) -> None:
    assert tenant.keys.root != neighbour.keys.root


def test_a_root_that_was_copied_to_a_neighbour_does_not_unwrap_there(aws: Aws, table: Table, tenant: Account) -> None:
    thief = TenantId.new()
    stolen = table.get(f"{tenant.id}#root", "root")
    assert stolen is not None
    table.put_new({**stolen, "pk": {"S": f"{thief}#root"}})

    with pytest.raises(ClientError, match="InvalidCiphertext"):
        aws.roots.unwrap(thief)


def test_the_root_is_kept_wrapped_only(table: Table, tenant: Account) -> None:
    kept = table.get(f"{tenant.id}#root", "root")

    assert kept is not None
    assert tenant.keys.root not in kept["wrapped"]["B"]


def test_a_subject_who_is_admitted_again_has_the_same_key(tenant: Account, sid: SubjectId, aws_calls: list[str]) -> None:
    vault = tenant.vault
    aws_calls.clear()

    first, again = vault.admit(sid), vault.admit(sid)

    assert first == again
    assert aws_calls == ["dynamodb.PutItem", "dynamodb.PutItem"]
    assert vault.subject(sid) == first


def test_a_subjects_key_is_kept_wrapped_and_only_for_them(table: Table, tenant: Account, sid: SubjectId) -> None:
    ann = tenant.vault.admit(sid)
    other = tenant.keys.pseudonym(LATER)
    kept = table.get(f"{tenant.id}#subject#{sid}", "key")
    assert kept is not None
    table.put_new({**kept, "pk": {"S": f"{tenant.id}#subject#{other}"}})

    assert ann.key not in kept["wrapped"]["B"]
    with pytest.raises(CannotOpen):
        tenant.vault.subject(other)


@pytest.mark.parametrize("tombstone", [True, False])
def test_an_erased_subject_is_gone(aws: Aws, tenant: Account, sid: SubjectId, *, tombstone: bool) -> None:
    tenant.vault.admit(sid)
    erase(aws, tenant, sid, tombstone=tombstone)

    with pytest.raises(Gone):
        tenant.vault.subject(sid)
    assert tenant.vault.subjects([sid]) == {}


def test_an_erased_subject_whose_place_is_marked_is_never_admitted_again(aws: Aws, tenant: Account, sid: SubjectId) -> None:
    tenant.vault.admit(sid)
    erase(aws, tenant, sid, tombstone=True)

    with pytest.raises(Gone):
        tenant.vault.admit(sid)


def test_a_subject_who_never_was_is_gone_too(tenant: Account, sid: SubjectId) -> None:
    with pytest.raises(Gone):
        tenant.vault.subject(sid)


def test_many_subjects_are_opened_in_one_call(tenant: Account, sid: SubjectId, aws_calls: list[str]) -> None:
    vault, other, absent = tenant.vault, tenant.keys.pseudonym(LATER), tenant.keys.pseudonym("nobody")
    admitted = {one: vault.admit(one) for one in (sid, other)}
    aws_calls.clear()

    assert vault.subjects([sid, other, absent, sid]) == admitted
    assert aws_calls == ["dynamodb.BatchGetItem"]


def test_a_neighbour_opens_nobody_here(tenant: Account, neighbour: Account, sid: SubjectId) -> None:
    mine = tenant.vault.admit(sid)

    with pytest.raises(Gone):
        neighbour.vault.subject(sid)
    assert neighbour.vault.subjects([sid]) == {}
    assert neighbour.vault.admit(sid).key != mine.key
    assert tenant.vault.subject(sid) == mine


def test_a_vault_with_a_neighbours_keys_opens_nothing(
    table: Table, tenant: Account, neighbour: Account, sid: SubjectId
) -> None:
    from functions.vault.model import TenantKeys

    tenant.vault.admit(sid)
    crossed = Vault(table, TenantKeys(tenant.id, neighbour.keys.root))

    with pytest.raises(CannotOpen):
        crossed.subject(sid)


def test_whoever_comes_first_with_a_verified_address_stays_its_subject(tenant: Account, sid: SubjectId) -> None:
    second = tenant.keys.pseudonym(LATER)

    assert tenant.vault.verified_subject("ann@example.com", otherwise=sid) == sid
    assert tenant.vault.verified_subject("ann@example.com", otherwise=second) == sid
    assert tenant.vault.verified_subject("bob@example.com", otherwise=second) == second


def test_a_neighbour_knows_the_same_address_as_somebody_else(tenant: Account, neighbour: Account, sid: SubjectId) -> None:
    theirs = neighbour.keys.pseudonym(RECORD)
    tenant.vault.verified_subject("ann@example.com", otherwise=sid)

    assert neighbour.vault.verified_subject("ann@example.com", otherwise=theirs) == theirs


def test_the_address_that_a_subject_was_verified_by_is_kept_with_their_key_as_a_lookup(
    table: Table, tenant: Account, sid: SubjectId, aws_calls: list[str]
) -> None:
    lookup = tenant.keys.lookup("email", "ann@example.com")
    aws_calls.clear()

    tenant.vault.admit(sid, lookup=lookup)

    assert aws_calls == ["dynamodb.PutItem"]
    kept = table.get(f"{tenant.id}#subject#{sid}", "key")
    assert kept is not None
    assert kept["lookup"] == {"S": lookup}


def test_a_record_is_found_by_the_address_in_it_newest_first_and_once_each(tenant: Account, sid: SubjectId) -> None:
    vault = tenant.vault
    vault.admit(sid)
    for record, at_ms in [(RECORD, 1_772_366_400_123), (LATER, 1_772_366_400_124), (RECORD, 1_772_366_400_123)]:
        vault.note_email("ann@example.com", subject=sid, record=record, at_ms=at_ms, verified=False)

    found = vault.records_with("ann@example.com", "1772366400000", "1772366400124#~", limit=10)

    assert found == [f"1772366400124#{LATER}", f"1772366400123#{RECORD}"]
    assert vault.records_with("ann@example.com", "1772366400124", "1772366400124#~", limit=10) == found[:1]
    assert vault.records_with("ann@example.com", "1772366400000", "1772366400124#~", limit=1) == found[:1]
    assert vault.records_with("bob@example.com", "1772366400000", "1772366400124#~", limit=10) == []


def test_a_neighbour_finds_no_record_by_the_same_address(tenant: Account, neighbour: Account, sid: SubjectId) -> None:
    tenant.vault.admit(sid)
    tenant.vault.note_email("ann@example.com", subject=sid, record=RECORD, at_ms=1_772_366_400_123, verified=True)

    assert neighbour.vault.records_with("ann@example.com", "0", "9", limit=10) == []


def test_the_vault_shows_no_address_to_who_only_reads_the_table(aws: Aws, tenant: Account, sid: SubjectId) -> None:
    tenant.vault.admit(sid)
    tenant.vault.note_email("ann@example.com", subject=sid, record=RECORD, at_ms=1_772_366_400_123, verified=True)
    tenant.vault.verified_subject("ann@example.com", otherwise=sid)

    pages = aws.dynamodb.get_paginator("scan").paginate(TableName=aws.settings.vault_table)
    mine = [item for page in pages for item in page["Items"] if item["pk"]["S"].startswith(tenant.id)]

    assert len(mine) == 5
    assert "ann" not in str(mine)
