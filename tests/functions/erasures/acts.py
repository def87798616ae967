"""Acts as the register holds them, and the handles that erasing needs, with a list for a queue."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, cast

from functions.clock import to_ms
from functions.consents.entry import Entry
from functions.consents.receipt import signature_of, signer_of
from functions.consents.table import ConsentRecords
from functions.disputes.model import By, Counts, Dispute, DisputeId, Made
from functions.disputes.table import Packs
from functions.dynamo import Table
from functions.erasures.service import Eraser
from functions.erasures.tasks import eraser
from functions.ids import RecordId, SubjectId
from functions.ledger.leaf import canonical, leaf_hash
from functions.listings.service import enter
from functions.listings.table import Listings
from functions.vault.model import Subject
from functions.wiring import Wiring
from tests.support.aws import Account, Aws
from tests.support.storefront import uuid7

EMAIL, NAME, IP = "canary-mail@example.com", "Canary Bird", "198.51.100.7"
CANARIES = (EMAIL, "canary-mail", NAME, IP)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
POLICY = {"id": "terms", "ver": 1, "sha256": "0" * 64, "lang": "bg"}


class Waiting(list[dict[str, Any]]):
    """A queue that hands nothing over by itself."""

    def post(self, body: Mapping[str, Any]) -> None:
        self.append(dict(body))


def wiring_of(aws: Aws) -> Wiring:
    return Wiring(aws.settings, aws.dynamodb, aws.session)


def eraser_of(account: Account, wiring: Wiring) -> Eraser:
    return eraser(account.id, wiring)


def listings_of(account: Account) -> Listings:
    return Listings(Table(account.aws.dynamodb, account.aws.settings.ledger_table), account.id)


def enact(
    account: Account, subject: SubjectId, at: datetime = NOW, *, act: str = "given", owner: Subject | None = None, **says: Any
) -> Entry:
    """Enter an act that carries an address, a name and an IP, and make it findable as the stream does.

    Without `pol` among what it says it is a decision in the window.
    """
    record, keys = RecordId(uuid7(at)), account.keys
    signer = signer_of(keys, log_host=account.aws.settings.log_host)
    owner, personal = owner or account.vault.admit(subject), {"email": EMAIL, "name": NAME, "ip": IP}
    leaf = canonical(
        {
            "typ": "consentinel/consent/v1",
            "log": f"{account.aws.settings.log_host}/{keys.log_id(at.year)}",
            "id": record,
            "at": to_ms(at),
            "site": "main",
            "sid": subject,
            "act": act,
            "sec": "checkout" if "pol" in says else "banner",
            "idv": "claimed",
            "pii": owner.commitment(personal, record=record),
            **says,
        }
    )
    sealed = owner.seal(personal, leaf_hash=leaf_hash(leaf))
    entry = Entry.of(record, leaf, signature=signature_of(leaf, signer), sealed=sealed)
    assert ConsentRecords(account.register).append(entry) is None
    enter(entry, listings=listings_of(account), vault=account.vault)
    return entry


def pack_of(account: Account, wiring: Wiring, *subjects: SubjectId) -> DisputeId:
    """A pack that was made of them, and a second one by a worker who was too late to note it."""
    dispute = Dispute(DisputeId(uuid7(NOW)), By.EMAIL, subjects, "Claim 7/2026", "key:1", NOW)
    packs = Packs(wiring.exports, wiring.settings.export_bucket, account.id)
    for digest in ("a" * 64, "b" * 64):
        packs.put(dispute.id, digest, BytesIO(f"{EMAIL} {NAME} {IP}".encode()))
    made = Made(NOW, 50, "a" * 64, Counts(records=3, opened=3))
    account.documents.create(f"dispute#{dispute.id}", dispute.ready(made).to_json())
    return dispute.id


def packs_of(account: Account) -> list[tuple[DisputeId, bool, list[str]]]:
    """Each dispute: whether it went with somebody whom it was about, and what is left in the bucket."""
    documents = account.documents.page("dispute#").documents
    found = sorted((Dispute.from_json(document.body) for document in documents), key=lambda one: one.requested_at)
    return [(one.id, one.erased_at is not None, _objects(account, one.id)) for one in found]


def _objects(account: Account, dispute: DisputeId) -> list[str]:
    bucket, folder = account.aws.settings.export_bucket, f"{account.id}/{dispute}/"
    answer = account.aws.s3.list_objects_v2(Bucket=bucket, Prefix=folder)
    return [one["Key"].removeprefix(folder) for one in answer.get("Contents", ())]


def dump(aws: Aws, only: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Every row of every table, or the rows of one tenant."""
    settings = aws.settings
    tables = (settings.register_table, settings.ledger_table, settings.vault_table, settings.workspace_table)
    scans = ((one, aws.dynamodb.get_paginator("scan").paginate(TableName=one, ConsistentRead=True)) for one in tables)
    found = [(table, cast("dict[str, Any]", item)) for table, pages in scans for page in pages for item in page["Items"]]
    return [(table, item) for table, item in found if item["pk"]["S"].startswith(only)]


def partition(aws: Aws, table: str, pk: str) -> list[dict[str, Any]]:
    return list(Table(aws.dynamodb, table).oldest_first(pk, " ", "~"))


class Crash(Exception):
    """The function's process is gone."""


@contextmanager
def crashing(aws: Aws, wiring: Wiring, *, at: int, moment: str) -> Iterator[list[str]]:
    """The process ends at a call of that number: `before-call`, or `after-call` when it has had its effect."""
    calls: list[str] = []

    def count(model: Any, **_: Any) -> None:
        calls.append(model.name)
        if len(calls) == at:
            raise Crash(model.name)

    clients = (aws.dynamodb, wiring.kms, wiring.exports)
    for client in clients:
        client.meta.events.register(moment, count)
    yield calls
    for client in clients:
        client.meta.events.unregister(moment, count)
