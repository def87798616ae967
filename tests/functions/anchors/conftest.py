"""A time-stamp authority that openssl plays, and logs with signed checkpoints."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from functions.anchors.checkpoints import LogCheckpoints
from functions.anchors.table import Anchors
from functions.dynamo import Table
from functions.ledger.checkpoint import Checkpoint
from functions.ledger.kinds import EntryRef
from functions.ledger.model import Batch, Head, Signed
from functions.ledger.note import Signer
from functions.ledger.objects import LogObjects
from functions.ledger.table import LogRows
from infra.local.authority import Authority
from tests.support.aws import Account

YEAR = 2026
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with Authority(tmp_path_factory.mktemp("authority") / "kept", port=0) as running:
        yield running


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)  # the authority has a clock of its own


@dataclass(frozen=True)
class Log:
    """One tenant's log, which grows and is signed when a test wants it."""

    account: Account
    year: int = YEAR

    @property
    def table(self) -> Table:
        return Table(self.account.aws.dynamodb, self.account.aws.settings.ledger_table)

    @property
    def objects(self) -> LogObjects:
        return LogObjects(self.account.aws.s3, self.account.aws.settings.log_bucket)

    @property
    def rows(self) -> Anchors:
        return Anchors(self.table, self.account.id)

    @property
    def checkpoints(self) -> LogCheckpoints:
        return LogCheckpoints(self._log, self.objects)

    @property
    def id(self) -> str:
        return self.account.keys.log_id(self.year)

    def _log(self, year: int) -> LogRows:
        return LogRows(self.table, self.account.id, year)

    def grow(self, now: datetime, *, signed: bool = True) -> str:
        """One leaf more; the checkpoint's note."""
        log = self._log(self.year)
        origin = f"log.example/{self.id}"
        head = log.head() or Head.new(origin, "receipts")
        leaf = sha256(b"%d" % head.size).digest()
        assert log.commit(Batch(head.size, (leaf,), (EntryRef("tamper", str(head.size)),), now), head=head)
        grown = head.frontier.extended([leaf])
        signer = Signer(origin, KEY)
        note = signer.sign(Checkpoint(origin, grown.size, grown.root, int(now.timestamp())).text)
        if signed:
            self.objects.keep(f"{self.id}/checkpoint/{grown.size}", note.encode())
            log.sign(Signed(grown.size, now, str(signer.verifier)))
        return note


@pytest.fixture
def log(tenant: Account) -> Log:
    return Log(tenant)


@pytest.fixture
def neighbours_log(neighbour: Account) -> Log:
    return Log(neighbour)


class Crash(Exception):
    """The function ended here."""


@dataclass
class Countdown:
    """Ends at the call that it counts down to, before it or after it."""

    left: int
    after: bool

    def over(self, thing: object) -> Any:
        return Fragile(thing, self)

    def call(self, function: Callable[..., Any], *args: Any, **named: Any) -> Any:
        self.left -= 1
        if self.left == 0 and not self.after:
            raise Crash
        result = function(*args, **named)
        if self.left == 0:
            raise Crash
        return result


@dataclass(frozen=True)
class Fragile:
    """Something real whose calls are counted."""

    thing: object
    countdown: Countdown

    def __getattr__(self, name: str) -> Any:
        function = getattr(self.thing, name)
        return lambda *args, **named: self.countdown.call(function, *args, **named)
