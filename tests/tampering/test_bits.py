"""Every bit of two hundred stored items: whoever flips one is found out, and by whom is counted."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from cryptography import x509

from functions.audit.model import Kind as Disagreement
from tests.support.aws import Aws
from tests.support.receipts import Authority
from tests.tampering.bits import Count, Finder, Flip, Judge, Kind, flips_of, things_of
from tests.tampering.snapshot import Snapshot
from tests.tampering.world import World, tables_of_its_own

ITEMS = 200

# What nobody finds, because nothing is believed by it. Whatever else is missed fails the test.
MEANS_NOTHING = {
    (Kind.BATCH, "at"): "when a batch was sequenced, by less than a quarter of an hour: signed by nobody, and told as such",
    (Kind.HEAD, "finished"): "one too low: the next run writes the last batch's locators once more",
    (Kind.SIGNED, "pk"): "the note is gone: proofs come under the next checkpoint",
    (Kind.SIGNED, "sk"): "as above",
    (Kind.ANCHOR, "pk"): "the note is gone: the stamp is in the bucket, and is no longer shown",
    (Kind.ANCHOR, "sk"): "as above",
    (
        Kind.STAMP,
        "content",
    ): "outside of what the authority signs: its own certificate, which a verifier brings; bytes of the frame",
    (Kind.ANCHOR, "at"): "when the note was made, by less than two days: the stamp itself says when it was made",
}
# What the leaf does not commit to, or nobody has a key for any more.
WATCHER_ALONE = {
    (Kind.CONSENT, "sealed"): "of a subject who was erased",
    (Kind.POLICY, "version"): "titles, change note, rendered page, who published",
    (Kind.CONFIG, "config"): "languages, regimes, scope, integrity of the gates, who published",
}


def grown(aws: Aws, authority: Authority) -> World:
    """Consents, a document and a window, an erasure, a change that was seen, late entries; signed six times, dated twice."""
    world = World.opened(aws, datetime.now(UTC))
    world.publish()
    world.consents(13)
    world.see_tampering()
    for sizes in range(6):
        world.after(1)
        world.sequence()
        world.sign()
        if sizes in {1, 4}:
            world.stamp(authority)
        if sizes == 2:
            world.erase(world.entries[3])
            world.after(-120)
            world.consents(1)
            world.after(120)
        world.consents(11 - sizes % 2)
    world.after(1)
    world.sequence()
    return world


@pytest.fixture(scope="module")
def judge(aws: Aws, authority: Authority) -> Judge:
    with tables_of_its_own(aws) as tables:
        world = grown(tables, authority)
        stored = Snapshot.of(world, now=world.now + timedelta(minutes=5))
        subjects = [entry.says["sid"] for entry in world.entries]
        owners = world.wiring.vault(world.tenant).subjects(subjects)
    return Judge(stored, owners, [x509.load_pem_x509_certificate(authority.certificate.read_bytes())])


def of_each_kind(judge: Judge) -> list[Flip]:
    """The first bit of every attribute of one row of each kind, and of every object."""
    things = things_of(judge.stored)
    chosen = {thing if thing.table == "bucket" else thing.kind: thing for thing in things}.values()
    flips = (flip for thing in chosen for flip in flips_of(judge.stored, thing))
    return list({(flip.thing, flip.place.name): flip for flip in flips if flip.bit == 0}.values())


def counted(judge: Judge, flips: Iterator[Flip]) -> Count:
    count = Count()
    for flip in flips:
        count.add(flip, judge.judge(flip))
    return count


def check(count: Count) -> None:
    assert set(+count.nobody) <= set(MEANS_NOTHING)
    assert set(+count.watcher_alone) <= set(WATCHER_ALONE)
    for kind in (Kind.CONSENT, Kind.POLICY, Kind.CONFIG, Kind.ERASURE, Kind.TAMPER):
        assert count.found[kind, Finder.WATCHER] == count.bits[kind]
    for kind in (Kind.LOCATOR, Kind.CHECKPOINT, Kind.TILE, Kind.BUNDLE):
        assert count.found[kind, Finder.AUDITOR] == count.bits[kind]


def all_flips(judge: Judge) -> Iterator[Flip]:
    return (flip for thing in things_of(judge.stored) for flip in flips_of(judge.stored, thing))


def test_nothing_is_found_in_what_nobody_touched(judge: Judge) -> None:
    things = things_of(judge.stored)

    assert judge.stored.audited(deep=True).found == {}
    assert {thing.kind for thing in things} == set(Kind)
    assert len(things) == ITEMS


def test_a_look_at_one_item_finds_what_the_audit_of_everything_finds(judge: Judge) -> None:
    for flip in of_each_kind(judge):
        assert (Finder.AUDITOR in judge.judge(flip)) == judge.whole(flip), flip


def test_a_head_that_says_that_less_is_finished_than_can_be_is_found(judge: Judge) -> None:
    head = judge.stored.ledger[judge.stored.log, "head"]
    rolled_back = {**head, "finished": {"N": str(int(head["v"]["N"]) - 2)}}

    tally = judge.stored.with_row("ledger", (judge.stored.log, "head"), rolled_back).audited(deep=False)

    assert set(tally.found) == {Disagreement.HEAD_COUNT}


def test_a_receipt_key_whose_hash_is_written_in_capitals_is_found(judge: Judge) -> None:
    head = judge.stored.ledger[judge.stored.log, "head"]
    name, hashed, key = head["receipt_vkey"]["S"].split("+", 2)
    shouted = {**head, "receipt_vkey": {"S": f"{name}+{hashed.upper()}+{key}"}}

    tally = judge.stored.with_row("ledger", (judge.stored.log, "head"), shouted).audited(deep=False)

    assert set(tally.found) == ({Disagreement.HEAD_RECEIPTS} if hashed.upper() != hashed else set())


def test_a_time_beyond_every_calendar_is_found_and_not_stumbled_over(judge: Judge) -> None:
    for prefix, expected in (("anchor#", Disagreement.ANCHOR), ("signed#", Disagreement.CHECKPOINT_MISSING)):
        row = judge.stored.of_log(prefix)[0] | {"at": {"N": "9" * 18}}

        tally = judge.stored.with_row("ledger", (judge.stored.log, row["sk"]["S"]), row).audited(deep=False)

        assert set(tally.found) == {expected}


def test_some_bits_of_every_kind_flipped_are_found(judge: Judge, capsys: pytest.CaptureFixture[str]) -> None:
    count = counted(judge, islice(all_flips(judge), 11, None, 97))

    with capsys.disabled():
        sys.stdout.write(f"\n{count.table()}\n")
    check(count)


@pytest.mark.prove
def test_every_bit_of_two_hundred_items_flipped_is_found(judge: Judge, capsys: pytest.CaptureFixture[str]) -> None:
    count = counted(judge, all_flips(judge))

    with capsys.disabled():
        sys.stdout.write(f"\n{count.table()}\n")
    check(count)
    assert sum(map(len, count.items.values())) == ITEMS
