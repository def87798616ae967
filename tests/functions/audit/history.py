"""A log with a history, ways to audit it, and what somebody who can write everywhere might do to it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from functions.audit.model import Kind, Tally
from functions.audit.ports import Scope
from functions.audit.reading import Named, StoredObjects, StoredRows
from functions.audit.service import Auditor, State
from functions.consents.receipt import signature_of, signer_of
from functions.dynamo import Item, Table
from functions.ids import RecordId
from functions.ledger.checkpoint import Checkpoint
from functions.ledger.kinds import EntryRef, shard
from functions.ledger.leaf import leaf_hash
from functions.ledger.model import Batch, Candidate
from functions.ledger.signer import KmsSigner
from functions.ledger.tree import Frontier
from tests.support.aws import Account
from tests.support.logs import TestLog
from tests.support.storefront import uuid7

SIGNED, SIZE = 5, 6
FIRST_BATCH, LATE_BATCH, LAST_BATCH = "batch#000000000000", "batch#000000000003", "batch#000000000005"


@dataclass
class History:
    """Three entries and a checkpoint; a late one and another, and a checkpoint; one that is not signed yet."""

    account: Account
    now: datetime
    entered: list[Candidate] = field(default_factory=list)

    @classmethod
    def of(cls, account: Account, now: datetime) -> "History":
        history = cls(account, now)
        history.sequence([now] * 3, at=now)
        history.sign(at=now)
        history.sequence([now - timedelta(seconds=90), now + timedelta(seconds=40)], at=now + timedelta(seconds=41))
        history.sign(at=now + timedelta(seconds=42))
        history.sequence([now + timedelta(seconds=50)], at=now + timedelta(seconds=51))
        return history

    @property
    def log(self) -> TestLog:
        return TestLog(self.account, self.now.year)

    @property
    def later(self) -> datetime:
        return self.now + timedelta(minutes=20)

    @property
    def folder(self) -> str:
        return self.account.keys.log_id(self.now.year)

    @property
    def ledger(self) -> Table:
        return self.account.log(self.now.year).table

    @property
    def signer(self) -> KmsSigner:
        return KmsSigner(self.log.account.origin(self.now.year), self.account.aws.checkpoint_key)

    def enter(self, at: datetime) -> Candidate:
        """An act as it is entered, with its receipt's signature beside it."""
        record = RecordId(uuid7(at))
        return self.put(EntryRef(shard(record), record), self.log.leaf(record, at))

    def put(self, ref: EntryRef, leaf: bytes, stated: bytes | None = None) -> Candidate:
        signer = signer_of(self.account.keys, log_host=self.account.aws.settings.log_host)
        item = {
            **key(f"{self.account.id}#{ref.partition}", ref.key),
            "leaf": {"B": leaf},
            "leaf_hash": {"B": stated or leaf_hash(leaf)},
            "signature": {"B": signature_of(leaf, signer) if b'"log"' in leaf else b""},
        }
        table = self.account.register.table
        table.client.put_item(TableName=table.name, Item=item)
        return Candidate.of(ref, leaf, leaf_hash(leaf))

    def sequence(self, times: Sequence[datetime], *, at: datetime) -> None:
        candidates = [self.enter(time) for time in times]
        self.log.sequencer.sequence(candidates, now=at)
        self.entered += candidates

    def sign(self, *, at: datetime) -> None:
        self.log.desk.sign(now=at)

    def slip_in(self, candidate: Candidate, *, at: datetime | None = None, late: bool = False) -> None:
        """Put an entry into the tree as somebody might who does not ask the sequencer."""
        rows = self.account.log(self.now.year)
        head = rows.head()
        assert head is not None
        marks = frozenset({0}) if late else frozenset[int]()
        batch = Batch(head.size, (leaf_hash(candidate.leaf),), (candidate.ref,), at or self.later, marks)
        assert rows.commit(batch, head=head)
        self.account.places.put(batch, year=self.now.year)
        rows.finish(head.v + 1)

    def checkpoint(self, size: int, **other: Any) -> bytes:
        """What the log's key would sign of that size."""
        root = Frontier().extended(one.stated for one in self.entered[:size]).root
        said = Checkpoint(self.signer.origin, size, root, int(self.now.timestamp()) + 42)
        return self.signer.sign(replace(said, **other).text).encode()

    def overwrite(self, name: str, content: bytes) -> None:
        objects = self.account.aws.log_objects
        objects.client.put_object(Bucket=objects.bucket, Key=f"{self.folder}/{name}", Body=content)

    def remove(self, name: str) -> None:
        objects = self.account.aws.log_objects
        objects.client.delete_object(Bucket=objects.bucket, Key=f"{self.folder}/{name}")

    def read(self, name: str) -> bytes:
        return self.account.aws.log_objects.read(f"{self.folder}/{name}") or b""

    def row(self, sk: str, **values: Any) -> None:
        """Change attributes of a row of the log; None takes one away."""
        change(self.ledger, f"{self.account.id}#log#{self.now.year}", sk, **values)

    def take(self, sk: str) -> Item:
        return self.ledger.get(f"{self.account.id}#log#{self.now.year}", sk) or {}

    def drop(self, sk: str) -> None:
        self.ledger.client.delete_item(TableName=self.ledger.name, Key=key(f"{self.account.id}#log#{self.now.year}", sk))

    def locator(self, place: int, **values: Any) -> None:
        ref = self.entered[place].ref
        change(self.ledger, f"{self.account.id}#located#{ref.partition}", ref.key, **values)

    def entry(self, place: int, **values: Any) -> None:
        ref = self.entered[place].ref
        change(self.account.register.table, f"{self.account.id}#{ref.partition}", ref.key, **values)

    def drop_entry(self, place: int) -> None:
        ref, table = self.entered[place].ref, self.account.register.table
        table.client.delete_item(TableName=table.name, Key=key(f"{self.account.id}#{ref.partition}", ref.key))

    def auditor(self, state: State | None = None, scope: Scope | None = None) -> Auditor:
        rows = StoredRows(self.account.register.table, self.ledger)
        objects = StoredObjects(self.account.aws.log_objects)
        return Auditor(rows, objects, Named((self.account.id,)), scope or Scope(), state or State(deep=True))

    def audited(self, state: State | None = None, scope: Scope | None = None) -> Tally:
        auditor = self.auditor(state, scope)
        while not auditor.done:
            auditor.step(now=self.later)
        return auditor.state.tally


def key(pk: str, sk: str) -> Any:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def change(table: Table, pk: str, sk: str, **values: Any) -> None:
    item = (table.get(pk, sk) or key(pk, sk)) | values
    table.client.put_item(TableName=table.name, Item={name: value for name, value in item.items() if value is not None})


def kinds(tally: Tally) -> set[Kind]:
    return set(tally.found)
