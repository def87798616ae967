"""What somebody might do to a log and its register, and how it is looked for afterwards."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

from functions.anchors.model import REPLY
from functions.audit.model import Tally
from functions.audit.ports import Kept, Scope
from functions.audit.reading import Named, StoredObjects, StoredRows
from functions.audit.service import Auditor, State
from functions.cli.verify import Standing
from functions.clock import from_ms, to_ms
from functions.consents.receipt import signature_of, signer_of
from functions.dynamo import Item
from functions.errors import NotFound
from functions.ids import RecordId, SubjectId, TenantId
from functions.ledger.checkpoint import Checkpoint
from functions.ledger.kinds import EntryRef, shard
from functions.ledger.leaf import canonical, leaf_hash, members
from functions.ledger.model import Batch, Head
from functions.ledger.signer import KmsSigner
from functions.receipts.logs import Growth
from functions.receipts.routes import desk
from functions.wiring import Wiring
from tests.support.receipts import Authority
from tests.support.storefront import uuid7
from tests.support.verifiers import Case, verdict_of
from tests.tampering.world import World, put, remove, rows


class By(StrEnum):
    """Who finds it, and with what."""

    WATCHER = "watcher"
    AUDITOR = "auditor"
    RECEIPT_DESK = "receipt refused"
    VERIFIER = "verifier"
    AUDITOR_WITH_CHECKPOINT = "auditor with an older checkpoint"
    VERIFIER_WITH_CHECKPOINT = "verifier with an older checkpoint"
    VERIFIER_WITH_ANCHOR = "verifier with an anchor"


@dataclass(frozen=True)
class Past:
    """What somebody kept of the log when it was smaller: its head, its checkpoint, and a time-stamp over that."""

    head: Item
    size: int
    checkpoint: str
    token: bytes
    certificate: Path


def told(world: World, authority: Authority) -> Past:
    """A small history: three records in two batches, signed and dated; another, signed again; one that is not yet."""
    world.publish()
    for count in (2, 1):
        world.consents(count)
        world.after(1)
        world.sequence()
    world.sign()
    world.stamp(authority)
    size, note = world.newest()
    token = world.wiring.log_objects.read(f"{world.folder}/anchor/{size}.tsr") or b""
    past = Past(head_of(world), size, note, token, authority.certificate)
    world.consents(1)
    world.after(1)
    world.sequence()
    world.sign()
    world.consents(1)
    world.after(1)
    world.sequence()
    list(world.changes.new())
    return past


def head_of(world: World) -> Item:
    return world.ledger.get(f"{world.tenant}#log#{world.year}", "head") or {}


# Looking for it


def found_by(world: World, past: Past) -> set[By]:
    """The watcher last, because it enters in the register what it sees."""
    found = set[By]()
    if audited(world).found:
        found.add(By.AUDITOR)
    elif audited(world, Scope(kept=(Kept(world.origin, past.size, past.checkpoint.encode()),))).found:
        found.add(By.AUDITOR_WITH_CHECKPOINT)
    if world.watched():
        found.add(By.WATCHER)
    shown = {entry.id for entry in (world.entries[1], world.entries[-2])}
    return found.union(*(_verified(world, past, RecordId(record)) for record in shown))


def audited(world: World, scope: Scope | None = None) -> Tally:
    stored = StoredRows(world.register, world.ledger), StoredObjects(world.wiring.log_objects)
    auditor = Auditor(*stored, Named((world.tenant,)), scope or Scope(), State(deep=True))
    while not auditor.done:
        auditor.step(now=world.now + timedelta(minutes=5))
    return auditor.state.tally


def _verified(world: World, past: Past, record: RecordId) -> Iterator[By]:
    """The receipt of a record as it is given now, checked by somebody who kept nothing, a checkpoint, or an anchor."""
    try:
        receipt = desk(world.wiring, world.tenant).for_merchant(record).to_json()
    except NotFound:
        yield By.RECEIPT_DESK
        return
    if _fails(receipt):
        yield By.VERIFIER
        return
    if receipt["proof"] is None:
        return
    path = _joined(world, past, receipt)
    if _fails(receipt, checkpoint=past.checkpoint, consistency="".join(f"{one}\n" for one in path)):
        yield By.VERIFIER_WITH_CHECKPOINT
    anchor = {"kind": "rfc3161", "checkpoint": past.checkpoint, "token": b64encode(past.token).decode(), "consistency": path}
    if _fails(receipt | {"anchors": [anchor]}, certificates=(past.certificate,)):
        yield By.VERIFIER_WITH_ANCHOR


def _joined(world: World, past: Past, receipt: Mapping[str, Any]) -> list[str]:
    """The proof of consistency that the API gives between what was kept and the receipt's checkpoint, if it has one."""
    size = Checkpoint.parse(receipt["proof"].partition("\n\n")[2].partition("\n\n")[0] + "\n").size
    log = world.wiring.log_reader(world.tenant, world.year)
    try:
        hashes: list[str] = Growth(*sorted((past.size, size))).proven_by(log)["consistency"]
    except NotFound:
        return []
    return hashes


def _fails(
    receipt: Mapping[str, Any],
    *,
    checkpoint: str | None = None,
    consistency: str | None = None,
    certificates: tuple[Path, ...] = (),
) -> bool:
    case = Case(json.dumps(receipt).encode(), checkpoint=checkpoint, consistency=consistency)
    verdict = verdict_of(case, certificates=certificates)
    return any(finding.standing is Standing.FAILS for finding in verdict.findings)


# Doing it

Refs = tuple[EntryRef, ...]
Scene = Callable[[World, Past], None]
SCENES: dict[str, tuple[Scene, frozenset[By]]] = {}


def scene(name: str, *by: By) -> Callable[[Scene], Scene]:
    def told_of(scene: Scene) -> Scene:
        SCENES[name] = (scene, frozenset(by))
        return scene

    return told_of


def place(world: World, number: int) -> EntryRef:
    record = RecordId(world.entries[number].id)
    return EntryRef(shard(record), record)


def row(world: World, ref: EntryRef) -> Item:
    return world.register.get(f"{world.tenant}#{ref.partition}", ref.key) or {}


def log_row(world: World, sk: str) -> Item:
    return world.ledger.get(f"{world.tenant}#log#{world.year}", sk) or {}


def written_anew(world: World, item: Item, **says: Any) -> Item:
    """The row with another leaf in it, signed and sealed with the keys that the appender has."""
    entry, wiring = members(item["leaf"]["B"]), world.wiring
    owner = wiring.vault(world.tenant).subject(SubjectId(entry["sid"]))
    personal = {"ip": "203.0.113.0/24"}
    record = str(says.get("id", entry["id"]))
    leaf = canonical(entry | {"pii": owner.commitment(personal, record=record)} | says)
    signer = signer_of(wiring.keys(world.tenant), log_host=world.aws.settings.log_host)
    hashed, signature = leaf_hash(leaf), signature_of(leaf, signer)
    sealed = owner.seal(personal, leaf_hash=hashed)
    return item | {"leaf": {"B": leaf}, "leaf_hash": {"B": hashed}, "signature": {"B": signature}, "sealed": {"B": sealed}}


def entered_by_hand(world: World, **beside: Any) -> Item:
    """A row of a record that nobody made, with a leaf as it should be."""
    record = uuid7(world.now)
    item = written_anew(world, row(world, place(world, 0)), id=record, at=to_ms(world.now))
    return {**item, "pk": {"S": f"{world.tenant}#{shard(RecordId(record))}"}, "sk": {"S": record}, **beside}


@scene("a record is deleted", By.WATCHER, By.AUDITOR, By.RECEIPT_DESK)
def deleted(world: World, _: Past) -> None:
    remove(world.register, f"{world.tenant}#{place(world, 1).partition}", place(world, 1).key)


@scene("a row that is no leaf is put by hand", By.AUDITOR)
def no_leaf(world: World, _: Past) -> None:
    item = entered_by_hand(world)
    leaf = item["leaf"]["B"].replace(b",", b", ")
    put(world.register, item | {"leaf": {"B": leaf}, "leaf_hash": {"B": leaf_hash(leaf)}})
    world.stream_to_sequencer()


@scene("a record is put by hand, without the receipt key", By.AUDITOR)
def not_signed(world: World, _: Past) -> None:
    put(world.register, entered_by_hand(world, signature={"B": bytes(64)}))
    world.sequence()


@scene("a record is put by hand into register and tree, back-dated by an hour, with every key", By.AUDITOR)
def back_dated(world: World, _: Past) -> None:
    world.after(3600)
    at = world.now - timedelta(minutes=70)
    record = uuid7(at)
    item = written_anew(world, row(world, place(world, 0)), id=record, at=to_ms(at))
    ref = EntryRef(shard(RecordId(record)), record)
    put(world.register, {**item, "pk": {"S": f"{world.tenant}#{ref.partition}"}, "sk": {"S": record}})
    log, places = world.wiring.log_rows(world.tenant, world.year), world.wiring.places(world.tenant)
    head = log.head()
    assert head is not None
    batch = Batch(head.size, (item["leaf_hash"]["B"],), (ref,), world.now)
    assert log.commit(batch, head=head)
    places.put(batch, year=world.year)
    log.finish(head.v + 1)


@scene("two records' leaves are swapped", By.WATCHER, By.AUDITOR, By.RECEIPT_DESK)
def swapped(world: World, _: Past) -> None:
    one, other = (row(world, place(world, number)) for number in (0, 1))
    for item, leaf in ((one, other), (other, one)):
        put(world.register, item | {name: leaf[name] for name in ("leaf", "leaf_hash", "signature", "sealed")})


@scene("a record is overwritten with the appender's own rights and keys", By.WATCHER, By.AUDITOR, By.VERIFIER)
def overwritten(world: World, _: Past) -> None:
    item = row(world, place(world, 1))
    cat = {"necessary": True, "performance": True, "functional": True, "targeting": True}
    put(world.register, written_anew(world, item, act="given", cat=cat))


@scene("a record is overwritten before it was sequenced", By.WATCHER)
def overwritten_at_once(world: World, _: Past) -> None:
    entry = world.consent("the secret of somebody else")
    item = world.register.get(f"{world.tenant}#{shard(entry.id)}", entry.id) or {}
    put(world.register, written_anew(world, item, act="withdrawn"))
    world.entries.pop()
    world.sequence()


@scene("the log is cut off: its last batches, and what tells of them in the ledger", By.AUDITOR)
def truncated(world: World, past: Past) -> None:
    pk = f"{world.tenant}#log#{world.year}"
    for item in list(rows(world.ledger)):
        start = item.get("start", {}).get("N", "0")
        of_log = item["pk"]["S"] == pk and item["sk"]["S"] > f"batch#{past.size - 1:012d}" and "batch#" in item["sk"]["S"]
        located = "#located#" in item["pk"]["S"] and int(start) >= past.size
        signed = item["sk"]["S"] > f"signed#{past.size:012d}" and item["pk"]["S"] == pk
        if of_log or located or signed:
            remove(world.ledger, item["pk"]["S"], item["sk"]["S"])
    put(world.ledger, past.head)


@scene("the head is rolled back", By.AUDITOR)
def rolled_back(world: World, past: Past) -> None:
    put(world.ledger, past.head)


@scene(
    "history is rewritten from the middle, in a copy of the bucket, signed anew with the platform's key",
    By.WATCHER,
    By.AUDITOR_WITH_CHECKPOINT,
    By.VERIFIER_WITH_CHECKPOINT,
    By.VERIFIER_WITH_ANCHOR,
)
def forked(world: World, past: Past) -> None:
    overwritten(world, past)
    grown_anew(world)


@scene(
    "the same, with a record left out instead of changed",
    By.WATCHER,
    By.AUDITOR_WITH_CHECKPOINT,
    By.VERIFIER_WITH_CHECKPOINT,
    By.VERIFIER_WITH_ANCHOR,
)
def left_out(world: World, _: Past) -> None:
    remove(world.register, f"{world.tenant}#{place(world, 1).partition}", place(world, 1).key)
    world.entries.pop(1)
    grown_anew(world)


@scene(
    "the same without touching the register: two records change places",
    By.AUDITOR_WITH_CHECKPOINT,
    By.VERIFIER_WITH_CHECKPOINT,
    By.VERIFIER_WITH_ANCHOR,
)
def reordered(world: World, _: Past) -> None:
    grown_anew(world, order=lambda refs: refs[::-1])


@scene("a checkpoint is signed anew for the same size with another root", By.AUDITOR, By.VERIFIER)
def signed_anew(world: World, past: Past) -> None:
    signer = KmsSigner(world.origin, world.wiring.checkpoint_key)
    said = Checkpoint.parse(past.checkpoint.partition("\n\n")[0] + "\n")
    note = signer.sign(replace(said, root=bytes(32)).text).encode()
    in_a_copy(world, {f"{world.folder}/checkpoint/{past.size}": note})


@scene("a tile is replaced", By.AUDITOR, By.VERIFIER)
def other_tile(world: World, past: Past) -> None:
    key = f"{world.folder}/tile/0/000.p/{past.size}"
    content = world.wiring.log_objects.read(key) or b""
    in_a_copy(world, {key: content[32:] + content[:32]})


@scene("a time-stamp is replaced by one over something else", By.AUDITOR, By.VERIFIER)
def other_stamp(world: World, past: Past) -> None:
    authority = Authority(past.certificate.parent, algorithm="EC")
    in_a_copy(world, {f"{world.folder}/anchor/{past.size}.tsr": authority.token(b"something else")})


@scene("a locator is overwritten", By.AUDITOR, By.VERIFIER)
def misled(world: World, _: Past) -> None:
    pk = f"{world.tenant}#located#{place(world, 1).partition}"
    item = world.ledger.get(pk, place(world, 1).key) or {}
    put(world.ledger, item | {"index": {"N": str(int(item["index"]["N"]) ^ 1)}})


@scene("a locator is removed", By.AUDITOR)
def lost(world: World, _: Past) -> None:
    remove(world.ledger, f"{world.tenant}#located#{place(world, 1).partition}", place(world, 1).key)


@scene("an entry was kept out, and the row that says so is removed", By.AUDITOR)
def unquarantined(world: World, past: Past) -> None:
    no_leaf(world, past)
    kept_out = [item for item in rows(world.ledger) if "#quarantine#" in item["pk"]["S"]]
    assert len(kept_out) == 1
    remove(world.ledger, kept_out[0]["pk"]["S"], kept_out[0]["sk"]["S"])


@scene("a record is put a second time under another id", By.AUDITOR)
def doubled(world: World, _: Past) -> None:
    record = uuid7(world.now)
    copy = row(world, place(world, 1)) | {"pk": {"S": f"{world.tenant}#{shard(RecordId(record))}"}, "sk": {"S": record}}
    put(world.register, copy)
    world.stream_to_sequencer()


@scene("a record is put into the log of another year", By.AUDITOR)
def another_year(world: World, _: Past) -> None:
    year, ref = world.year - 1, place(world, 1)
    log = world.wiring.log_rows(world.tenant, year)
    signer = signer_of(world.wiring.keys(world.tenant), log_host=world.aws.settings.log_host)
    head = Head.new(world.wiring.log(world.tenant, year), str(signer.verifier))
    assert log.commit(Batch(0, (row(world, ref)["leaf_hash"]["B"],), (ref,), world.now - timedelta(days=360)), head=head)
    log.finish(1)


@scene("the texts beside a policy version's leaf are replaced", By.WATCHER, By.AUDITOR)
def other_text(world: World, _: Past) -> None:
    item = world.register.get(f"{world.tenant}#policy#terms", "v000001") or {}
    version = json.loads(item["version"]["S"])
    version["texts"]["en"]["sha256"] = "0" * 64
    put(world.register, item | {"version": {"S": json.dumps(version)}})


# With another bucket


def in_a_copy(world: World, changed: Mapping[str, bytes]) -> None:
    """The log's objects in a bucket without a lock, some of them others; from now on everybody is shown that one."""
    objects = world.wiring.log_objects
    pages = cast("Any", objects.client).get_paginator("list_objects_v2").paginate(Bucket=objects.bucket, Prefix=world.folder)
    held = {one["Key"]: objects.read(one["Key"]) or b"" for page in pages for one in page["Contents"]}
    show_another(world)
    for key, content in {**held, **changed}.items():
        world.wiring.log_objects.put_once(key, content, REPLY)


def show_another(world: World) -> None:
    name = f"copy-{TenantId.new()}"
    place = cast("Any", {"LocationConstraint": "eu-central-1"})
    world.aws.s3.create_bucket(Bucket=name, CreateBucketConfiguration=place)
    settings = replace(world.aws.settings, log_bucket=name)
    world.wiring = Wiring(settings, world.aws.dynamodb, world.aws.session)


def grown_anew(world: World, *, order: Callable[[Refs], Refs] = lambda refs: refs) -> None:
    """The log from its first leaf on as the register has it now: at the same times, and signed at the same times."""
    pk = f"{world.tenant}#log#{world.year}"
    old = [item for item in rows(world.ledger) if item["pk"]["S"] == pk or "#located#" in item["pk"]["S"]]
    log = world.wiring.log_rows(world.tenant, world.year)
    batches, times = list(log.batches(0, 1000)), sorted(_signed(old))
    for item in old:
        remove(world.ledger, item["pk"]["S"], item["sk"]["S"])
    show_another(world)
    for batch in batches:
        world.wiring.sequencer(world.tenant, world.year).sequence(world.candidates(order(batch.refs)), now=batch.at)
        for size, at in times:
            if size == batch.end:
                world.wiring.signing(world.tenant, world.year).sign(now=from_ms(at))


def _signed(items: list[Item]) -> Iterator[tuple[int, int]]:
    for item in items:
        if item["sk"]["S"].startswith("signed#"):
            yield int(item["sk"]["S"].removeprefix("signed#")), int(item["at"]["N"])
