"""Asking for a dispute pack and having it made, once, however often it is asked for or handed over."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from functions.disputes.model import MOST_SUBJECTS, Dispute, DisputeId, Made, State
from functions.errors import Conflict, Invalid, NotFound
from functions.ids import SubjectId, TenantId
from functions.vault.mark import How, Mark
from functions.workspace.model import Document, Documents

PREFIX = "dispute#"
PAGE = 500


class Subjects(Protocol):
    """Who had an address, restricted subjects among them."""

    def subjects_with(self, email: str) -> list[SubjectId]: ...


class Marks(Protocol):
    """What stands where the keys of erased subjects stood."""

    def mark(self, subject: SubjectId) -> Mark | None: ...


class Tasks(Protocol):
    """Where work waits; what was taken in is done at least once."""

    def post(self, body: Mapping[str, Any]) -> None: ...


class Packs(Protocol):
    """The bucket of packs that were made."""

    def link(self, dispute: DisputeId, digest: str) -> str:
        """An address that is good for five minutes."""

    def delete(self, dispute: DisputeId) -> None:
        """Whatever was made for it; nothing is no fault."""


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
    if dispute.made is None and dispute.erased_at is None:
        tasks.post({"tenant": tenant, "dispute": dispute.id})
    return dispute


def read_dispute(dispute: DisputeId, *, documents: Documents) -> Dispute:
    """Raises `NotFound`."""
    return Dispute.from_json(documents.read(_name(dispute)).body)


def shown(dispute: DisputeId, *, documents: Documents, packs: Packs, vault: Marks, now: datetime) -> dict[str, Any]:
    """State of a pack, and its link while there is something behind it; raises `NotFound`.

    Of who was shredded nothing opened is handed out from that moment on, even if their packs are still to be deleted.
    """
    found = read_dispute(dispute, documents=documents)
    if found.state(now) is State.READY and found.made and found.made.counts.opened and _any_shredded(found, vault):
        found = found.erased(now)
    link = packs.link(dispute, found.made.sha256) if found.made and found.state(now) is State.READY else None
    return found.shown(now=now, link=link)


def make_pack(dispute: DisputeId, *, documents: Documents, packs: Packs, make: Callable[[Dispute], Made]) -> None:
    """Make a pack that is not made yet.

    Whoever was stopped in between makes it anew; of two at the same time the first one's note stays, and the other raises
    `Conflict`. What was put while somebody whom it is about was erased is deleted.
    """
    stored = documents.read(_name(dispute))
    wanted = Dispute.from_json(stored.body)
    if wanted.made is None and wanted.erased_at is None:
        ready = wanted.ready(make(wanted))
        try:
            documents.update(stored.name, ready.to_json(), after=stored.version)
        except Conflict:
            wanted = read_dispute(dispute, documents=documents)
            if wanted.erased_at is None:
                raise
    if wanted.erased_at is not None:
        packs.delete(dispute)


@dataclass(frozen=True, slots=True)
class Opened:
    """The packs of one tenant: all that is opened of its data subjects outside of the register."""

    documents: Documents
    packs: Packs

    def forget(self, subject: SubjectId, *, now: datetime) -> None:
        """Delete every pack about a subject who has no key any more (GDPR Art. 17(1)); may be begun again at any time.

        The note comes first: whoever is making a pack then finds it, and deletes what they put after this has looked.
        """
        for document in self._documents():
            dispute = Dispute.from_json(document.body)
            if subject in dispute.subjects:
                self._note(document, now)
                self.packs.delete(dispute.id)

    def _note(self, document: Document, now: datetime) -> None:
        dispute = Dispute.from_json(document.body)
        if dispute.erased_at is None:
            try:
                self.documents.update(document.name, dispute.erased(now).to_json(), after=document.version)
            except Conflict:
                # Made, or noted by another erasure, meanwhile; nothing else ever changes one.
                self._note(self.documents.read(document.name), now)

    def _documents(self) -> Iterator[Document]:
        after: str | None = None
        while True:
            page = self.documents.page(PREFIX, after=after, limit=PAGE)
            yield from page.documents
            after = page.after
            if after is None:
                return


def _any_shredded(dispute: Dispute, vault: Marks) -> bool:
    marks = map(vault.mark, dispute.subjects)
    return any(mark is not None and mark.how is How.SHREDDED for mark in marks)


def _name(dispute: DisputeId) -> str:
    return f"{PREFIX}{dispute}"
