"""The daily upkeep of a tenant's anchors."""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from functions.anchors.checkpoints import LogCheckpoints
from functions.anchors.service import Anchoring
from functions.anchors.table import Anchors
from functions.dynamo import Table
from functions.ids import TenantId

if TYPE_CHECKING:
    from functions.wiring import Wiring


def anchor_logs(tenant: TenantId, *, wiring: "Wiring", now: datetime) -> None:
    """Anchor the tenant's log of this year, and the one before, which takes late entries for a while and then is closed.

    Raises:
        AuthorityUnavailable, StampRefused: to be tried again; what was anchored stays so.
    """
    from functions.anchors.authority import TimestampAuthority  # noqa: PLC0415 - requests, which read anchors, ask nobody

    url = wiring.settings.timestamp_authority
    anchoring = Anchoring(
        tenant=tenant,
        checkpoints=checkpoints_of(tenant, wiring=wiring),
        rows=rows_of(tenant, wiring=wiring),
        objects=wiring.log_objects,
        letters=wiring.letters,
        authority=TimestampAuthority(url, wiring.settings.timestamp_roots) if url else None,
    )
    for year in (now.year, now.year - 1):
        anchoring.anchor(year, now=now)


def checkpoints_of(tenant: TenantId, *, wiring: "Wiring") -> LogCheckpoints:
    return LogCheckpoints(partial(wiring.log_rows, tenant), wiring.log_objects)


def rows_of(tenant: TenantId, *, wiring: "Wiring") -> Anchors:
    return Anchors(Table(wiring.dynamodb, wiring.settings.ledger_table), tenant)
