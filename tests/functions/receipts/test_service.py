from datetime import datetime
from typing import Any

import pytest

from functions.anchors.checkpoints import LogCheckpoints
from functions.anchors.model import AnchorKind, AnchorRow, CheckpointRef
from functions.anchors.table import Anchors
from functions.dynamo import Table
from functions.ledger.checkpoint import opened
from functions.ledger.note import Verifier
from functions.ledger.tree import Unproven, verify_consistency
from functions.receipts.service import Prover
from tests.support.aws import Account
from tests.support.logs import TestLog


@pytest.fixture
def log(tenant: Account, now: datetime) -> TestLog:
    return TestLog(tenant, now.year)


def prover(log: TestLog) -> Prover:
    account = log.account
    table = Table(account.aws.dynamodb, account.aws.settings.ledger_table)
    objects = account.aws.log_objects
    return Prover(
        log=lambda year: TestLog(account, year).reader,
        rows=Anchors(table, account.id),
        checkpoints=LogCheckpoints(account.log, objects),
        objects=objects,
    )


def grow(log: TestLog, now: datetime, count: int) -> list[Any]:
    """Enter, sequence and sign; the candidates."""
    candidates = log.entered(now, count)
    log.sequencer.sequence(candidates, now=now)
    assert log.desk.sign(now=now)
    return candidates


def anchor(log: TestLog, size: int, now: datetime, token: bytes = b"token") -> None:
    account = log.account
    key = f"{account.keys.log_id(log.year)}/anchor/{size}.tsr"
    account.aws.log_objects.put_once(key, token)
    table = Table(account.aws.dynamodb, account.aws.settings.ledger_table)
    Anchors(table, account.id).enter(AnchorRow(AnchorKind.RFC3161, CheckpointRef(log.year, size), now, key))


def test_nothing_is_proven_before_a_signed_checkpoint_holds_the_entry(log: TestLog, now: datetime) -> None:
    (entry,) = log.entered(now)
    before = prover(log).prove(entry.ref, year=log.year)
    log.sequencer.sequence([entry], now=now)
    sequenced = prover(log).prove(entry.ref, year=log.year)
    log.desk.sign(now=now)

    signed = prover(log).prove(entry.ref, year=log.year)

    assert (before, sequenced) == (None, None)
    assert signed is not None
    assert signed.proof.verify(entry.stated, Verifier.parse(signed.vkey)).size == 1
    with pytest.raises(Unproven):
        signed.proof.verify(bytes(32), Verifier.parse(signed.vkey))


def test_each_dated_checkpoint_is_joined_to_that_of_the_proof(log: TestLog, now: datetime) -> None:
    grow(log, now, 2)
    (entry,) = grow(log, now, 1)
    for count in (4, 2, 3):
        grow(log, now, count)
    for size in (2, 7, 9, 12):
        anchor(log, size, now)
    (newest,) = grow(log, now, 1)

    proven, undated = (prover(log).prove(one.ref, year=log.year) for one in (entry, newest))

    assert proven is not None
    assert undated is not None
    assert undated.dated == ()
    assert [one.anchor.ref.size for one in proven.dated] == [7, 12]
    key = Verifier.parse(proven.vkey)
    own = opened(proven.proof.checkpoint.encode(), key)
    assert own.size == 3
    for one in proven.dated:
        dated = opened(one.anchor.checkpoint.encode(), key)
        verify_consistency(own.size, dated.size, one.consistency, own.root, dated.root)
        with pytest.raises(Unproven):
            verify_consistency(own.size, dated.size, one.consistency, bytes(32), dated.root)


def test_an_anchor_whose_stamp_is_gone_is_left_out(log: TestLog, now: datetime) -> None:
    (entry,) = grow(log, now, 1)
    table = Table(log.account.aws.dynamodb, log.account.aws.settings.ledger_table)
    Anchors(table, log.account.id).enter(AnchorRow(AnchorKind.RFC3161, CheckpointRef(log.year, 1), now, "nowhere/anchor/1.tsr"))

    proven = prover(log).prove(entry.ref, year=log.year)

    assert proven is not None
    assert proven.dated == ()


def test_what_a_witness_adds_is_in_the_proof_and_not_in_what_was_stamped(log: TestLog, now: datetime) -> None:
    (entry,) = grow(log, now, 1)
    stamped = prover(log).checkpoints.read(CheckpointRef(log.year, 1))
    anchor(log, 1, now)
    account = log.account
    table = Table(account.aws.dynamodb, account.aws.settings.ledger_table)
    line = "— witness.example " + "AAAAAA" * 14
    Anchors(table, account.id).cosign(CheckpointRef(log.year, 1), b"abcd", line, at=now)

    proven = prover(log).prove(entry.ref, year=log.year)

    assert proven is not None
    assert line in proven.proof.checkpoint
    assert [one.anchor.checkpoint for one in proven.dated] == [stamped]


def test_a_neighbours_log_proves_nothing_of_it(log: TestLog, neighbour: Account, now: datetime) -> None:
    (entry,) = grow(log, now, 1)
    grow(TestLog(neighbour, log.year), now, 2)

    assert prover(TestLog(neighbour, log.year)).prove(entry.ref, year=log.year) is None
