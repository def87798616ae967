"""Entering consent records in the listings, and reading the register by them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from functions.consents.entry import Entry
from functions.consents.receipt import holds
from functions.errors import NotFound
from functions.ids import PolicyId, RecordId, SubjectId
from functions.ledger.note import Verifier
from functions.listings.model import Row, Rows, Window, listings_of, matter_of
from functions.listings.record import RegisterRecord, State, unreadable
from functions.policies.model import PolicyVersion
from functions.vault.model import Subject

PAGE = 50


class ListingRows(Protocol):
    """The listings of one tenant."""

    def enter(self, names: Iterable[str], row: Row) -> None: ...
    def note_last(self, subject: SubjectId, matter: str, at_ms: int) -> None: ...
    def last(self, wanted: Iterable[tuple[SubjectId, str]]) -> dict[tuple[SubjectId, str], int]: ...
    def page(self, name: str, window: Window, *, limit: int) -> Rows: ...


class Subjects(Protocol):
    """The vault of one tenant."""

    def subjects(self, ids: Iterable[SubjectId]) -> dict[SubjectId, Subject]: ...
    def note_email(self, email: str, *, subject: SubjectId, record: RecordId, at_ms: int, verified: bool) -> None: ...
    def records_with(self, email: str, low: str, high: str, *, limit: int) -> list[str]: ...


class Records(Protocol):
    """The consent records of one tenant."""

    def read(self, record: RecordId) -> Entry | None: ...
    def read_many(self, records: Iterable[RecordId]) -> dict[RecordId, Entry]: ...


def enter(entry: Entry, *, listings: ListingRows, vault: Subjects) -> None:
    """Make a record findable. Each step may be repeated, so a crash between two of them costs nothing but a repetition."""
    says = entry.says
    subject = SubjectId(says["sid"])
    listings.enter(listings_of(says), Row(says["at"], entry.id))
    listings.note_last(subject, matter_of(says), says["at"])
    owner = vault.subjects([subject]).get(subject)
    email = owner and owner.open(entry.sealed, leaf_hash=entry.leaf_hash).get("email")
    if email:
        vault.note_email(email, subject=subject, record=entry.id, at_ms=says["at"], verified=says["idv"] == "token")


@dataclass(frozen=True, slots=True)
class RegisterDesk:
    """Where one tenant's register is read, records opened as far as their subjects still have a key."""

    listings: ListingRows
    vault: Subjects
    records: Records
    version: Callable[[PolicyId, int], PolicyVersion]
    verifier: Verifier

    def page(self, name: str, window: Window, *, limit: int = PAGE) -> tuple[list[dict[str, Any]], str | None]:
        rows = self.listings.page(name, window, limit=limit)
        return self._shown([row.id for row in rows.rows]), rows.cursor

    def page_of_email(self, email: str, window: Window, *, limit: int = PAGE) -> tuple[list[dict[str, Any]], str | None]:
        """Records that carry the address, claimed and verified alike; each says which."""
        keys = self.vault.records_with(email, *window.bounds(), limit=limit + 2)
        found = [row for row in map(Row.parse, keys) if row is not None and row != window.below]
        rows = Rows.of(found[: limit + 1], limit=limit)
        return self._shown([row.id for row in rows.rows]), rows.cursor

    def record(self, record: RecordId) -> dict[str, Any]:
        """Raises `NotFound`."""
        if self.records.read(record) is None:
            raise NotFound("There is no record by this id.")
        return self._shown([record])[0]

    def record_of(self, subject: SubjectId, record: RecordId) -> dict[str, Any]:
        """One of the subject's own; raises `NotFound` for everybody else's, and where nobody can tell whose it is."""
        entry = self.records.read(record)
        if entry is None or not holds(entry, self.verifier) or entry.says["sid"] != subject:
            raise NotFound("There is no record by this id.")
        return self._shown([record])[0]

    def _shown(self, ids: Sequence[RecordId]) -> list[dict[str, Any]]:
        found = self.records.read_many(ids)
        signed = {id_: entry for id_, entry in found.items() if holds(entry, self.verifier)}
        owners = self.vault.subjects({SubjectId(entry.says["sid"]) for entry in signed.values()})
        opened = {id_: RegisterRecord.opened(one, owners.get(SubjectId(one.says["sid"]))) for id_, one in signed.items()}
        last = self.listings.last({one.matter for one in opened.values()})
        shown = {id_: self._json(record, last) for id_, record in opened.items()}
        altered = {id_: unreadable(id_, State.ALTERED) for id_ in found.keys() - signed.keys()}
        return [shown.get(id_) or altered.get(id_) or unreadable(id_, State.MISSING) for id_ in ids]

    def _version(self, policy: tuple[PolicyId, int]) -> PolicyVersion | None:
        """None when the register does not have it any more; the record says all the same which one it was."""
        try:
            return self.version(*policy)
        except NotFound:
            return None

    def _json(self, record: RegisterRecord, last: dict[tuple[SubjectId, str], int]) -> dict[str, Any]:
        version = self._version(record.policy) if record.policy else None
        return record.to_json(last_ms=last.get(record.matter, 0), version=version, verifier=self.verifier)
