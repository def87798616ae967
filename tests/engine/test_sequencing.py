"""Writers and sequencers at once, on engines that many may use: everything that was written is in the tree, once."""

import queue
import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event

import pytest

from functions.clock import to_ms, utc_now
from functions.ids import RecordId, TenantId
from functions.ledger.kinds import EntryRef, shard
from functions.ledger.leaf import canonical, leaf_hash
from functions.ledger.model import BatchRef, Candidate
from functions.ledger.table import Locators, LogRows
from functions.ledger.tree import Frontier
from functions.sequencer.service import Contended, Sequencer
from tests.engine.bound import Bound, Rows
from tests.support.storefront import uuid7

WRITERS, SEQUENCERS, EACH = 6, 3, 40
REDELIVERED = 0.2


@dataclass
class Handed:
    """What sequencing hands on, from several threads."""

    batches: "queue.Queue[BatchRef]" = field(default_factory=queue.Queue)

    def committed(self, batch: BatchRef) -> None:
        self.batches.put(batch)

    def sign(self, tenant: TenantId, year: int, *, at: datetime, now: datetime) -> None:
        """Nothing is signed here."""


@dataclass
class Log:
    """One tenant's log on an engine."""

    bound: Bound
    rows: Rows
    year: int
    handed: Handed = field(default_factory=Handed)
    origin: str = "log.example/0123"

    @property
    def places(self) -> Locators:
        return Locators(self.bound.table("LedgerTable"), self.rows.id)

    @property
    def log(self) -> LogRows:
        return LogRows(self.bound.table("LedgerTable"), self.rows.id, self.year)

    @property
    def sequencer(self) -> Sequencer:
        return Sequencer(self.log, self.places, self.handed, self.origin, "receipts")

    def enter(self, now: datetime) -> Candidate:
        record = RecordId(uuid7(now))
        ref = EntryRef(shard(record), record)
        says = {"typ": "consentinel/consent/v1", "log": self.origin, "id": record, "at": to_ms(now)}
        leaf = canonical(says)
        self.rows.register.append(ref.partition, ref.key, leaf, {})
        return Candidate.of(ref, leaf, leaf_hash(leaf))


@pytest.fixture
def log(bound: Bound, rows: Rows) -> Log:
    return Log(bound, rows, utc_now().year)


def deliveries(told: "queue.Queue[Candidate]", done: Event, chance: random.Random) -> Iterator[list[Candidate]]:
    """As a stream with trouble delivers: in pieces, some twice, not always in order."""
    while not (done.is_set() and told.empty()):
        batch: list[Candidate] = []
        while len(batch) < 25 and not told.empty():
            try:
                batch.append(told.get(timeout=0.05))
            except queue.Empty:
                break
        chance.shuffle(batch)
        if batch:
            yield batch
        if batch and chance.random() < REDELIVERED:
            yield batch


def run(log: Log, seed: int) -> list[Candidate]:
    told: queue.Queue[Candidate] = queue.Queue()
    done, written = Event(), []

    def write(_: int) -> None:
        for _ in range(EACH):
            candidate = log.enter(utc_now())
            written.append(candidate)
            told.put(candidate)

    def sequence(number: int) -> None:
        for batch in deliveries(told, done, random.Random(seed + number)):  # noqa: S311 - chance that can be repeated
            try:
                log.sequencer.sequence(batch, now=utc_now())
            except Contended:
                for candidate in batch:
                    told.put(candidate)

    with ThreadPoolExecutor(WRITERS + SEQUENCERS) as pool:
        sequencing = [pool.submit(sequence, number) for number in range(SEQUENCERS)]
        list(pool.map(write, range(WRITERS)))
        done.set()
        for one in sequencing:
            one.result()
    return written


def test_what_six_write_three_sequence_once_however_it_is_delivered(log: Log) -> None:
    written = run(log, seed=1)

    head, batches = log.log.head(), list(log.log.batches(0, len(written)))
    refs = [ref for batch in batches for ref in batch.refs]
    hashes = [hashed for batch in batches for hashed in batch.hashes]
    places = log.places.find(refs)
    assert head is not None
    assert len(written) == WRITERS * EACH
    assert Counter(refs) == Counter(candidate.ref for candidate in written)
    assert head.frontier == Frontier().extended(hashes)
    assert {ref: place.index for ref, place in places.items()} == {ref: index for index, ref in enumerate(refs)}
    assert {batch.start for batch in batches} <= {batch.start for batch in log.handed.batches.queue}


def test_a_retry_of_a_commit_whose_answer_was_lost_finds_the_batch_and_adds_nothing(log: Log) -> None:
    now = utc_now()
    candidates = [log.enter(now) for _ in range(3)]
    sequencer = log.sequencer
    head = sequencer.repaired(now=now)

    from functions.ledger.model import Batch

    assert log.log.commit(Batch.of(candidates, head=head, now=now), head=head)

    assert sequencer.sequence(candidates, now=now).added == 0
    assert len(log.places.find([candidate.ref for candidate in candidates])) == 3
