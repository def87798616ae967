"""Asking for an erasure, and doing it: key, packs, look-ups, entry in the register, in this order, however often begun."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from functions.consents.entry import Entry
from functions.consents.receipt import holds
from functions.erasures.model import Erasure, State, leaf_members
from functions.errors import Conflict, Gone, NotFound
from functions.ids import RecordId, SubjectId, TenantId
from functions.ledger.note import Verifier
from functions.vault.mark import How, Mark, Why
from functions.workspace.model import Documents

PREFIX = "erasure#"


class Subjects(Protocol):
    """The keys of one tenant's subjects, where they end."""

    def mark(self, subject: SubjectId) -> Mark | None: ...
    def shred(self, subject: SubjectId, *, why: Why, now: datetime) -> Mark: ...
    def restrict(self, subject: SubjectId, *, why: Why, until: datetime) -> Mark: ...
    def withhold(self, subject: SubjectId) -> None: ...
    def forget_lookups(self, subject: SubjectId) -> None: ...
    def forget(self, subject: SubjectId) -> None: ...
    def finish(self, subject: SubjectId, mark: Mark) -> None: ...


class Packs(Protocol):
    """What was opened of one tenant's subjects for disputes."""

    def forget(self, subject: SubjectId, *, now: datetime) -> None: ...


class Entries(Protocol):
    """The erasures in one tenant's register."""

    def enter(self, says: dict[str, Any]) -> None: ...


class Records(Protocol):
    """The consent records of one tenant."""

    def read(self, record: RecordId) -> Entry | None: ...


class Tasks(Protocol):
    """Where work waits; what was taken in is done at least once."""

    def post(self, body: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True, slots=True)
class Eraser:
    """Where the subjects of one tenant are erased; whatever was begun is resumed by doing it again."""

    vault: Subjects
    packs: Packs
    entries: Entries
    log: Callable[[int], str]

    def shred(self, subject: SubjectId, *, why: Why, now: datetime) -> None:
        """Make all that was sealed for the subject noise, and delete what was opened (GDPR Art. 17(1)); every proof holds.

        Raises:
            NotFound: there never was such a subject.
        """
        mark = self.vault.shred(subject, why=why, now=now)
        if not mark.done:
            self.packs.forget(subject, now=now)
            self.vault.forget(subject)
            self._enter(subject, mark, now)
        self.vault.finish(subject, mark)

    def restrict(self, subject: SubjectId, *, until: datetime, now: datetime) -> None:
        """Leave what was sealed for the subject to the dispute path alone (GDPR Art. 17(3)(e)), until it is shredded.

        Packs stay for their week: nobody but the dispute path is given their links.

        Raises:
            Gone: it was shredded already.
            NotFound: there never was such a subject.
        """
        mark = self.vault.restrict(subject, why=Why.REQUEST, until=until)
        if not mark.done:
            self.vault.withhold(subject)
            self.vault.forget_lookups(subject)
            self._enter(subject, mark, now)
            self.vault.finish(subject, mark)

    def perform(self, erasure: Erasure, *, now: datetime) -> None:
        match erasure.how:
            case How.SHREDDED:
                self.shred(erasure.subject, why=Why.REQUEST, now=now)
            case How.RESTRICTED:
                # Shredded meanwhile: nothing is left to be kept for anybody.
                with suppress(Gone):
                    self.restrict(erasure.subject, until=erasure.until or now, now=now)

    def _enter(self, subject: SubjectId, mark: Mark, now: datetime) -> None:
        self.entries.enter(leaf_members(subject, mark, log=self.log(now.year), at=now))


def subject_of(record: RecordId, *, records: Records, verifier: Verifier) -> SubjectId:
    """Whose a record is; raises `NotFound`, also where nobody can tell because somebody altered it."""
    entry = records.read(record)
    if entry is None or not holds(entry, verifier):
        raise NotFound("There is no record by this id.")
    return SubjectId(entry.says["sid"])


def request_erasure(erasure: Erasure, *, tenant: TenantId, vault: Subjects, documents: Documents, tasks: Tasks) -> Erasure:
    """Take a request in and have it done; the same again gives the first, and has it done if it was not.

    Raises:
        Gone: the subject was shredded already.
        NotFound: there never was such a subject.
    """
    mark = vault.mark(erasure.subject)
    if mark is not None and mark.how is How.SHREDDED and mark.done:
        raise Gone("That data subject was erased already.")
    name = f"{PREFIX}{erasure.subject}#{erasure.how}"
    try:
        documents.create(name, erasure.to_json())
    except Conflict:
        erasure = Erasure.from_json(documents.read(name).body)
    if erasure.state is State.PENDING:
        tasks.post({"task": "erase", "tenant": tenant, "subject": erasure.subject})
    return erasure


def perform_requested(subject: SubjectId, *, documents: Documents, eraser: Eraser, now: datetime) -> None:
    """Do what was asked for one subject and is not done yet."""
    for document in documents.page(f"{PREFIX}{subject}#").documents:
        erasure = Erasure.from_json(document.body)
        if erasure.state is State.PENDING:
            eraser.perform(erasure, now=now)
            documents.update(document.name, erasure.done(now).to_json(), after=document.version)


def list_erasures(*, after: str | None, documents: Documents) -> tuple[list[Erasure], str | None]:
    page = documents.page(PREFIX, after=after)
    return [Erasure.from_json(document.body) for document in page.documents], page.after


def read_erasures(subject: SubjectId, *, documents: Documents) -> list[Erasure]:
    """What was asked for one subject; raises `NotFound` when nothing was."""
    found = documents.page(f"{PREFIX}{subject}#").documents
    if not found:
        raise NotFound("Nobody has asked for the erasure of that data subject.")
    return [Erasure.from_json(document.body) for document in found]


def pending(documents: Documents) -> Iterator[SubjectId]:
    """Subjects for whom something was asked that is not done, should the message about it have been lost."""
    after: str | None = None
    while True:
        erasures, after = list_erasures(after=after, documents=documents)
        yield from (one.subject for one in erasures if one.state is State.PENDING)
        if after is None:
            return
