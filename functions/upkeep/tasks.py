"""Upkeep by schedule: every tenant is asked for by messages of its own, so that none waits for another."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from functions import telemetry
from functions.clock import utc_now
from functions.ids import SubjectId, TenantId
from functions.upkeep.closing import YearEnd
from functions.upkeep.reconciling import Reconciliation

if TYPE_CHECKING:
    from functions.wiring import Wiring

# A browser's ids may be a week old when they come (functions/consents/model.py), and the daily run an hour late.
AN_HOUR, OLDEST_ID = timedelta(hours=1), timedelta(days=8)
QUARTER_HOURLY = ("reconcile",)
DAILY = ("reconcile-all", "turn", "anchor", "retain")


def ask_all(tasks: Sequence[str], *, wiring: "Wiring") -> None:
    """Post a message for each task of each tenant."""
    queue, after = wiring.upkeep, None
    while True:
        tenants, after = wiring.directory.page(after)
        for tenant in tenants:
            for task in tasks:
                queue.post({"task": task, "tenant": tenant})
        if after is None:
            return


def upkeep(body: dict[str, Any], *, wiring: "Wiring") -> None:
    """Do what one message says; each may be done twice."""
    from functions.erasures.tasks import erase, retain  # noqa: PLC0415 - the schedules, which only ask, need none of it

    tenant, now = TenantId.parse(body["tenant"]), utc_now()
    match body["task"]:
        case "reconcile":
            _reconcile(tenant, now - AN_HOUR, [], wiring=wiring, now=now)
        case "reconcile-all":
            _reconcile(tenant, now - OLDEST_ID, wiring.partitions(tenant), wiring=wiring, now=now)
        case "turn":
            _turn(tenant, wiring=wiring, now=now)
        case "anchor":
            _anchor(tenant, wiring=wiring, now=now)
        case "erase":
            erase(tenant, SubjectId.parse(body["subject"]), wiring=wiring, now=now)
        case "retain":
            retain(tenant, now.date(), wiring=wiring, now=now)
        case _:
            raise LookupError("There is no such task.")


def _reconcile(tenant: TenantId, since: datetime, partitions: Sequence[str], *, wiring: "Wiring", now: datetime) -> None:
    for year in (now.year, now.year - 1):
        head = wiring.log_rows(tenant, year).head()
        if head is not None and (head.size != head.signed_size or head.finished < head.v):
            # Its own message was lost, or is on its way; asked twice it is done once.
            wiring.following.sign(tenant, year, at=head.next_signature_at(now), now=now)
    reconciliation = Reconciliation(
        register=wiring.register(tenant),
        places=wiring.places(tenant),
        feeding=wiring.following.feed(tenant),
        partitions=partitions,
    )
    told = reconciliation.reconcile(since=since, now=now)
    if told:
        telemetry.logger.warning("entries had no place in the ledger and are told of again")
        telemetry.count(EntriesToldAgain=told)


def _anchor(tenant: TenantId, *, wiring: "Wiring", now: datetime) -> None:
    """Raises what the authority failed with, so that it is asked again; the alarm is told at once."""
    from functions.anchors.model import AuthorityUnavailable, StampRefused  # noqa: PLC0415 - the other tasks stamp nothing
    from functions.anchors.tasks import anchor_logs  # noqa: PLC0415 - the other tasks need no time-stamp library

    try:
        anchor_logs(tenant, wiring=wiring, now=now)
    except (AuthorityUnavailable, StampRefused):
        telemetry.count(AnchorFailed=1)
        raise


def _turn(tenant: TenantId, *, wiring: "Wiring", now: datetime) -> None:
    year = now.year - 1
    following = wiring.log(tenant, now.year)
    YearEnd(wiring.log_rows(tenant, year), wiring.register(tenant), wiring.following, following).turn(now=now)
