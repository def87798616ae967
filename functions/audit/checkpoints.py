"""The checkpoints of one log in the order of their sizes: what was signed, and when; no I/O."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from functions.audit.model import Kind
from functions.clock import from_ms
from functions.ledger.checkpoint import Checkpoint, NotACheckpoint, opened
from functions.ledger.keys import NotANote, Verifier
from functions.ledger.note import Unverified

# A function takes no longer from asking for the time to its last call: times that two of them took may cross by so much.
RUN = timedelta(minutes=15)


def opened_by(note: bytes, key: Verifier | None) -> Checkpoint | None:
    """Nothing for what the log's key did not sign, or not under the log's name."""
    if key is None:
        return None
    try:
        return opened(note, key)
    except (NotACheckpoint, Unverified):
        return None


def key_of(vkey: str, origin: str) -> Verifier | None:
    """Nothing for what is no verifier key of that log."""
    try:
        verifier = Verifier.parse(vkey)
    except NotANote:
        return None
    return verifier if verifier.name == origin else None


@dataclass
class Times:
    """When the checkpoints so far were signed; of those that no batch to come can fall between, the last alone."""

    signed: list[int] = field(default_factory=list)

    def add(self, time_s: int) -> Kind | None:
        """A checkpoint of a larger tree; tells when time went backwards."""
        if self.signed and time_s < self.signed[-1]:
            return Kind.CHECKPOINT_TIME
        settled = sum(one <= time_s - 2 * RUN.total_seconds() for one in self.signed)
        self.signed = [*self.signed[max(settled - 1, 0) :], time_s]
        return None

    @property
    def newest(self) -> datetime | None:
        return _time(self.signed[-1:])

    def settled(self, at: datetime) -> datetime | None:
        """The newest that whoever sequenced at that time must have known of."""
        return _time(one for one in self.signed if one <= (at - RUN).timestamp())

    def precede(self, at: datetime) -> bool:
        """Whether a batch of that time can have come behind the newest."""
        return self.newest is None or self.newest - RUN <= at

    def to_json(self) -> list[int]:
        return self.signed

    @classmethod
    def from_json(cls, said: list[int]) -> Self:
        return cls(said)


def _time(seconds: Iterable[int]) -> datetime | None:
    newest = max(seconds, default=None)
    return None if newest is None else from_ms(newest * 1000)


def stated_time(note: bytes) -> int | None:
    """What a checkpoint says of its time, whoever signed it."""
    try:
        return Checkpoint.parse(note.decode().partition("\n\n")[0] + "\n").time
    except (NotACheckpoint, UnicodeDecodeError):
        return None
