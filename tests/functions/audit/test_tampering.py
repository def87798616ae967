"""One planted disagreement of every kind, and the auditor names it first."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from functions.audit.model import Kind
from functions.audit.ports import Kept, Scope
from functions.clock import to_ms
from functions.ledger.kinds import EntryRef
from functions.ledger.leaf import canonical, leaf_hash
from functions.ledger.model import Flaw
from functions.ledger.note import Signer
from tests.functions.audit.history import FIRST_BATCH, LAST_BATCH, LATE_BATCH, SIGNED, SIZE, History, change
from tests.support.aws import Account
from tests.support.storefront import uuid7

Planted = Callable[[History], object]
PLANTED: dict[Kind, Planted] = {}


def plants(kind: Kind) -> Callable[[Planted], Planted]:
    def planted(plant: Planted) -> Planted:
        PLANTED[kind] = plant
        return plant

    return planted


@pytest.fixture
def history(tenant: Account, now: datetime) -> History:
    return History.of(tenant, now)


@pytest.mark.parametrize("kind", Kind)
def test_what_was_planted_is_named_first(history: History, kind: Kind) -> None:
    PLANTED[kind](history)

    tally = history.audited(scope=scope_of(history, kind))

    assert tally.first is not None, "nothing was found"
    assert tally.first.kind is kind
    assert tally.first.tenant == history.account.id
    assert tally.found[kind] >= 1


def scope_of(history: History, kind: Kind) -> Scope:
    if kind is not Kind.KEPT:
        return Scope()
    return Scope(kept=(Kept(history.signer.origin, 4, history.checkpoint(4, root=bytes(32))),))


def test_nothing_is_found_in_what_nobody_touched(history: History) -> None:
    tally = history.audited()

    assert tally.found == {}
    assert tally.first is None
    assert (tally.logs, tally.batches, tally.checkpoints, tally.entries, tally.scanned) == (1, 3, 2, SIZE, SIZE)
    assert (tally.receipts, tally.receipts_unchecked) == (SIZE, 0)


def test_a_neighbour_is_audited_without_a_trace_of_it(history: History, neighbour: Account, now: datetime) -> None:
    other = History.of(neighbour, now)
    history.entry(0, leaf={"B": b"other"})
    history.drop("head")

    assert other.audited().found == {}


@plants(Kind.HEAD_MISSING)
def no_head(history: History) -> None:
    history.drop("head")


@plants(Kind.HEAD_UNREADABLE)
def half_a_root(history: History) -> None:
    history.row("head", roots={"B": b"short"})


@plants(Kind.HEAD_KEY)
def another_key(history: History) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    foreign = Signer(history.signer.origin, Ed25519PrivateKey.generate()).verifier
    history.row("head", vkey={"S": f"{foreign}x"})


@plants(Kind.HEAD_RECEIPTS)
def the_logs_own_key_for_receipts(history: History) -> None:
    history.row("head", receipt_vkey={"S": str(history.signer.verifier)})


@plants(Kind.HEAD_COUNT)
def another_count(history: History) -> None:
    history.row("head", v={"N": "4"})


@plants(Kind.HEAD_LAST)
def another_last(history: History) -> None:
    history.row("head", last={"N": "3"})


@plants(Kind.HEAD_ROOT)
def another_tree(history: History) -> None:
    history.row("head", roots={"B": bytes(64)})


@plants(Kind.HEAD_SIGNED)
def an_older_signature(history: History) -> None:
    history.row("head", signed_size={"N": "3"}, signed_at={"N": str(to_ms(history.now) // 1000 * 1000)})


@plants(Kind.BATCH_UNREADABLE)
def half_a_hash(history: History) -> None:
    history.row(LATE_BATCH, hashes={"B": b"short"})


@plants(Kind.BATCH_GAP)
def no_batch(history: History) -> None:
    history.drop(LATE_BATCH)


@plants(Kind.BATCH_REFS)
def a_reference_less(history: History) -> None:
    history.row(FIRST_BATCH, refs={"L": history.take(FIRST_BATCH)["refs"]["L"][:2]})


@plants(Kind.BATCH_BEYOND)
def a_batch_more(history: History) -> None:
    values = {name: value for name, value in history.take(LAST_BATCH).items() if name not in {"pk", "sk"}}
    history.row("batch#000000000006", **values)


@plants(Kind.BATCH_TIME)
def a_batch_of_an_hour_ago(history: History) -> None:
    history.row(LATE_BATCH, at={"N": str(to_ms(history.now - timedelta(hours=1)))})


@plants(Kind.CHECKPOINT_MISSING)
def no_checkpoint(history: History) -> None:
    history.remove(f"checkpoint/{SIGNED}")


@plants(Kind.CHECKPOINT_SIGNATURE)
def a_changed_checkpoint(history: History) -> None:
    note = history.read("checkpoint/3")
    history.overwrite("checkpoint/3", note.replace(b"\ntime 17", b"\ntime 16"))


@plants(Kind.CHECKPOINT_ROOT)
def a_signed_fork(history: History) -> None:
    history.overwrite(f"checkpoint/{SIGNED}", history.checkpoint(SIGNED, root=bytes(32)))


@plants(Kind.CHECKPOINT_TIME)
def a_checkpoint_of_yesterday(history: History) -> None:
    yesterday = int((history.now - timedelta(days=1)).timestamp())
    history.overwrite(f"checkpoint/{SIGNED}", history.checkpoint(SIGNED, time=yesterday))


@plants(Kind.CHECKPOINT_STRAY)
def a_checkpoint_inside_a_batch(history: History) -> None:
    history.overwrite("checkpoint/4", history.checkpoint(4))


@plants(Kind.CHECKPOINT_BEYOND)
def a_larger_checkpoint(history: History) -> None:
    history.overwrite("checkpoint/12", history.checkpoint(12))


@plants(Kind.ENTRY_MISSING)
def no_entry(history: History) -> None:
    history.drop_entry(1)


@plants(Kind.ENTRY_HASH)
def another_leaf(history: History) -> None:
    leaf = history.log.leaf(history.entered[1].ref.key, history.now, act="withdrawn")
    history.entry(1, leaf={"B": leaf}, leaf_hash={"B": leaf_hash(leaf)})


@plants(Kind.ENTRY_STATED)
def another_hash_beside_it(history: History) -> None:
    history.entry(1, leaf_hash={"B": bytes(32)})


@plants(Kind.ENTRY_LEAF)
def a_leaf_with_a_space(history: History) -> None:
    good = history.enter(history.later)
    history.slip_in(history.put(good.ref, good.leaf.replace(b",", b", ")))


@plants(Kind.ENTRY_KEY)
def a_copy_under_another_key(history: History) -> None:
    good = history.entered[0]
    history.slip_in(history.put(EntryRef(good.ref.partition, uuid7(history.now)), good.leaf))


@plants(Kind.ENTRY_LOG)
def a_leaf_of_another_log(history: History) -> None:
    record = uuid7(history.later)
    leaf = canonical({"typ": "consentinel/consent/v1", "log": "elsewhere", "id": record, "at": to_ms(history.later)})
    history.slip_in(history.put(EntryRef(f"consent#{int(record[-1], 16) % 4}", record), leaf))


@plants(Kind.ENTRY_YEAR)
def a_leaf_of_another_year(history: History) -> None:
    history.slip_in(history.enter(history.now - timedelta(days=300)), late=True)


@plants(Kind.ENTRY_AHEAD)
def a_leaf_of_tomorrow(history: History) -> None:
    history.slip_in(history.enter(history.now + timedelta(days=1)))


@plants(Kind.ENTRY_LATE)
def a_back_dated_leaf(history: History) -> None:
    history.slip_in(history.enter(history.now - timedelta(days=1)))


@plants(Kind.RECEIPT)
def another_signature(history: History) -> None:
    history.entry(1, signature={"B": bytes(64)})


@plants(Kind.LOCATOR)
def another_place(history: History) -> None:
    history.locator(1, index={"N": "2"})


@plants(Kind.TILE)
def another_tile(history: History) -> None:
    history.overwrite("tile/0/000.p/5", bytes(5 * 32))


@plants(Kind.BUNDLE)
def another_bundle(history: History) -> None:
    history.overwrite("tile/entries/000.p/5", history.read("tile/entries/000.p/5").replace(b"consent/v1", b"consent/v2", 1))


@plants(Kind.MISSING)
def a_gap_in_a_bundle(history: History) -> None:
    bundle = history.read("tile/entries/000.p/5")
    first = 2 + int.from_bytes(bundle[:2], "big")
    history.overwrite("tile/entries/000.p/5", b"\0\0" + bundle[first:])


@plants(Kind.KEPT)
def nothing_but_a_checkpoint_kept_elsewhere(_: History) -> None:
    pass


@plants(Kind.ANCHOR)
def an_anchor_without_its_stamp(history: History) -> None:
    history.row("anchor#000000000005", kind={"S": "rfc3161"}, key={"S": f"{history.folder}/anchor/5.tsr"})


@plants(Kind.UNPLACED)
def an_entry_nobody_sequenced(history: History) -> None:
    history.enter(history.now)


@plants(Kind.MISPLACED)
def an_entry_with_the_place_of_another(history: History) -> None:
    ref = history.enter(history.now).ref
    place = {"year": {"N": str(history.now.year)}, "index": {"N": "0"}, "start": {"N": "0"}, "late": {"BOOL": False}}
    change(history.ledger, f"{history.account.id}#located#{ref.partition}", ref.key, **place)


@plants(Kind.QUARANTINED)
def an_entry_that_was_kept_out(history: History) -> None:
    ref = history.enter(history.now).ref
    history.account.places.quarantine(ref, Flaw.CLOSED, year=history.now.year, now=history.now)


@plants(Kind.UNKNOWN)
def a_row_of_no_kind(history: History) -> None:
    history.put(EntryRef("nonsense", "1"), b"nothing")
