"""What sequencing hands on: committed batches to what is made from them, and signatures to when they are due."""

from dataclasses import dataclass
from datetime import datetime
from math import ceil

from functions.ids import TenantId
from functions.ledger.model import BatchRef
from functions.queue import Queue


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
