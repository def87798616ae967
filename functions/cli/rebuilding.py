"""`consentinel rebuild`: what is made from committed batches is made again from the ledger."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Annotated

import typer
from botocore.exceptions import NoRegionError

from functions.clock import utc_now
from functions.consents.table import entry_of
from functions.errors import ConsentinelError
from functions.ids import TenantId
from functions.ledger.model import Batch
from functions.listings.model import FIRST_YEAR
from functions.register.tasks import entries_of, leaf_in, listed
from functions.statistics.model import Part, parts_of
from functions.statistics.service import Contended, Superseded, rebuild
from functions.statistics.tasks import statistics_of
from functions.wiring import Wiring


class Projection(StrEnum):
    """What can be made again."""

    STATISTICS = "statistics"
    LISTINGS = "listings"


def rebuild_account(
    tenant: Annotated[str, typer.Argument(help="The account's id.")],
    only: Annotated[Projection | None, typer.Option(help="One of the two; both when it is not said.")] = None,
) -> None:
    """Make listings and statistics again from the ledger, while new acts go on being counted."""
    try:
        wiring, account = Wiring.from_environment(), TenantId.parse(tenant)
        wiring.keys(account)
        for projection in [only] if only else list(Projection):
            entries = made_again(projection, account, wiring=wiring, now=utc_now())
            typer.echo(f"{projection.value}: {entries} entries")
    except (ConsentinelError, LookupError, NoRegionError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    except (Contended, Superseded) as error:
        typer.echo("Somebody else was at it at the same time; run it again.", err=True)
        raise typer.Exit(1) from error


def made_again(projection: Projection, tenant: TenantId, *, wiring: Wiring, now: datetime) -> int:
    """From all batches of all years; gives how many entries went into it."""
    match projection:
        case Projection.STATISTICS:
            parts = partial(statistics_parts, tenant, wiring=wiring, now=now)
            return rebuild(parts, counting=statistics_of(tenant, wiring=wiring), now=now)
        case Projection.LISTINGS:
            return _entered_again(tenant, wiring=wiring, now=now)


def statistics_parts(tenant: TenantId, *, wiring: Wiring, now: datetime) -> Iterator[Part]:
    """What is counted of all batches that are committed when the first part is asked for."""
    register, receipts = wiring.register(tenant), wiring.receipts(tenant)
    for year, batch in committed(tenant, wiring=wiring, now=now):
        leaves = [leaf_in(item) for _, item in entries_of(batch, register=register, receipts=receipts)]
        yield from parts_of(year, batch, leaves)


def _entered_again(tenant: TenantId, *, wiring: Wiring, now: datetime) -> int:
    """Listings are sets: what stands in them already stays as it is."""
    register, listings, vault = wiring.register(tenant), wiring.listings(tenant), wiring.vault(tenant)
    entries, receipts = 0, wiring.receipts(tenant)
    for _, batch in committed(tenant, wiring=wiring, now=now):
        for ref, item in entries_of(batch, register=register, receipts=receipts):
            if item is not None and ref.partition.startswith("consent#"):
                listed(entry_of(item), listings=listings, vault=vault)
                entries += 1
    return entries


def committed(tenant: TenantId, *, wiring: Wiring, now: datetime) -> Iterator[tuple[int, Batch]]:
    """All batches with their years, in order; raises `LookupError` where one is not there. One is in memory at a time."""
    years = range(FIRST_YEAR, now.year + 2)  # at the turn of the year an entry may be some seconds ahead
    heads = [(year, head.size) for year in years if (head := wiring.log_rows(tenant, year).head()) is not None]
    for year, size in heads:
        reached = 0
        for batch in wiring.log_rows(tenant, year).batches(0, size):
            if batch.start != reached:
                break
            reached = batch.end
            yield year, batch
        if reached != size:
            raise LookupError(f"A batch of the log of {year} is not there: look at it by consentinel audit.")
