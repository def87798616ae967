"""Erasing what somebody asked for, and each day what is not needed any more; both may be begun again at any time."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from functions import telemetry
from functions.consents.receipt import signer_of
from functions.disputes.service import Opened
from functions.disputes.table import Packs
from functions.erasures.retention import Keeper, Progress, Terms
from functions.erasures.service import Eraser, pending, perform_requested
from functions.erasures.table import ErasureEntries
from functions.errors import ConsentinelError, NotFound
from functions.ids import SubjectId, TenantId
from functions.ledger.note import Verifier
from functions.regimes.model import regimes
from functions.vault.mark import Why
from functions.workspace.model import Documents

if TYPE_CHECKING:
    from functions.vault.shredding import Shredder
    from functions.wiring import Wiring

PROGRESS = "retention"
A_DAY = timedelta(days=1)


class LeftOver(Exception):
    """So many data subjects could not be erased; they are tried again with the message."""


def eraser(tenant: TenantId, wiring: "Wiring") -> Eraser:
    entries = ErasureEntries(wiring.register(tenant))
    packs = Packs(wiring.exports, wiring.settings.export_bucket, tenant)
    return Eraser(wiring.shredder(tenant), Opened(wiring.documents(tenant), packs), entries, partial(wiring.log, tenant))


def verifier(tenant: TenantId, wiring: "Wiring") -> Verifier:
    return signer_of(wiring.keys(tenant), log_host=wiring.settings.log_host).verifier


def terms(tenant: TenantId, wiring: "Wiring") -> Terms:
    return Terms.of(regimes()[name] for name in wiring.tenant(tenant).regimes)


def erase(tenant: TenantId, subject: SubjectId, *, wiring: "Wiring", now: datetime) -> None:
    """Do what was asked for a subject."""
    perform_requested(subject, documents=wiring.documents(tenant), eraser=eraser(tenant, wiring), now=now)


def retain(tenant: TenantId, day: date, *, wiring: "Wiring", now: datetime) -> None:
    """Erase what is due on that day or was on days that were missed: requests, restrictions, and proof that nobody needs.

    Whose proof nobody needs is retired first, and erased the day after if it still is not needed. A day that is still to come
    counts as today. Raises `LeftOver` at the end when somebody could not be erased; the others are.
    """
    day = min(day, now.date())
    documents, erasing, vault = wiring.documents(tenant), eraser(tenant, wiring), wiring.shredder(tenant)
    keeper, failed = _keeper(tenant, wiring), 0
    for subject in pending(documents):
        failed += not _done(partial(perform_requested, subject, documents=documents, eraser=erasing, now=now))
    for subject in vault.due(day):
        failed += not _done(partial(_end, subject, vault=vault, keeper=keeper, eraser=erasing, now=now))
    progress, version = _progress(documents)
    following = progress.upto(day, terms(tenant, wiring))
    for listed in progress.days(following):
        for subject in keeper.due_subjects(listed, now=now):
            vault.retire(subject, until=now.date() + A_DAY)
    _keep(documents, following, after=version)
    if failed:
        raise LeftOver(failed)


def _done(erase: Callable[[], None]) -> bool:
    """One subject of whom something is broken must not keep the others waiting."""
    try:
        erase()
    except (ConsentinelError, LookupError, ValueError) as error:
        telemetry.logger.error("a data subject could not be erased", exc_info=error)
        telemetry.count(ErasuresFailed=1)
        return False
    return True


def _end(subject: SubjectId, *, vault: "Shredder", keeper: Keeper, eraser: Eraser, now: datetime) -> None:
    """Of a restriction that is over, or of the proof of somebody who is retiring, if nothing has come that needs it."""
    if vault.mark(subject) is not None:
        eraser.shred(subject, why=Why.RESTRICTION_OVER, now=now)
    elif vault.is_retiring(subject) and keeper.is_due(subject, now=now):
        eraser.shred(subject, why=Why.RETENTION, now=now)
    else:
        vault.reinstate(subject)


def _keeper(tenant: TenantId, wiring: "Wiring") -> Keeper:
    return Keeper(wiring.listings(tenant), wiring.records(tenant), verifier(tenant, wiring), terms(tenant, wiring))


def _progress(documents: Documents) -> tuple[Progress, int | None]:
    try:
        stored = documents.read(PROGRESS)
    except NotFound:
        return Progress(), None
    return Progress.from_json(stored.body), stored.version


def _keep(documents: Documents, progress: Progress, *, after: int | None) -> None:
    if after is None:
        documents.create(PROGRESS, progress.to_json())
    else:
        documents.update(PROGRESS, progress.to_json(), after=after)
