"""A shop's register and log as they come about, on tables that nobody else uses, with the register's stream."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

from functions.anchors.model import REPLY, AnchorKind, AnchorRow, CheckpointRef
from functions.anchors.tasks import rows_of
from functions.cli.accounts import open_account
from functions.consents.entry import Entry
from functions.consents.model import Submission
from functions.consents.service import Desk
from functions.consents.visitor import Visitor
from functions.cookies.config import Published
from functions.dynamo import Item, Table
from functions.erasures.tasks import eraser
from functions.ids import PolicyId, RecordId, SiteId, SiteKey, SubjectId, TenantId
from functions.ledger.kinds import EntryRef
from functions.ledger.model import Candidate
from functions.policies.model import Policy, PolicyKind
from functions.policies.service import Draft, publish
from functions.sequencer.tasks import sequence
from functions.sites.model import Site
from functions.tenants.model import IpMode
from functions.vault.mark import Why
from functions.watcher.tasks import watch
from functions.wiring import Wiring
from tests.support.aws import Aws
from tests.support.receipts import Authority
from tests.support.storefront import uuid7

BUILD = "b" * 64
Key = tuple[str, str]


@contextmanager
def tables_of_its_own(aws: Aws) -> Iterator[Aws]:
    """A register with a stream, and a table for everything else."""
    like = aws.dynamodb.describe_table(TableName=aws.settings.register_table)["Table"]
    name = f"streamed-{TenantId.new()}"
    aws.dynamodb.create_table(
        TableName=name,
        KeySchema=like["KeySchema"],
        AttributeDefinitions=like["AttributeDefinitions"],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    with aws.apart() as apart:
        yield replace(aws, settings=replace(apart.settings, register_table=name))
    aws.dynamodb.delete_table(TableName=name)


@dataclass
class Changes:
    """The register's stream, from here on."""

    aws: Aws
    client: Any = None
    iterator: str = ""

    def __post_init__(self) -> None:
        self.client = cast("Any", self.aws.session.create_client("dynamodbstreams"))
        table = self.aws.dynamodb.describe_table(TableName=self.aws.settings.register_table)["Table"]
        arn = table["LatestStreamArn"]
        shard = self.client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][-1]["ShardId"]
        asked = {"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "LATEST"}
        self.iterator = self.client.get_shard_iterator(**asked)["ShardIterator"]

    def new(self) -> Iterator[tuple[str, str, Item | None, Item | None]]:
        """Kind, sequence number, and the row before and after."""
        answer = self.client.get_records(ShardIterator=self.iterator)
        self.iterator = answer["NextShardIterator"]
        for record in answer["Records"]:
            told = record["dynamodb"]
            yield record["eventName"], told["SequenceNumber"], told.get("OldImage"), told.get("NewImage")


@dataclass
class World:
    """One tenant. Whatever is written goes through what writes it in production; time passes when a test says so."""

    aws: Aws
    wiring: Wiring
    tenant: TenantId
    now: datetime
    changes: Changes
    entries: list[Entry] = field(default_factory=list)

    @classmethod
    def opened(cls, aws: Aws, now: datetime) -> "World":
        wiring = Wiring(aws.settings, aws.dynamodb, aws.session)
        tenant, _ = open_account("Rosa", profile={"contact_email": "owner@example.com"}, wiring=wiring, now=now)
        return cls(aws, wiring, tenant, now, Changes(aws))

    @property
    def site(self) -> SiteKey:
        return SiteKey.of(self.tenant, SiteId("main"))

    @property
    def register(self) -> Table:
        return Table(self.aws.dynamodb, self.aws.settings.register_table)

    @property
    def ledger(self) -> Table:
        return Table(self.aws.dynamodb, self.aws.settings.ledger_table)

    @property
    def year(self) -> int:
        return self.now.year

    @property
    def origin(self) -> str:
        return self.wiring.log(self.tenant, self.year)

    @property
    def folder(self) -> str:
        return self.wiring.keys(self.tenant).log_id(self.year)

    def after(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def publish(self) -> None:
        """A document and a window, version 1 of each."""
        draft = Draft(0, {"bg": "# Условия\n\nПлащате.\n", "en": "# Terms\n\nYou pay.\n"}, "First.", True, self.now)  # noqa: FBT003 - material
        publish(
            Policy(PolicyId("terms"), PolicyKind.CONTRACT_TERMS, {"bg": "Условия", "en": "Terms"}),
            draft,
            versions=self.wiring.versions(self.tenant),
            texts=self.wiring.content,
            log=self.origin,
            by="ak_owner",
            now=self.now,
        )
        self.wiring.configs(self.tenant).append(self._window(), site=self.site, log=self.origin)

    def _window(self) -> Published:
        return Published(
            version=1,
            epoch=1,
            sha256="c" * 64,
            build=BUILD,
            regimes=("opt-in", "opt-out"),
            languages=("bg", "en"),
            scope=frozenset({"vendor Google Analytics", "cookie _ga"}),
            published_at=self.now.replace(microsecond=self.now.microsecond // 1000 * 1000),
            published_by="ak_owner",
            gates={"opt-in": "sha384-a", "opt-out": "sha384-b"},
        )

    def consent(self, visitor: str, **members: Any) -> Entry:
        """A decision in the window, as the API enters it."""
        record = RecordId(uuid7(self.now))
        act = {
            "id": record,
            "act": "partial",
            "section": "banner",
            "at_client": int(self.now.timestamp() * 1000) - 250,
            "categories": {"necessary": True, "performance": True, "functional": False, "targeting": False},
            "shown": {
                "config": 1,
                "build": BUILD,
                "language": "bg",
                "gpc": False,
                "layer": "banner",
                "gesture": "button",
            },
        }
        submission = Submission.from_json({"acts": [act], "secret": visitor, **members}, now=self.now)
        told = {"user-agent": "Firefox", "accept-language": "bg"}
        self._desk().record(submission, Visitor.of("198.51.100.7", lambda name: told.get(name, "")), now=self.now)
        entry = self.wiring.records(self.tenant).read(record)
        assert entry is not None
        self.entries.append(entry)
        return entry

    def consents(self, count: int) -> None:
        """Of so many visitors, every second of whom types an address."""
        for number in range(len(self.entries), len(self.entries) + count):
            claimed = {"identity": {"email": f"ann{number}@example.com", "name": "Ann Lee"}} if number % 2 else {}
            self.consent(f"the secret of browser {number:03d}", **claimed)
            self.after(0.001)

    def _desk(self) -> Desk:
        return Desk(
            site=Site(self.site, "Rosa", ("https://shop.example",)),
            ip_mode=IpMode.TRUNCATE,
            vault=self.wiring.vault(self.tenant),
            records=self.wiring.records(self.tenant),
            references=self.wiring.references(self.tenant),
            log_host=self.aws.settings.log_host,
        )

    def erase(self, entry: Entry) -> None:
        eraser(self.tenant, self.wiring).shred(SubjectId(entry.says["sid"]), why=Why.REQUEST, now=self.now)

    def watched(self) -> int:
        """Hand over what is new in the stream to the watcher; tells how many changes it was that there should not be."""
        seen = 0
        for kind, number, before, after in self.changes.new():
            if kind in {"MODIFY", "REMOVE"}:
                watch(number, before, after, wiring=self.wiring)
                seen += before != after
        return seen

    def sequence(self, refs: Iterable[EntryRef] | None = None) -> None:
        """What is in the register and has no place yet, in batches of at most twelve."""
        wanted = list(refs) if refs is not None else self.unplaced()
        for start in range(0, len(wanted), 12):
            sequencer = self.wiring.sequencer(self.tenant, self.year)
            sequencer.sequence(self.candidates(wanted[start : start + 12]), now=self.now)
            self.after(0.1)

    def unplaced(self) -> list[EntryRef]:
        refs = [ref_of(item) for item in rows(self.register) if owner_of(item) == self.tenant]
        located = self.wiring.places(self.tenant).find(refs)
        return sorted((ref for ref in refs if ref not in located), key=lambda ref: ref.key)

    def candidates(self, refs: Sequence[EntryRef]) -> list[Candidate]:
        found = [self.register.get(f"{self.tenant}#{ref.partition}", ref.key) or {} for ref in refs]
        return [
            Candidate.of(ref, item["leaf"]["B"], item["leaf_hash"]["B"]) for ref, item in zip(refs, found, strict=True) if item
        ]

    def stream_to_sequencer(self) -> None:
        """Everything in the register again, as the stream tells of it: real tasks, duplicates and all."""
        told = ((str(place), item) for place, item in enumerate(rows(self.register)))
        assert sequence(told, wiring=self.wiring) == []

    def sign(self) -> None:
        self.wiring.signing(self.tenant, self.year).sign(now=self.now)
        self.after(31)

    def stamp(self, authority: Authority) -> None:
        """The newest checkpoint, dated by somebody else, as the daily task keeps it."""
        size, note = self.newest()
        key = f"{self.folder}/anchor/{size}.tsr"
        self.wiring.log_objects.put_once(key, authority.token(note.encode()), REPLY)
        row = AnchorRow(AnchorKind.RFC3161, CheckpointRef(self.year, size), self.now, key)
        rows_of(self.tenant, wiring=self.wiring).enter(row)

    def newest(self) -> tuple[int, str]:
        newest = self.wiring.log_reader(self.tenant, self.year).newest()
        assert newest is not None
        return newest

    def see_tampering(self) -> None:
        """A row that was nobody's is put and taken away before it had a place; the watcher enters that it saw it."""
        item: Any = {"pk": {"S": f"{self.tenant}#stray"}, "sk": {"S": "1"}, "leaf": {"B": b"{}"}}
        list(self.changes.new())
        put(self.register, item)
        remove(self.register, item["pk"]["S"], item["sk"]["S"])
        assert self.watched() == 1


def put(table: Table, item: Item) -> None:
    """As whoever holds PutItem can, without a condition."""
    table.client.put_item(TableName=table.name, Item=item)


def remove(table: Table, pk: str, sk: str) -> None:
    table.client.delete_item(TableName=table.name, Key={"pk": {"S": pk}, "sk": {"S": sk}})


def rows(table: Table) -> Iterator[Item]:
    """Everything in a table."""
    pages = cast("Any", table.client).get_paginator("scan").paginate(TableName=table.name, ConsistentRead=True)
    for page in pages:
        yield from page["Items"]


def owner_of(item: Item) -> str:
    return str(item["pk"]["S"]).partition("#")[0]


def ref_of(item: Item) -> EntryRef:
    return EntryRef(str(item["pk"]["S"]).partition("#")[2], str(item["sk"]["S"]))
