from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from functions.ledger.checkpoint import opened
from functions.ledger.keys import Verifier
from functions.ledger.tiles import TileNodes, new_entries, new_tiles, unbundled
from functions.ledger.tree import Frontier, inclusion_proof, verify_inclusion
from functions.sequencer.signing import BatchMissing, RootDiffers
from tests.support.aws import Account
from tests.support.logs import TestLog


@pytest.fixture
def log(tenant: Account, now: datetime) -> TestLog:
    return TestLog(tenant, now.year)


def test_a_signed_log_proves_its_leaves_from_its_objects_alone(log: TestLog, now: datetime) -> None:
    candidates = log.entered(now, 300)
    log.sequencer.sequence(candidates[:200], now=now)
    log.desk.sign(now=now)
    log.sequencer.sequence(candidates[200:], now=now)

    checked = log.desk.sign(now=now + timedelta(seconds=30))

    objects, folder = log.account.aws.log_objects, log.account.keys.log_id(now.year)
    note = objects.read(f"{folder}/checkpoint/300")
    assert checked is not None
    assert note is not None
    checkpoint = opened(note, Verifier.parse(checked.signed.vkey))
    nodes = TileNodes(lambda tile: objects.read(f"{folder}/{tile.path}") or b"", 300)
    for index in (0, 199, 200, 255, 256, 299):
        proof = inclusion_proof(index, 300, nodes)
        verify_inclusion(index, 300, candidates[index].stated, proof, checkpoint.root)
    assert (checked.missing, checkpoint.origin) == (0, log.account.origin(now.year))


def test_everything_a_size_needs_is_put(log: TestLog, now: datetime) -> None:
    candidates = log.entered(now, 260)
    for start, end in ((0, 5), (5, 256), (256, 260)):
        log.sequencer.sequence(candidates[start:end], now=now)
        log.desk.sign(now=now)

    objects, folder = log.account.aws.log_objects, log.account.keys.log_id(now.year)
    for old, new in ((0, 5), (5, 256), (256, 260)):
        for tile in new_tiles(old, new):
            assert objects.read(f"{folder}/{tile.path}") is not None, tile.path
        for entries in new_entries(old, new):
            bundle = objects.read(f"{folder}/{entries.path}") or b""
            first = entries.index * 256
            assert unbundled(bundle) == [one.leaf for one in candidates[first : first + entries.width]]


def test_signing_twice_signs_once(log: TestLog, now: datetime, aws_calls: list[str]) -> None:
    log.sequencer.sequence(log.entered(now), now=now)
    log.desk.sign(now=now)
    aws_calls.clear()

    again = log.desk.sign(now=now + timedelta(seconds=60))

    assert again is None
    assert aws_calls == ["dynamodb.GetItem"]


def test_a_head_that_does_not_fit_its_batches_is_not_signed(log: TestLog, now: datetime) -> None:
    log.sequencer.sequence(log.entered(now, 2), now=now)
    rows = log.account.log(now.year)
    forged = Frontier().extended([bytes(32), bytes(32)]).roots
    rows.table.client.update_item(
        TableName=rows.table.name,
        Key={"pk": {"S": f"{log.account.id}#log#{now.year}"}, "sk": {"S": "head"}},
        UpdateExpression="SET #roots = :roots",
        ExpressionAttributeNames={"#roots": "roots"},
        ExpressionAttributeValues={":roots": {"B": b"".join(forged)}},
    )

    with pytest.raises(RootDiffers):
        log.desk.sign(now=now)
    assert log.account.aws.log_objects.read(f"{log.account.keys.log_id(now.year)}/checkpoint/2") is None


def test_an_entry_that_was_changed_before_it_was_signed_holds_up_nothing_and_is_counted(log: TestLog, now: datetime) -> None:
    candidates = log.entered(now, 3)
    log.sequencer.sequence(candidates, now=now)
    table, ref = log.account.register.table, candidates[1].ref
    table.client.put_item(
        TableName=table.name,
        Item={"pk": {"S": f"{log.account.id}#{ref.partition}"}, "sk": {"S": ref.key}, "leaf": {"B": b"other"}},
    )

    checked = log.desk.sign(now=now)

    bundle = log.account.aws.log_objects.read(f"{log.account.keys.log_id(now.year)}/tile/entries/000.p/3") or b""
    assert checked is not None
    assert checked.missing == 1
    assert unbundled(bundle) == [candidates[0].leaf, b"", candidates[2].leaf]


def test_a_larger_trees_checkpoint_is_never_earlier_whatever_the_clocks_say(log: TestLog, now: datetime) -> None:
    log.sequencer.sequence(log.entered(now), now=now)
    first = log.desk.sign(now=now + timedelta(seconds=30))
    log.sequencer.sequence(log.entered(now), now=now)

    second = log.desk.sign(now=now)

    assert first is not None
    assert second is not None
    assert second.signed.at == first.signed.at


def test_who_stopped_with_the_turn_leaves_its_time_to_the_next(log: TestLog, now: datetime) -> None:
    rows = log.account.log(now.year)
    log.sequencer.sequence(log.entered(now), now=now)
    head = rows.head()
    assert head is not None
    assert rows.reserve(1, at=now.replace(microsecond=0), head=head)

    checked = log.desk.sign(now=now + timedelta(hours=1))

    assert checked is not None
    assert checked.signed.at == now.replace(microsecond=0)


def test_while_somebody_signs_a_larger_tree_nobody_signs_a_smaller_one(log: TestLog, now: datetime) -> None:
    rows = log.account.log(now.year)
    log.sequencer.sequence(log.entered(now), now=now)
    head = rows.head()
    assert head is not None
    assert rows.reserve(7, at=now, head=head)

    assert log.desk.sign(now=now) is None
    assert rows.reserve(1, at=now, head=head) is False


def test_a_batch_that_was_taken_away_is_not_signed_over(log: TestLog, now: datetime) -> None:
    rows = log.account.log(now.year)
    for _ in range(3):
        log.sequencer.sequence(log.entered(now), now=now)
    key = {"pk": {"S": f"{log.account.id}#log#{now.year}"}, "sk": {"S": "batch#000000000001"}}
    rows.table.client.delete_item(TableName=rows.table.name, Key=key)

    with pytest.raises(BatchMissing):
        log.desk.sign(now=now)


def test_a_long_backlog_is_signed_a_stretch_at_a_time(log: TestLog, now: datetime) -> None:
    desk = replace(log.desk, most=2)
    for _ in range(5):
        log.sequencer.sequence(log.entered(now, 2), now=now)

    sizes = [checked.signed.size for _ in range(4) if (checked := desk.sign(now=now)) is not None]

    assert sizes == [4, 8, 10]


def test_a_begun_bundle_that_is_none_holds_up_nothing(log: TestLog, now: datetime) -> None:
    objects, folder = log.account.aws.log_objects, log.account.keys.log_id(now.year)
    objects.put_once(f"{folder}/tile/entries/000.p/1", b"no bundle")
    log.sequencer.sequence(log.entered(now), now=now)
    log.desk.sign(now=now)
    (second,) = log.entered(now)
    log.sequencer.sequence([second], now=now)

    checked = log.desk.sign(now=now)

    assert checked is not None
    assert unbundled(objects.read(f"{folder}/tile/entries/000.p/2") or b"") == [b"", second.leaf]
