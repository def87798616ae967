"""What a committed batch adds to the statistics."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from functions.dynamo import Table
from functions.ids import TenantId
from functions.ledger.model import Batch
from functions.statistics.model import parts_of
from functions.statistics.service import count
from functions.statistics.table import StatisticsRows

if TYPE_CHECKING:
    from functions.wiring import Wiring


def statistics_of(tenant: TenantId, *, wiring: "Wiring") -> StatisticsRows:
    return StatisticsRows(Table(wiring.dynamodb, wiring.settings.ledger_table), tenant)


def count_batch(
    tenant: TenantId, year: int, batch: Batch, leaves: Sequence[bytes | None], *, wiring: "Wiring", now: datetime
) -> None:
    """Count a batch, once however often it is told of; of an entry that is not what it was there is no leaf."""
    count(parts_of(year, batch, leaves), counting=statistics_of(tenant, wiring=wiring), now=now)
