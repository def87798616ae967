from dataclasses import replace
from datetime import datetime

import pytest

from functions.anchors.model import Anchor, StampRefused
from functions.anchors.service import anchors_of
from functions.anchors.tasks import anchor_logs, checkpoints_of, rows_of
from functions.wiring import Wiring
from infra.local.authority import Authority
from tests.functions.anchors.conftest import Log
from tests.functions.anchors.judge import verifies
from tests.support.aws import Account, Aws


@pytest.fixture
def wiring(aws: Aws, authority: Authority) -> Wiring:
    return Wiring(replace(aws.settings, timestamp_authority=authority.address), aws.dynamodb, aws.session)


def shown(account: Account, year: int, wiring: Wiring) -> list[Anchor]:
    checkpoints, rows = checkpoints_of(account.id, wiring=wiring), rows_of(account.id, wiring=wiring)
    return anchors_of(year, rows=rows, checkpoints=checkpoints, objects=wiring.log_objects)


def test_this_years_log_and_the_last_are_anchored(tenant: Account, wiring: Wiring, authority: Authority, now: datetime) -> None:
    notes = [Log(tenant, year).grow(now) for year in (now.year - 1, now.year)]

    anchor_logs(tenant.id, wiring=wiring, now=now)

    found = [anchor for year in (now.year - 1, now.year) for anchor in shown(tenant, year, wiring)]
    assert [anchor.checkpoint for anchor in found] == notes
    assert all(verifies(anchor.token, anchor.checkpoint.encode(), authority.root) for anchor in found)


def test_without_an_authority_nothing_is_stamped(tenant: Account, wiring: Wiring, now: datetime) -> None:
    Log(tenant, now.year).grow(now)
    alone = replace(wiring, settings=replace(wiring.settings, timestamp_authority=""))

    anchor_logs(tenant.id, wiring=alone, now=now)

    assert shown(tenant, now.year, alone) == []


def test_a_log_of_last_year_that_was_tampered_with_holds_up_this_years_not(
    tenant: Account, wiring: Wiring, now: datetime
) -> None:
    last, this = Log(tenant, now.year - 1), Log(tenant, now.year)
    last.grow(now)
    this.grow(now)
    last.objects.put_once(f"{last.id}/anchor/1.tsr", b"forged")

    with pytest.raises(StampRefused):
        anchor_logs(tenant.id, wiring=wiring, now=now)

    assert len(shown(tenant, now.year, wiring)) == 1


def test_a_neighbours_logs_are_left_alone(tenant: Account, neighbour: Account, wiring: Wiring, now: datetime) -> None:
    for account in (tenant, neighbour):
        Log(account, now.year).grow(now)

    anchor_logs(tenant.id, wiring=wiring, now=now)

    assert (len(shown(tenant, now.year, wiring)), shown(neighbour, now.year, wiring)) == (1, [])
