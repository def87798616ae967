"""A log as its rows tell of it: the head that moves, the batches that stay, and what is let into the tree."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Self

import rfc8785

from functions import strict_json
from functions.clock import from_ms, to_ms
from functions.errors import Invalid, Malformed
from functions.ids import TenantId
from functions.ledger.kinds import KEY_OF, EntryRef
from functions.ledger.leaf import MAX_BYTES, leaf_hash
from functions.ledger.tree import HASH_BYTES, Frontier

MOST_LEAVES = 256
# The years of logs end a thousand before the calendar does.
LATEST_MS = to_ms(datetime(9000, 1, 1, tzinfo=UTC))
MERGE_DELAY = timedelta(seconds=60)
SIGN_AFTER = timedelta(seconds=30)
AHEAD = timedelta(seconds=5)
# How long after its year a log still takes what comes late.
LATE_WINDOW = timedelta(days=7)


class Flaw(StrEnum):
    """Why an entry is kept out of the tree."""

    HASH = "the leaf does not hash to the hash beside it"
    LEAF = "it is no leaf"
    KEY = "the leaf belongs under another key"
    LOG = "the leaf belongs to another log"
    AHEAD = "its time lies ahead"
    CLOSED = "the log of its year is closed"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry of the register that wants into the tree, as it is stored."""

    ref: EntryRef
    leaf: bytes
    stated: bytes
    says: Mapping[str, Any] | None

    @classmethod
    def of(cls, ref: EntryRef, leaf: bytes, stated: bytes) -> Self:
        return cls(ref, leaf, stated, _read(leaf))

    @property
    def year(self) -> int | None:
        """UTC; nothing for what is no leaf."""
        return None if self.says is None else from_ms(self.says["at"]).year

    def flaw(self, *, origin: str, closed: bool, now: datetime) -> Flaw | None:
        """What speaks against letting it into the log of that origin."""
        if leaf_hash(self.leaf) != self.stated:
            return Flaw.HASH
        if self.says is None:
            return Flaw.LEAF
        if not self.ref.possible or _key_of(self.says) != self.ref:
            return Flaw.KEY
        if self.says["log"] != origin:
            return Flaw.LOG
        if self.says["at"] > to_ms(now + AHEAD):
            return Flaw.AHEAD
        return Flaw.CLOSED if closed else None


def _read(leaf: bytes) -> dict[str, Any] | None:
    """What a leaf says, if it is one, in its canonical form."""
    try:
        said = strict_json.parse(leaf)
    except Malformed:
        return None
    if not isinstance(said, dict) or len(leaf) > MAX_BYTES or rfc8785.dumps(said) != leaf:
        return None
    at, log = said.get("at"), said.get("log")
    return said if isinstance(at, int) and 0 <= at < LATEST_MS and isinstance(log, str) else None


def _key_of(said: Mapping[str, Any]) -> EntryRef | None:
    rule = KEY_OF.get(said["typ"]) if isinstance(said.get("typ"), str) else None
    if rule is None:
        return None
    try:
        return rule(said)
    except (Invalid, KeyError, TypeError, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class Signed:
    """The newest checkpoint of a log: its size, the time in it, and the key that it verifies by."""

    size: int
    at: datetime
    vkey: str


@dataclass(frozen=True, slots=True)
class Reserved:
    """The largest size that somebody has begun to sign, and the time that its checkpoint has."""

    size: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Head:
    """Where a log stands. `v` counts its batches; `finished` is the last of them whose follow-up was done to the end.

    `receipts` is the public key (C2SP verifier key) that the tenant's receipts hold by, for who audits without any secret.
    """

    origin: str
    receipts: str
    v: int
    frontier: Frontier
    last: int
    finished: int
    signed: Signed | None
    closed: bool = False
    reserved: "Reserved | None" = None

    @classmethod
    def new(cls, origin: str, receipts: str) -> "Head":
        """Of a log that has nothing yet."""
        return cls(origin, receipts, v=0, frontier=Frontier(), last=0, finished=0, signed=None)

    @property
    def size(self) -> int:
        return self.frontier.size

    @property
    def signed_size(self) -> int:
        return self.signed.size if self.signed else 0

    def moved(self, batch: "Batch") -> "Head":
        """After the batch."""
        return replace(self, v=self.v + 1, frontier=self.frontier.extended(batch.hashes), last=batch.start)

    def is_late(self, at_ms: int, *, now: datetime) -> bool:
        """Whether an entry of that time should have been in the tree before now."""
        return came_late(at_ms, signed_at=None if self.signed is None else self.signed.at, sequenced_at=now)

    def next_signature_at(self, now: datetime) -> datetime:
        """A checkpoint in thirty seconds at the most, so that an entry waits for one and not long for the other."""
        return now if self.signed is None else max(now, self.signed.at + SIGN_AFTER)


@dataclass(frozen=True, slots=True)
class Batch:
    """Leaves that entered a log together: their hashes, and where in the register they stand."""

    start: int
    hashes: tuple[bytes, ...]
    refs: tuple[EntryRef, ...]
    at: datetime
    late: frozenset[int] = frozenset()

    @classmethod
    def of(cls, candidates: Sequence[Candidate], *, head: Head, now: datetime) -> "Batch":
        """Batch the sound among candidates behind what the log has."""
        said = ((place, candidate.says) for place, candidate in enumerate(candidates))
        late = frozenset(place for place, says in said if says is not None and head.is_late(says["at"], now=now))
        hashes = tuple(leaf_hash(candidate.leaf) for candidate in candidates)
        return cls(head.size, hashes, tuple(candidate.ref for candidate in candidates), now, late)

    @property
    def end(self) -> int:
        return self.start + len(self.hashes)

    def located(self) -> Iterator[tuple[EntryRef, int, bool]]:
        """Each entry, its index in the log, and whether it came late."""
        for place, ref in enumerate(self.refs):
            yield ref, self.start + place, place in self.late


@dataclass(frozen=True, slots=True)
class Located:
    """Where an entry stands in the tree."""

    year: int
    index: int
    start: int
    late: bool


@dataclass(frozen=True, slots=True)
class BatchRef:
    """A committed batch, as it is handed on to what is made from it."""

    tenant: TenantId
    year: int
    start: int

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> "BatchRef":
        return cls(TenantId.parse(body["tenant"]), body["year"], body["start"])

    def to_json(self) -> dict[str, Any]:
        return {"tenant": self.tenant, "year": self.year, "start": self.start}


def came_late(at_ms: int, *, signed_at: datetime | None, sequenced_at: datetime) -> bool:
    """A checkpoint that should have held it was signed before, or it took longer than the promise, checkpoint or not."""
    if signed_at is not None and at_ms <= to_ms(signed_at - MERGE_DELAY):
        return True
    return to_ms(sequenced_at) - at_ms > (MERGE_DELAY + AHEAD) // timedelta(milliseconds=1)


def closes_at(year: int) -> datetime:
    """From when on the log of a year takes nothing more."""
    return datetime(year + 1, 1, 1, tzinfo=UTC) + LATE_WINDOW


def split(raw: bytes) -> tuple[bytes, ...]:
    """Hashes that were stored one behind another."""
    return tuple(raw[place : place + HASH_BYTES] for place in range(0, len(raw), HASH_BYTES))
