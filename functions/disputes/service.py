"""Asking for a dispute pack and having it made, once, however often it is asked for or handed over."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from functions.disputes.model import MOST_SUBJECTS, Dispute, DisputeId, Made, State
from functions.errors import Conflict, Invalid, NotFound
from functions.ids import SubjectId, TenantId
from functions.workspace.model import Documents


class Subjects(Protocol):
    """Who had an address, restricted subjects among them."""

    def subjects_with(self, email: str) -> list[SubjectId]: ...


class Tasks(Protocol):
    """Where work waits; what was taken in is done at least once."""

    def post(self, body: Mapping[str, Any]) -> None: ...


class Packs(Protocol):
    """The bucket of packs that were made."""

    def link(self, dispute: DisputeId, digest: str) -> str:
        """An address that is good for five minutes."""


def subjects_with(email: str, *, vault: Subjects) -> tuple[SubjectId, ...]:
    """Everybody who has the address or had it before they were restricted; raises `NotFound`, and `Invalid` for too many."""
    found = tuple(vault.subjects_with(email))
    if not found:
        raise NotFound("No data subject here has that address.")
    if len(found) > MOST_SUBJECTS:
        raise Invalid(f"More than {MOST_SUBJECTS} data subjects have that address; ask for a pack of one of them at a time.")
    return found


def request_pack(dispute: Dispute, *, tenant: TenantId, documents: Documents, tasks: Tasks) -> Dispute:
    """Take a request in and have the pack made; the same again gives the first, and has it made if it was not.

    Raises:
        Conflict: another pack was asked for under that id.
    """
    try:
        documents.create(_name(dispute.id), dispute.to_json())
    except Conflict as error:
        earlier = read_dispute(dispute.id, documents=documents)
        if not earlier.is_again(dispute):
            raise Conflict("Another pack was asked for under that id; take a new id.") from error
        dispute = earlier
    if dispute.made is None:
        tasks.post({"tenant": tenant, "dispute": dispute.id})
    return dispute


def read_dispute(dispute: DisputeId, *, documents: Documents) -> Dispute:
    """Raises `NotFound`."""
    return Dispute.from_json(documents.read(_name(dispute)).body)


def shown(dispute: DisputeId, *, documents: Documents, packs: Packs, now: datetime) -> dict[str, Any]:
    """State of a pack, and its link while there is something behind it; raises `NotFound`."""
    found = read_dispute(dispute, documents=documents)
    link = packs.link(dispute, found.made.sha256) if found.made and found.state(now) is State.READY else None
    return found.shown(now=now, link=link)


def make_pack(dispute: DisputeId, *, documents: Documents, make: Callable[[Dispute], Made]) -> None:
    """Make a pack that is not made yet.

    Whoever was stopped in between makes it anew; of two at the same time the first one's note stays, and the other raises
    `Conflict`.
    """
    stored = documents.read(_name(dispute))
    wanted = Dispute.from_json(stored.body)
    if wanted.made is None:
        ready = wanted.ready(make(wanted))
        documents.update(stored.name, ready.to_json(), after=stored.version)


def _name(dispute: DisputeId) -> str:
    return f"dispute#{dispute}"
