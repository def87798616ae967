"""Anchoring a log: the newest checkpoint goes to the tenant by mail and to a time-stamp authority, once a day.

Every step follows from what is stored, so a run that stopped anywhere is made up for by the next.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from functions.anchors.model import REPLY, Anchor, AnchorKind, AnchorRow, CheckpointRef, SignedCheckpoint, due
from functions.ids import TenantId
from functions.mail.model import Letter, LetterKind, Letters


class Checkpoints(Protocol):
    """The signed checkpoints of one tenant's logs."""

    def newest(self, year: int) -> SignedCheckpoint | None: ...
    def read(self, ref: CheckpointRef) -> str | None: ...


class AnchorRows(Protocol):
    """What has been anchored of one tenant's logs."""

    def enter(self, row: AnchorRow) -> None:
        """The first of a kind and size stays."""

    def newest(self, kind: AnchorKind, year: int) -> AnchorRow | None: ...
    def all(self, kind: AnchorKind, year: int) -> Iterator[AnchorRow]: ...


class LogObjects(Protocol):
    """The log bucket."""

    def read(self, key: str) -> bytes | None: ...
    def put_once(self, key: str, content: bytes, content_type: str = ...) -> bytes:
        """Gives what stands there afterwards."""


class Authority(Protocol):
    """Who dates checkpoints; raises `AuthorityUnavailable` and `StampRefused`."""

    def stamp(self, data: bytes, *, now: datetime) -> bytes: ...
    def check(self, response: bytes, data: bytes) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Anchoring:
    """Where one tenant's logs are anchored; without an authority by mail alone."""

    tenant: TenantId
    checkpoints: Checkpoints
    rows: AnchorRows
    objects: LogObjects
    letters: Letters
    authority: Authority | None

    def anchor(self, year: int, *, now: datetime) -> None:
        """Anchor the log of a year, if it has grown since the day before; the mail first, which nobody else can hold up.

        Raises:
            AuthorityUnavailable, StampRefused: no stamp was kept; to be tried again.
        """
        checkpoint = self.checkpoints.newest(year)
        if checkpoint is None:
            return
        if self._due(AnchorKind.MAIL, checkpoint, now):
            self._mail(checkpoint, now)
        if self.authority is not None and self._due(AnchorKind.RFC3161, checkpoint, now):
            self._stamp(checkpoint, self.authority, now)

    def _due(self, kind: AnchorKind, checkpoint: SignedCheckpoint, now: datetime) -> bool:
        return due(checkpoint, self.rows.newest(kind, checkpoint.ref.year), now)

    def _mail(self, checkpoint: SignedCheckpoint, now: datetime) -> None:
        """A crash in between mails it twice."""
        self.letters.post(Letter(self.tenant, LetterKind.CHECKPOINT, str(checkpoint.ref)))
        self.rows.enter(AnchorRow(AnchorKind.MAIL, checkpoint.ref, now))

    def _stamp(self, checkpoint: SignedCheckpoint, authority: Authority, now: datetime) -> None:
        """The object first: what a row names is there. One that a crash left without its row is checked and gets it."""
        data, key = checkpoint.note.encode(), checkpoint.stamp_key
        kept = self.objects.read(key)
        if kept is None:
            kept = self.objects.put_once(key, authority.stamp(data, now=now), REPLY)
        authority.check(kept, data)
        self.rows.enter(AnchorRow(AnchorKind.RFC3161, checkpoint.ref, now, key))


def anchors_of(year: int, *, rows: AnchorRows, checkpoints: Checkpoints, objects: LogObjects) -> list[Anchor]:
    """The stamped checkpoints of a log, the smallest first; one whose object or checkpoint is gone shows nothing any more."""
    found = (_anchor(row, checkpoints, objects) for row in rows.all(AnchorKind.RFC3161, year))
    return [anchor for anchor in found if anchor is not None]


def _anchor(row: AnchorRow, checkpoints: Checkpoints, objects: LogObjects) -> Anchor | None:
    note = checkpoints.read(row.ref)
    token = None if row.key is None else objects.read(row.key)
    return None if note is None or token is None else Anchor(row.kind, row.ref, row.at, note, token)
