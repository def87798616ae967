"""A log of a tenant's register, sequenced and signed in this process."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from functions.clock import to_ms
from functions.consents.receipt import signer_of
from functions.dynamo import Item
from functions.ids import RecordId, TenantId
from functions.ledger.kinds import EntryRef, shard
from functions.ledger.leaf import canonical
from functions.ledger.model import BatchRef, Candidate
from functions.ledger.reading import LogReader
from functions.ledger.signer import KmsSigner
from functions.sequencer.service import Sequencer
from functions.sequencer.signing import SigningDesk
from tests.support.aws import Account
from tests.support.storefront import uuid7


@dataclass
class Handed:
    """What sequencing handed on."""

    batches: list[BatchRef] = field(default_factory=list)
    signatures: list[datetime] = field(default_factory=list)

    def committed(self, batch: BatchRef) -> None:
        self.batches.append(batch)

    def sign(self, tenant: TenantId, year: int, *, at: datetime, now: datetime) -> None:  # noqa: ARG002 - as the port has it
        self.signatures.append(at)


@dataclass
class TestLog:
    """One tenant's log of a year, and ways to fill it."""

    __test__ = False
    account: Account
    year: int
    handed: Handed = field(default_factory=Handed)

    @property
    def sequencer(self) -> Sequencer:
        origin = self.account.origin(self.year)
        receipts = signer_of(self.account.keys, log_host=self.account.aws.settings.log_host).verifier
        return Sequencer(self.account.log(self.year), self.account.places, self.handed, origin, str(receipts))

    @property
    def desk(self) -> SigningDesk:
        aws = self.account.aws
        return SigningDesk(
            log=self.account.log(self.year),
            objects=aws.log_objects,
            leaves=self.account.register,
            signer=KmsSigner(self.account.origin(self.year), aws.checkpoint_key),
            folder=self.account.keys.log_id(self.year),
        )

    @property
    def reader(self) -> LogReader:
        folder = self.account.keys.log_id(self.year)
        return LogReader(self.account.log(self.year), self.account.places, self.account.aws.log_objects, folder)

    def leaf(self, record: str, at: datetime, **members: object) -> bytes:
        says = {"typ": "consentinel/consent/v1", "log": self.account.origin(self.year), "id": record, "at": to_ms(at)}
        return canonical(says | members)

    def entered(self, at: datetime, count: int = 1) -> list[Candidate]:
        """New entries of the register, as the stream would tell of them."""
        return [self._enter(RecordId(uuid7(at)), at) for _ in range(count)]

    def _enter(self, record: RecordId, at: datetime) -> Candidate:
        ref, leaf = EntryRef(shard(record), record), self.leaf(record, at)
        self.account.register.append(ref.partition, ref.key, leaf, {})
        return self.candidates([ref])[0]

    def candidates(self, refs: Sequence[EntryRef]) -> list[Candidate]:
        rows: list[Item | None] = [self.account.register.read(ref.partition, ref.key) for ref in refs]
        return [Candidate.of(ref, row["leaf"]["B"], row["leaf_hash"]["B"]) for ref, row in zip(refs, rows, strict=True) if row]

    def candidates_of(self, partition: str, key: str) -> Candidate:
        """One entry as it is stored."""
        return self.candidates([EntryRef(partition, key)])[0]
