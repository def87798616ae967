"""Completing receipts: what the register holds of a record, and what the log proves of it by now."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from functions.anchors.model import Anchor, AnchorKind, AnchorRow, CheckpointRef
from functions.clock import from_ms
from functions.consents.entry import Entry
from functions.consents.receipt import holds
from functions.errors import NotFound
from functions.ids import RecordId, SubjectId
from functions.ledger.checkpoint import Checkpoint
from functions.ledger.kinds import EntryRef, shard
from functions.ledger.note import Verifier
from functions.ledger.reading import LogReader
from functions.receipts.model import Dated, Opening, Proven, Receipt, telling
from functions.receipts.rendering import Renderer
from functions.vault.model import Subject


class Subjects(Protocol):
    """The vault of one tenant."""

    def subjects(self, ids: Iterable[SubjectId]) -> dict[SubjectId, Subject]: ...


class Records(Protocol):
    """The consent records of one tenant."""

    def read(self, record: RecordId) -> Entry | None: ...


class AnchorRows(Protocol):
    """What was anchored of one tenant's logs."""

    def all(self, kind: AnchorKind, year: int) -> Iterator[AnchorRow]: ...


class Checkpoints(Protocol):
    """The signed checkpoints of one tenant's logs, as they were stamped: without what witnesses have added."""

    def read(self, ref: CheckpointRef) -> str | None: ...


class Objects(Protocol):
    """The log bucket."""

    def read(self, key: str) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class Prover:
    """Proves entries of one tenant; `log` gives the reader of a year's log."""

    log: Callable[[int], LogReader]
    rows: AnchorRows
    checkpoints: Checkpoints
    objects: Objects

    def prove(self, ref: EntryRef, *, year: int) -> Proven | None:
        """Nothing until a signed checkpoint holds the entry."""
        reader = self.log(year)
        proof = reader.proof(ref)
        head = reader.log.head()
        if proof is None or head is None or head.signed is None:
            return None
        size = size_of(proof.checkpoint)
        anchors = map(self._anchor, telling(self.rows.all(AnchorKind.RFC3161, year), index=proof.index))
        dated = (self._joined(anchor, size, reader) for anchor in anchors if anchor is not None)
        return Proven(proof, head.signed.vkey, tuple(dated))

    def _joined(self, anchor: Anchor, size: int, reader: LogReader) -> Dated:
        smaller, larger = sorted((anchor.ref.size, size))
        return Dated(anchor, tuple(reader.consistency(smaller, larger)))

    def _anchor(self, row: AnchorRow) -> Anchor | None:
        note = self.checkpoints.read(row.ref)
        token = None if row.key is None else self.objects.read(row.key)
        return None if note is None or token is None else Anchor(row.kind, row.ref, row.at, note, token)


def size_of(note: str) -> int:
    """The tree size of a checkpoint that the log itself gave."""
    return Checkpoint.parse(note.rpartition("\n\n")[0] + "\n").size


@dataclass(frozen=True, slots=True)
class ReceiptDesk:
    """Where receipts of one tenant are handed out."""

    records: Records
    vault: Subjects
    verifier: Verifier
    prover: Prover
    renderer: Renderer

    def for_subject(self, subject: SubjectId, record: RecordId) -> Receipt:
        """One of the subject's own, opened as far as there is still a key.

        Raises:
            NotFound: it is somebody else's, or nobody can tell whose it is.
        """
        entry = self.records.read(record)
        if entry is None or not holds(entry, self.verifier) or entry.says["sid"] != subject:
            raise NotFound("There is no record by this id.")
        return self.complete(entry, owner=self.vault.subjects([subject]).get(subject))

    def for_merchant(self, record: RecordId) -> Receipt:
        """Unopened; raises `NotFound`, and of a record that is not the one that was signed there is no receipt."""
        entry = self.records.read(record)
        if entry is None:
            raise NotFound("There is no record by this id.")
        if not holds(entry, self.verifier):
            raise NotFound("What the register has by this id is not what was signed, so there is no receipt of it.")
        return self.complete(entry, owner=None)

    def complete(self, entry: Entry, *, owner: Subject | None) -> Receipt:
        """Of an entry whose signature was seen to hold; opened with the owner's key, if that is given."""
        says = entry.says
        proven = self.prover.prove(EntryRef(shard(entry.id), entry.id), year=from_ms(says["at"]).year)
        return Receipt(entry, self.renderer.render(says), self.verifier, proven, Opening.of(entry, owner))
