"""Filling a dispute pack: page by page, each record as a receipt with its opening, and beside it what it names."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, Any, Protocol

from functions.clock import from_ms
from functions.consents.entry import Entry
from functions.consents.receipt import holds
from functions.disputes.account import Account, Standing, Told, WindowText
from functions.disputes.archive import Archive
from functions.disputes.model import Counts, Dispute
from functions.disputes.shelf import Shelf
from functions.disputes.stamps import Stamps
from functions.ids import RecordId, SubjectId
from functions.ledger.checkpoint import Checkpoint, NotACheckpoint
from functions.ledger.note import NotANote, Unverified, Verifier
from functions.ledger.tree import Unproven
from functions.listings.model import FIRST_YEAR, Row, Rows, Window, of_subject
from functions.receipts.model import Receipt
from functions.receipts.rendering import controller
from functions.receipts.service import ReceiptDesk
from functions.vault.model import Subject

PAGE = 100
# Within what a verifier takes: 5,000 files, 100 MB unpacked.
MOST_RECORDS = 3000


class Listings(Protocol):
    """The listings of one tenant."""

    def page(self, name: str, window: Window, *, limit: int) -> Rows: ...


class Records(Protocol):
    """The consent records of one tenant."""

    def read_many(self, records: Iterable[RecordId]) -> dict[RecordId, Entry]: ...


@dataclass(frozen=True, slots=True)
class Packer:
    """Where the packs of one tenant are filled.

    Args:
        receipts: completes each receipt.
        listings: finds a subject's records.
        records: reads them.
        owner: the subject with the key, restricted or not; None once it was shredded.
        shelf: what was shown.
        stamps: reads the time-stamps of checkpoints.
        tools: the verifiers that go into the pack, by file name.
        report: makes the PDF.
        language: that the report is written in.
    """

    receipts: ReceiptDesk
    listings: Listings
    records: Records
    owner: Callable[[SubjectId], Subject | None]
    shelf: Shelf
    stamps: Stamps
    tools: Mapping[str, bytes]
    report: Callable[[Account], bytes]
    language: str

    def fill(self, dispute: Dispute, into: IO[bytes], *, now: datetime) -> Counts:
        """Write the whole ZIP; one page of records is in memory at a time, and a few lines of each for the report."""
        with Archive(into, at=now) as archive:
            filling = Filling(self, archive)
            for row, entry, owner in self._entries(dispute, now, filling):
                filling.take(row, entry, owner)
            for name, tool in self.tools.items():
                archive.add(name, tool)
            archive.add("keys.txt", "".join(f"{key}\n" for key in filling.keys).encode())
            counts = filling.counts()
            archive.add("report.pdf", self.report(self._account(dispute, filling, counts, now)))
        return counts

    def _entries(
        self, dispute: Dispute, now: datetime, filling: "Filling"
    ) -> Iterator[tuple[Row, Entry | None, Subject | None]]:
        for subject in dispute.subjects:
            owner = self.owner(subject)
            for row, entry in self._entries_of(subject, now):
                if len(filling.told) < MOST_RECORDS:
                    yield row, entry, owner
                else:
                    filling.left_out += 1

    def _entries_of(self, subject: SubjectId, now: datetime) -> Iterator[tuple[Row, Entry | None]]:
        """Newest first."""
        since, below = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), None
        while True:
            page = self.listings.page(of_subject(subject), Window(since, now, below), limit=PAGE)
            found = self.records.read_many([row.id for row in page.rows])
            yield from ((row, found.get(row.id)) for row in page.rows)
            if page.cursor is None:
                return
            below = page.rows[-1]

    def _account(self, dispute: Dispute, filling: "Filling", counts: Counts, now: datetime) -> Account:
        return Account(
            dispute=dispute,
            controller=controller(self.receipts.renderer.tenant),
            language=self.language,
            told=tuple(sorted(filling.told, key=lambda one: (one.at, one.id))),
            windows=tuple(filling.windows.values()),
            keys=tuple(filling.keys),
            counts=counts,
            made_at=now,
        )


@dataclass(slots=True)
class Filling:
    """A pack while it is being filled, and what its report will tell."""

    packer: Packer
    archive: Archive
    told: list[Told] = field(default_factory=list)
    windows: dict[tuple[str, str], WindowText] = field(default_factory=dict)
    keys: dict[str, None] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    left_out: int = 0

    def take(self, row: Row, entry: Entry | None, owner: Subject | None) -> None:
        """A record that is not there any more, or is not what was signed, is told of; no receipt can be made of it."""
        if entry is None:
            self.told.append(Told(row.id, from_ms(row.at_ms), Standing.MISSING))
        elif not holds(entry, self.packer.receipts.verifier):
            self.told.append(Told(row.id, from_ms(row.at_ms), Standing.ALTERED))
        else:
            self._take_receipt(self.packer.receipts.complete(entry, owner=owner))

    def counts(self) -> Counts:
        standings = [one.standing for one in self.told]
        files = self.archive.digests
        return Counts(
            records=sum(path.startswith("records/") for path in files),
            opened=sum(one.personal is not None for one in self.told),
            proven=sum(standing in {Standing.PROVEN, Standing.LATE} for standing in standings),
            lost=sum(standing in {Standing.ALTERED, Standing.MISSING} for standing in standings),
            left_out=self.left_out,
            texts=sum(path.startswith(("texts/", "windows/")) and not path.endswith(".html") for path in files),
            texts_lost=len(self.lost),
            anchors=sum(path.endswith(".tsr") for path in files),
        )

    def _take_receipt(self, receipt: Receipt) -> None:
        document = json.dumps(receipt.to_json(), ensure_ascii=False, indent=1)
        self.archive.add(f"records/{receipt.entry.id}.json", document.encode() + b"\n")
        self.keys |= dict.fromkeys(key for key in receipt.vkeys.values() if key is not None)
        self._add_anchors(receipt)
        self.told.append(self._told(receipt))

    def _add_anchors(self, receipt: Receipt) -> None:
        for one in receipt.proven.dated if receipt.proven else ():
            log = receipt.entry.says["log"].rpartition("/")[2]
            base = f"anchors/{log}/{one.anchor.ref.size}"
            self.archive.add(f"{base}.tsr", one.anchor.token)
            self.archive.add(f"{base}.checkpoint", one.anchor.checkpoint.encode())

    def _told(self, receipt: Receipt) -> Told:
        says = receipt.entry.says
        standing, signed_at = standing_of(receipt)
        return Told(
            id=receipt.entry.id,
            at=from_ms(says["at"]),
            standing=standing,
            says=says,
            personal=receipt.opening.personal if receipt.opening else None,
            title=self.packer.shelf.title(says["pol"]) if "pol" in says else None,
            kept=self._add_text(says["pol"]) if "pol" in says else self._add_window(says),
            signed_at=signed_at,
            stamp=self.packer.stamps.read(receipt.proven.dated[0].anchor) if receipt.proven and receipt.proven.dated else None,
        )

    def _add_text(self, policy: dict[str, Any]) -> bool:
        base, shelf = f"texts/{policy['sha256']}", self.packer.shelf
        if f"{base}.md" not in self.archive and base not in self.lost:
            text, page = shelf.text(policy), shelf.page(policy)
            self._add(base, f"{base}.md", text)
            if page is not None:
                self.archive.add(f"{base}.html", page)
        return base not in self.lost

    def _add_window(self, says: dict[str, Any]) -> bool:
        config, language = says["cfg"], says["ui"]["lang"]
        base = f"windows/{config['sha256']}"
        if (config["sha256"], language) not in self.windows and base not in self.lost:
            window = self.packer.shelf.window(config, site=says["site"])
            self._add(base, f"{base}.json", window)
            if window is not None:
                texts = json.loads(window).get("texts", {}).get(language, {})
                self.windows[config["sha256"], language] = WindowText(config["ver"], config["sha256"], language, texts)
        return base not in self.lost

    def _add(self, base: str, path: str, content: bytes | None) -> None:
        if content is None:
            self.lost.add(base)
        else:
            self.archive.add(path, content)


def standing_of(receipt: Receipt) -> tuple[Standing, datetime | None]:
    """What the proof comes to when it is checked as anybody would, and when its checkpoint was signed."""
    proven = receipt.proven
    if proven is None:
        return Standing.PROMISED, None
    try:
        checkpoint: Checkpoint = proven.proof.verify(receipt.entry.leaf_hash, Verifier.parse(proven.vkey))
    except (NotANote, NotACheckpoint, Unverified, Unproven):
        return Standing.BROKEN, None
    at = None if checkpoint.time is None else datetime.fromtimestamp(checkpoint.time, UTC)
    return (Standing.LATE if proven.proof.extra else Standing.PROVEN), at
