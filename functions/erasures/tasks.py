"""Erasing what somebody asked for, and each day what is not needed any more; both may be begun again at any time."""

from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING

from functions.consents.receipt import signer_of
from functions.erasures.retention import Keeper, Progress, Terms
from functions.erasures.service import Eraser, pending, perform_requested
from functions.erasures.table import ErasureEntries
from functions.errors import NotFound
from functions.ids import SubjectId, TenantId
from functions.ledger.note import Verifier
from functions.regimes.model import regimes
from functions.vault.mark import How, Why
from functions.workspace.model import Documents

if TYPE_CHECKING:
    from functions.vault.shredding import Shredder
    from functions.wiring import Wiring

PROGRESS = "retention"


def eraser(tenant: TenantId, wiring: "Wiring") -> Eraser:
    entries = ErasureEntries(wiring.register(tenant))
    return Eraser(wiring.shredder(tenant), entries, partial(wiring.log, tenant))


def verifier(tenant: TenantId, wiring: "Wiring") -> Verifier:
    return signer_of(wiring.keys(tenant), log_host=wiring.settings.log_host).verifier


def terms(tenant: TenantId, wiring: "Wiring") -> Terms:
    return Terms.of(regimes()[name] for name in wiring.tenant(tenant).regimes)


def erase(tenant: TenantId, subject: SubjectId, *, wiring: "Wiring", now: datetime) -> None:
    """Do what was asked for a subject."""
    perform_requested(subject, documents=wiring.documents(tenant), eraser=eraser(tenant, wiring), now=now)


def retain(tenant: TenantId, day: date, *, wiring: "Wiring", now: datetime) -> None:
    """Erase what is due on that day or was on days that were missed: requests, restrictions, and proof that nobody needs.

    A day that is still to come counts as today.
    """
    day = min(day, now.date())
    documents, erasing, vault = wiring.documents(tenant), eraser(tenant, wiring), wiring.shredder(tenant)
    for subject in pending(documents):
        perform_requested(subject, documents=documents, eraser=erasing, now=now)
    for subject in vault.due(day):
        erasing.shred(subject, why=Why.RESTRICTION_OVER, now=now)
    progress, version = _progress(documents)
    following = progress.upto(day, terms(tenant, wiring))
    for listed in progress.days(following):
        for subject in _keeper(tenant, wiring).due_subjects(listed, now=now):
            # A restriction ends on its own day.
            if not _is_restricted(subject, vault):
                erasing.shred(subject, why=Why.RETENTION, now=now)
    _keep(documents, following, after=version)


def _is_restricted(subject: SubjectId, vault: "Shredder") -> bool:
    mark = vault.mark(subject)
    return mark is not None and mark.how is How.RESTRICTED


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
