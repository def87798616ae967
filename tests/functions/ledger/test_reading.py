import json
from datetime import datetime, timedelta

import pytest

from functions.ledger.checkpoint import opened
from functions.ledger.keys import Verifier
from functions.ledger.proof import LogProof
from functions.ledger.tree import Unproven, verify_consistency
from tests.support.aws import Account
from tests.support.logs import TestLog


@pytest.fixture
def log(tenant: Account, now: datetime) -> TestLog:
    return TestLog(tenant, now.year)


def test_an_entry_has_a_proof_once_a_checkpoint_holds_it(log: TestLog, now: datetime) -> None:
    candidates = log.entered(now, 3)
    reader = log.reader
    before = reader.proof(candidates[1].ref)
    log.sequencer.sequence(candidates, now=now)
    sequenced = reader.proof(candidates[1].ref)
    checked = log.desk.sign(now=now)

    proof = reader.proof(candidates[1].ref)

    assert (before, sequenced) == (None, None)
    assert checked is not None
    assert proof is not None
    verifier = Verifier.parse(checked.signed.vkey)
    assert LogProof.parse(proof.text).verify(candidates[1].stated, verifier).size == 3
    with pytest.raises(Unproven):
        proof.verify(candidates[0].stated, verifier)


def test_a_late_entry_says_so_beside_its_proof(log: TestLog, now: datetime) -> None:
    log.sequencer.sequence(log.entered(now), now=now)
    log.desk.sign(now=now)
    late = log.entered(now - timedelta(seconds=90))
    log.sequencer.sequence(late, now=now + timedelta(seconds=1))
    log.desk.sign(now=now + timedelta(seconds=31))

    proof = log.reader.proof(late[0].ref)

    assert proof is not None
    assert json.loads(proof.extra or b"") == {"late": True, "sequenced_at": int(now.timestamp() * 1000) + 1000}


def test_every_checkpoint_grew_into_the_next(log: TestLog, now: datetime) -> None:
    sizes = []
    for count in (1, 5, 250, 60):
        log.sequencer.sequence(log.entered(now, count), now=now)
        checked = log.desk.sign(now=now)
        assert checked is not None
        sizes.append(checked.signed)

    reader, verifier = log.reader, Verifier.parse(sizes[0].vkey)
    roots = {one.size: opened((reader.checkpoint(one.size) or "").encode(), verifier).root for one in sizes}
    for old in sizes:
        for new in sizes:
            if old.size <= new.size:
                proof = reader.consistency(old.size, new.size)
                verify_consistency(old.size, new.size, proof, roots[old.size], roots[new.size])


def test_a_neighbour_reads_nothing_of_it(log: TestLog, neighbour: Account, now: datetime) -> None:
    candidates = log.entered(now)
    log.sequencer.sequence(candidates, now=now)
    log.desk.sign(now=now)

    other = TestLog(neighbour, now.year).reader

    assert other.newest() is None
    assert other.checkpoint(1) is None
    assert other.proof(candidates[0].ref) is None
