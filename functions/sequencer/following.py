"""What sequencing hands on: committed batches to what is made from them, and signatures to when they are due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from functions.ids import TenantId
from functions.ledger.kinds import EntryRef
from functions.ledger.model import BatchRef
from functions.queue import Queue


@dataclass(frozen=True, slots=True)
class Feed:
    """Tells the sequencer of one tenant's entries that wait."""

    ledger: Queue
    tenant: TenantId

    def sequence(self, refs: Sequence[EntryRef]) -> None:
        self.ledger.post({"do": "sequence", "tenant": self.tenant, "refs": [str(ref) for ref in refs]})


@dataclass(frozen=True, slots=True)
class Queues:
    """The queue of committed batches, and the sequencer's own."""

    batches: Queue
    ledger: Queue

    def committed(self, batch: BatchRef) -> None:
        self.batches.post(batch.to_json())

    def sign(self, tenant: TenantId, year: int, *, at: datetime, now: datetime) -> None:
        """Ask for a signature at a time, to the second after it."""
        message = {"do": "sign", "tenant": tenant, "year": year}
        self.ledger.post(message, delay_s=ceil((at - now).total_seconds()))

    def sign_again(self, tenant: TenantId, year: int, *, tries: int) -> None:
        """In some seconds, after so many tries."""
        self.ledger.post({"do": "sign", "tenant": tenant, "year": year, "tries": tries}, delay_s=3 * tries)

    def close(self, tenant: TenantId, year: int) -> None:
        """Ask for a log to be closed, and signed for the last time."""
        self.ledger.post({"do": "close", "tenant": tenant, "year": year})

    def feed(self, tenant: TenantId) -> Feed:
        return Feed(self.ledger, tenant)
