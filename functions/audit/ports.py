"""What an audit reads, and what whoever audits brought along."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from functions.audit.rows import Item
from functions.ledger.keys import Verifier
from functions.ledger.kinds import EntryRef

# The key that a page of the register ended with.
Position = dict[str, str]


class Rows(Protocol):
    """The rows of register and ledger."""

    def head(self, tenant: str, year: int) -> Item | None: ...
    def batches(self, tenant: str, year: int, *, after: str | None, limit: int) -> list[Item]: ...
    def batch(self, tenant: str, year: int, start: int) -> Item | None: ...
    def last_batch(self, tenant: str, year: int) -> Item | None: ...
    def signed(self, tenant: str, year: int, *, above: int, up_to: int | None = None) -> Iterator[Item]: ...
    def anchors(self, tenant: str, year: int) -> Iterator[Item]: ...
    def entries(self, tenant: str, refs: Iterable[EntryRef]) -> dict[EntryRef, Item]: ...
    def locators(self, tenant: str, refs: Iterable[EntryRef]) -> dict[EntryRef, Item]: ...
    def quarantined(self, tenant: str, refs: Iterable[tuple[EntryRef, int]]) -> set[EntryRef]: ...
    def scan(
        self, after: dict[str, str] | None, *, segment: int, segments: int
    ) -> tuple[list[Item], dict[str, str] | None]: ...


class Objects(Protocol):
    """The log bucket."""

    def read(self, key: str) -> bytes | None: ...
    def sizes(self, folder: str, *, above: int, up_to: int) -> Iterator[int]: ...
    def beyond(self, folder: str, size: int) -> Iterator[int]: ...


class Tenants(Protocol):
    """Whose registers are audited: the next in order, whether one was asked for, and whether there is such an account."""

    def after(self, tenant: str | None) -> str | None: ...
    def asked(self, tenant: str) -> bool: ...
    def has(self, tenant: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint that somebody kept elsewhere."""

    origin: str
    size: int
    note: bytes


@dataclass(frozen=True, slots=True)
class Scope:
    """Keys and checkpoints from elsewhere, and which part of the register is scanned."""

    keys: tuple[Verifier, ...] = ()
    kept: tuple[Kept, ...] = ()
    segment: int = 0
    segments: int = 1
