import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from io import StringIO
from typing import Any

import pytest

from functions import telemetry
from functions.audit.tasks import audit
from functions.dynamo import Table
from functions.ledger.kinds import EntryRef
from functions.tenants.directory import Directory
from functions.wiring import Wiring
from tests.functions.audit.history import History
from tests.support.aws import Account


@dataclass
class Posted:
    """States that wait to be gone on with, as a queue would have them."""

    bodies: list[str] = field(default_factory=list)

    def post(self, state: Mapping[str, Any]) -> None:
        self.bodies.append(json.dumps(state))


@pytest.fixture
def wiring(tenant: Account) -> Wiring:
    Directory(Table(tenant.aws.dynamodb, tenant.aws.settings.workspace_table)).enter(tenant.id)
    return replace(Wiring.from_environment(), settings=tenant.aws.settings)


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What the logger writes, wherever that went before."""
    told = StringIO()
    (handler,) = logging.getLogger(telemetry.NAME).handlers
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(told)
    yield told
    handler.setStream(before)


def leg(waiting: Posted, wiring: Wiring, *, pages: int) -> None:
    """Audit so many pages, from where the message says."""
    state = json.loads(waiting.bodies.pop()) if waiting.bodies else None
    left = iter(range(pages))
    audit(wiring=wiring, state=state, carry_on=lambda: next(left, None) is not None, post=waiting.post)


def test_an_audit_without_a_finding_says_nothing(
    tenant: Account, wiring: Wiring, now: datetime, capsys: pytest.CaptureFixture[str], log: StringIO
) -> None:
    History.of(tenant, now)

    audit(wiring=wiring)

    assert (capsys.readouterr().out, log.getvalue()) == ("", "")


def test_it_goes_on_by_messages_and_tells_of_each_finding_once(
    tenant: Account, wiring: Wiring, now: datetime, capsys: pytest.CaptureFixture[str], log: StringIO
) -> None:
    history, waiting, legs = History.of(tenant, now), Posted(), 1
    history.locator(1, index={"N": "2"})
    history.put(EntryRef("nonsense", "vera@example.com"), b"nothing")

    leg(waiting, wiring, pages=2)
    while waiting.bodies:
        leg(waiting, wiring, pages=2)
        legs += 1

    counted = [json.loads(line)["AuditDisagrees"] for line in capsys.readouterr().out.splitlines()]
    messages = [json.loads(line)["message"] for line in log.getvalue().splitlines()]
    assert legs > 2
    assert counted == [
        [1.0],
        [2.0],
    ]  # the locator where the log says it should lead, then where it leads, and the row of no kind
    assert messages == ["the audit disagrees: locator"] * 2
    assert "vera" not in log.getvalue()
