"""Somebody tampers with a log in which nobody would find anything, and it is said who finds out."""

import json
import sys
from datetime import timedelta

import pytest

from functions.audit.model import Kind
from functions.cli import verify
from functions.clock import to_ms
from functions.ids import RecordId
from functions.ledger.kinds import EntryRef, shard
from functions.receipts.routes import desk
from tests.support.receipts import Authority
from tests.support.storefront import uuid7
from tests.tampering.scenes import SCENES, audited, found_by, place, row, told, written_anew
from tests.tampering.world import World, put


def test_nothing_is_found_where_nobody_did_anything(world: World, authority: Authority) -> None:
    past = told(world, authority)

    assert found_by(world, past) == set()


@pytest.mark.parametrize("name", SCENES)
def test_it_is_found_out(world: World, authority: Authority, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    tamper, expected = SCENES[name]
    past = told(world, authority)

    tamper(world, past)

    found = found_by(world, past)
    with capsys.disabled():
        sys.stdout.write(f"\n{name}: {', '.join(sorted(found))}")
    assert found == expected


def test_a_record_replayed_to_a_neighbour_is_kept_out_there_and_changes_nothing_here(
    world: World, authority: Authority
) -> None:
    past = told(world, authority)
    neighbour = World.opened(world.aws, world.now)
    copied = row(world, place(world, 1))
    put(world.register, copied | {"pk": {"S": f"{neighbour.tenant}#{place(world, 1).partition}"}})

    neighbour.stream_to_sequencer()

    assert audited(neighbour).found == {Kind.QUARANTINED: 1}
    assert found_by(world, past) == set()


def test_a_consent_that_the_appender_invents_is_no_tampering_but_cannot_be_back_dated(
    world: World, authority: Authority
) -> None:
    past = told(world, authority)
    at = world.now - timedelta(minutes=10)
    record = RecordId(uuid7(at))
    invented = written_anew(world, row(world, place(world, 0)), id=record, at=to_ms(at))
    put(world.register, invented | {"pk": {"S": f"{world.tenant}#{shard(record)}"}, "sk": {"S": record}})
    world.sequence()
    world.after(31)
    world.sign()

    receipt = desk(world.wiring, world.tenant).for_merchant(record).to_json()

    assert found_by(world, past) == set()
    assert world.wiring.places(world.tenant).find([EntryRef(shard(record), record)]).popitem()[1].late
    verdict = verify.check(json.dumps(receipt).encode(), verify.Brought())
    assert verdict.exit_code == 0
    assert "late" in {finding.check for finding in verdict.findings}
