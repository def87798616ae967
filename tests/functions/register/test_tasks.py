"""What follows a committed batch, from the entries as the register has them."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from functions.cli.rebuilding import Projection, committed, made_again
from functions.clock import to_ms
from functions.consents.entry import Entry
from functions.consents.receipt import signature_of, signer_of
from functions.consents.table import ConsentRecords
from functions.dynamo import Table
from functions.ids import RecordId, SubjectId
from functions.ledger.kinds import EntryRef, shard
from functions.ledger.leaf import canonical
from functions.ledger.model import BatchRef
from functions.listings.model import EVERYTHING, Window
from functions.listings.table import Listings
from functions.register.tasks import entries_of, project
from functions.statistics.table import StatisticsRows
from functions.wiring import Wiring
from tests.functions.statistics.acts import ANN, NOON, counters_in, says
from tests.support.aws import Account, Aws
from tests.support.logs import TestLog


@pytest.fixture
def wiring(aws: Aws) -> Wiring:
    return Wiring(aws.settings, aws.dynamodb, aws.session)


@pytest.fixture
def log(tenant: Account) -> TestLog:
    return TestLog(tenant, NOON.year)


def recorded(account: Account, subject: SubjectId = ANN, sealed: bytes = b"", *, signed: bool = True) -> EntryRef:
    """A consent record of a subject whose key is gone, or one with something sealed beside it."""
    said = says(NOON, subject, log=account.origin(NOON.year))
    record, leaf = RecordId(said["id"]), canonical(said)
    signature = signature_of(leaf, signer_of(account.keys, log_host=account.aws.settings.log_host)) if signed else bytes(64)
    ConsentRecords(account.register).append(Entry.of(record, leaf, signature=signature, sealed=sealed))
    return EntryRef(shard(record), record)


def committed_batch(log: TestLog, refs: Sequence[EntryRef]) -> BatchRef:
    log.sequencer.sequence(log.candidates(refs), now=NOON)
    return log.handed.batches[-1]


def listed(account: Account) -> list[str]:
    listings = Listings(Table(account.aws.dynamodb, account.aws.settings.ledger_table), account.id)
    window = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    return sorted(row.id for row in listings.page(EVERYTHING, window, limit=50).rows)


def acts_of(account: Account) -> int:
    rows = StatisticsRows(Table(account.aws.dynamodb, account.aws.settings.ledger_table), account.id)
    return sum(counters["acts"] for counters in counters_in(rows).values())


def test_a_batch_is_listed_and_counted_once_however_often_it_is_told_of(
    tenant: Account, neighbour: Account, log: TestLog, wiring: Wiring
) -> None:
    refs = [recorded(tenant) for _ in range(3)]
    batch = committed_batch(log, refs)

    for _ in range(2):
        project(batch.to_json(), wiring=wiring)

    assert listed(tenant) == sorted(ref.key for ref in refs)
    assert acts_of(tenant) == 3
    assert (listed(neighbour), acts_of(neighbour)) == ([], 0)


def test_an_entry_that_was_changed_or_taken_away_since_is_left_out_and_holds_up_no_other(
    tenant: Account, log: TestLog, wiring: Wiring
) -> None:
    gone, changed, sound = (recorded(tenant) for _ in range(3))
    batch = committed_batch(log, [gone, changed, sound])
    table = tenant.register.table
    key = {"pk": {"S": f"{tenant.id}#{gone.partition}"}, "sk": {"S": gone.key}}
    table.client.delete_item(TableName=table.name, Key=key)
    item = tenant.register.read(changed.partition, changed.key)
    table.client.put_item(TableName=table.name, Item={**(item or {}), "leaf": {"B": b"{}"}})

    project(batch.to_json(), wiring=wiring)

    assert listed(tenant) == [sound.key]
    assert acts_of(tenant) == 1


def test_what_does_not_open_is_listed_and_holds_up_no_other(tenant: Account, log: TestLog, wiring: Wiring) -> None:
    owner = tenant.vault.admit(tenant.keys.pseudonym("secret"))
    broken, sound = recorded(tenant, owner.id, sealed=b"not what was sealed"), recorded(tenant)
    batch = committed_batch(log, [broken, sound])

    project(batch.to_json(), wiring=wiring)

    assert listed(tenant) == sorted([broken.key, sound.key])
    assert acts_of(tenant) == 2


def test_a_batch_that_is_not_there_comes_again(tenant: Account, wiring: Wiring) -> None:
    with pytest.raises(LookupError):
        project(BatchRef(tenant.id, NOON.year, 0).to_json(), wiring=wiring)


def test_entries_come_in_the_order_of_the_batch(tenant: Account, log: TestLog, wiring: Wiring) -> None:
    refs = [recorded(tenant) for _ in range(5)]
    committed_batch(log, refs)
    batch = log.account.log(NOON.year).batch(0)
    assert batch is not None

    assert [ref for ref, _ in entries_of(batch, register=tenant.register, receipts=wiring.receipts(tenant.id))] == refs


def test_listings_and_statistics_are_made_again_from_the_batches_of_all_years(
    tenant: Account, neighbour: Account, log: TestLog, wiring: Wiring
) -> None:
    first, second = [recorded(tenant) for _ in range(2)], [recorded(tenant)]
    committed_batch(log, first)
    committed_batch(log, second)
    next_year = TestLog(tenant, NOON.year + 1)
    later = NOON.replace(year=NOON.year + 1)
    next_year.sequencer.sequence(next_year.entered(later), now=later)

    found = [(year, len(batch.hashes)) for year, batch in committed(tenant.id, wiring=wiring, now=NOON)]
    counted = made_again(Projection.STATISTICS, tenant.id, wiring=wiring, now=NOON)

    assert found == [(NOON.year, 2), (NOON.year, 1), (NOON.year + 1, 1)]
    assert counted == acts_of(tenant) == 3
    assert listed(tenant) == []
    assert acts_of(neighbour) == 0


def test_listings_are_made_again_by_entering_everything_again(tenant: Account, log: TestLog, wiring: Wiring) -> None:
    refs = [recorded(tenant) for _ in range(2)]
    batch = committed_batch(log, refs)
    project(batch.to_json(), wiring=wiring)
    for name in (EVERYTHING, "site#main"):
        empty(tenant, f"{tenant.id}#list#{name}#{NOON.year}")
    assert listed(tenant) == []

    entered = made_again(Projection.LISTINGS, tenant.id, wiring=wiring, now=NOON)

    assert entered == 2
    assert listed(tenant) == sorted(ref.key for ref in refs)
    assert acts_of(tenant) == 2


def empty(account: Account, pk: str) -> None:
    client, name = account.aws.dynamodb, account.aws.settings.ledger_table
    wanted = client.query(TableName=name, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": pk}})
    for item in wanted["Items"]:
        client.delete_item(TableName=name, Key={"pk": item["pk"], "sk": item["sk"]})


def test_a_batch_that_is_missing_from_the_ledger_is_said_and_the_counters_stay(
    tenant: Account, log: TestLog, wiring: Wiring
) -> None:
    batches = [committed_batch(log, [recorded(tenant)]) for _ in range(2)]
    for batch in batches:
        project(batch.to_json(), wiring=wiring)
    key = {"pk": {"S": f"{tenant.id}#log#{NOON.year}"}, "sk": {"S": "batch#000000000000"}}
    tenant.aws.dynamodb.delete_item(TableName=tenant.aws.settings.ledger_table, Key=key)

    with pytest.raises(LookupError):
        made_again(Projection.STATISTICS, tenant.id, wiring=wiring, now=NOON)

    assert acts_of(tenant) == 2


def test_a_record_that_somebody_put_there_is_in_the_tree_and_in_no_listing(log: TestLog, wiring: Wiring) -> None:
    refs = [recorded(log.account), recorded(log.account, signed=False)]

    project(committed_batch(log, refs).to_json(), wiring=wiring)

    assert listed(log.account) == [refs[0].key]


def test_an_entry_from_which_nothing_can_follow_holds_up_no_other(
    log: TestLog, wiring: Wiring, capsys: pytest.CaptureFixture[str]
) -> None:
    ref = EntryRef("config#main", "v000001")
    members = {"typ": "consentinel/config/v1", "site": "main", "ver": 1}
    leaf = canonical({**members, "log": log.account.origin(NOON.year), "at": to_ms(NOON)})
    log.account.register.append(ref.partition, ref.key, leaf, {})
    record = recorded(log.account)

    project(committed_batch(log, [ref, record]).to_json(), wiring=wiring)

    assert listed(log.account) == [record.key]
    assert '"EntriesUnfit":[1.0]' in capsys.readouterr().out
