from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from functions.audit.model import Kind
from functions.audit.ports import Kept, Scope
from functions.audit.reading import Everybody
from functions.audit.service import Auditor, State
from functions.clock import to_ms
from functions.dynamo import Table
from functions.ids import TenantId
from functions.ledger.kinds import EntryRef
from functions.ledger.note import Signer
from functions.ledger.tree import Frontier
from functions.tenants.directory import Directory
from functions.upkeep.closing import YearEnd
from tests.functions.audit.history import LAST_BATCH, SIGNED, History, kinds
from tests.support.aws import Account, Aws


@pytest.fixture
def history(tenant: Account, now: datetime) -> History:
    return History.of(tenant, now)


class Nobody:
    """A queue that is asked for nothing."""

    def close(self, tenant: TenantId, year: int) -> None:
        raise AssertionError((tenant, year))


class Two:
    """Two accounts are asked about, and one of them there is."""

    def __init__(self, known: str, unknown: str) -> None:
        self.known, self.unknown = known, unknown

    def after(self, tenant: str | None) -> str | None:
        return self.known if tenant is None else None

    def asked(self, tenant: str) -> bool:
        return tenant in {self.known, self.unknown}

    def has(self, tenant: str) -> bool:
        return tenant == self.known


def test_years_turn_and_the_closed_log_and_its_closing_checkpoint_fit(tenant: Account, now: datetime) -> None:
    old = History.of(tenant, datetime(2025, 12, 31, 23, 50, tzinfo=UTC))
    new = History.of(tenant, datetime(2026, 1, 2, tzinfo=UTC))
    rows, over = tenant.log(2025), datetime(2026, 1, 8, 0, 1, tzinfo=UTC)
    last = rows.head()
    assert last is not None
    rows.close(last)
    old.sign(at=over)
    YearEnd(rows, tenant.register, Nobody(), tenant.origin(2026)).turn(now=over)
    new.log.sequencer.sequence(new.log.candidates([EntryRef("closing", "2025")]), now=over)
    new.sign(at=over + timedelta(minutes=1))

    tally = History(tenant, now).audited()

    head = rows.head()
    assert head is not None
    assert head.closed
    assert tally.found == {}
    assert (tally.logs, tally.entries, tally.scanned) == (2, 13, 13)


def test_a_log_of_several_tiles_fits(history: History) -> None:
    start = history.now + timedelta(minutes=2)
    history.sequence([start] * 300, at=start)
    history.sign(at=start + timedelta(seconds=1))

    tally = history.audited()

    assert tally.found == {}
    assert (tally.entries, tally.scanned) == (306, 306)
    # two full tiles, the begun ones of each signed size, and their bundles, and what is begun above them
    assert tally.objects == 9


def test_an_audit_that_is_stopped_at_every_page_finds_the_same(history: History) -> None:
    history.entry(1, leaf={"B": b"other"})
    history.overwrite(f"checkpoint/{SIGNED}", history.checkpoint(SIGNED, root=bytes(32)))
    kept = Scope(kept=(Kept(history.signer.origin, 3, history.checkpoint(3)), Kept("elsewhere", 3, b"")))
    in_one_go = history.audited(scope=kept)

    state, steps = State(deep=True).to_json(), 0
    while state["phase"] != "done":
        auditor = history.auditor(State.from_json(state), kept)
        auditor.step(now=history.later)
        state, steps = auditor.state.to_json(), steps + 1

    assert steps > 5
    assert state["tally"] == in_one_go.to_json()
    assert kinds(in_one_go) == {Kind.ENTRY_HASH, Kind.CHECKPOINT_ROOT, Kind.KEPT, Kind.MISPLACED}


def test_what_leaves_say_is_read_by_the_deep_audit_alone(history: History) -> None:
    good = history.entered[0]
    history.slip_in(history.put(EntryRef(good.ref.partition, f"{good.ref.key}x"), good.leaf))
    history.entry(1, signature={"B": bytes(64)})

    quick, deep = history.audited(State()), history.audited(State(deep=True))

    assert quick.found == {}
    assert kinds(deep) == {Kind.ENTRY_KEY, Kind.RECEIPT}


def test_receipts_whose_key_the_head_does_not_name_are_counted_as_unchecked(history: History) -> None:
    history.row("head", receipt_vkey=None)
    history.entry(1, signature={"B": bytes(64)})

    tally = history.audited()

    assert (tally.found, tally.receipts, tally.receipts_unchecked) == ({}, 0, 6)


def test_more_finished_batches_than_there_are_would_keep_repairs_from_being_made(history: History) -> None:
    history.row("head", finished={"N": "4"})

    assert kinds(history.audited()) == {Kind.HEAD_COUNT}


def test_a_mark_of_lateness_needs_a_reason(history: History) -> None:
    history.slip_in(history.enter(history.later - timedelta(seconds=1)), late=True)

    assert kinds(history.audited()) == {Kind.ENTRY_LATE}


def test_a_checkpoint_that_was_kept_fits_the_log_that_grew_from_it(history: History) -> None:
    scope = Scope(
        keys=(history.signer.verifier,),
        kept=tuple(Kept(history.signer.origin, size, history.checkpoint(size)) for size in (3, 4, 5)),
    )

    assert history.audited(scope=scope).found == {}


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param(lambda history: Kept(history.signer.origin, 9, history.checkpoint(9)), id="rolled back"),
        pytest.param(lambda history: Kept(history.signer.origin, 3, history.checkpoint(3)[:-20]), id="not signed"),
        pytest.param(lambda _: Kept("log.example/nobody", 3, b""), id="no such log"),
    ],
)
def test_a_checkpoint_that_was_kept_and_has_no_place_is_told(history: History, kept: object) -> None:
    assert callable(kept)

    assert kinds(history.audited(scope=Scope(kept=(kept(history),)))) == {Kind.KEPT}


def test_a_log_that_was_rolled_back_and_signed_again_is_found_out_by_the_bucket(tenant: Account, now: datetime) -> None:
    history = History.of(tenant, now)
    kept = history.read(f"checkpoint/{SIGNED}")
    for name in (f"checkpoint/{SIGNED}", "checkpoint/3"):
        history.remove(name)
    history.drop(LAST_BATCH)
    history.drop("batch#000000000003")
    tree = Frontier().extended(one.stated for one in history.entered[:3])
    history.row("head", v={"N": "1"}, size={"N": "3"}, roots={"B": b"".join(tree.roots)}, last={"N": "0"})
    history.row("head", signed_size={"N": "3"}, signed_at={"N": str((to_ms(now) // 1000 + 42) * 1000)})
    history.overwrite("checkpoint/3", history.checkpoint(3))
    forked = history.audited(scope=Scope(kept=(Kept(history.signer.origin, SIGNED, kept),)))
    history.overwrite(f"checkpoint/{SIGNED}", kept)

    held = history.audited()

    assert Kind.KEPT in kinds(forked)
    assert Kind.CHECKPOINT_BEYOND in kinds(held)


def test_a_key_that_is_not_the_one_brought_along_is_told(history: History, neighbour: Account) -> None:
    mine = Signer(history.signer.origin, Ed25519PrivateKey.generate()).verifier
    other = Signer(neighbour.origin(history.now.year), Ed25519PrivateKey.generate()).verifier

    assert kinds(history.audited(scope=Scope(keys=(mine,)))) == {Kind.HEAD_KEY, Kind.CHECKPOINT_SIGNATURE}
    assert history.audited(scope=Scope(keys=(other,))).found == {}


def test_what_is_being_written_disagrees_with_nothing(history: History) -> None:
    history.enter(history.later - timedelta(seconds=30))  # not sequenced yet
    history.row("head", finished={"N": "2"})  # the last batch has no locators yet
    ref = history.entered[5].ref
    history.ledger.client.delete_item(
        TableName=history.ledger.name,
        Key={"pk": {"S": f"{history.account.id}#located#{ref.partition}"}, "sk": {"S": ref.key}},
    )
    recent = int(history.later.timestamp()) - 10
    history.overwrite("checkpoint/6", history.checkpoint(6, time=recent))  # the head has not been told of it yet

    tally = history.audited()

    # Without a locator and older than two minutes: reconciliation is late, and that is told.
    assert kinds(tally) == {Kind.UNPLACED}
    assert tally.waiting == 1


def test_entries_of_an_account_that_does_not_exist_are_told(history: History) -> None:
    auditor, stranger = history.auditor(), TenantId.new()
    history.account.register.table.put_new({"pk": {"S": f"{stranger}#tamper"}, "sk": {"S": "1"}, "leaf": {"B": b"{}"}})

    both = Auditor(auditor.rows, auditor.objects, Two(history.account.id, stranger), Scope(), State(deep=True))
    while not both.done:
        both.step(now=history.later)

    assert both.state.tally.found == {Kind.UNKNOWN: 1}
    assert both.state.tally.first is not None
    assert both.state.tally.first.tenant == stranger


def test_everybody_in_the_directory_is_audited_in_order(tenant: Account, neighbour: Account, tables: Aws) -> None:
    directory = Directory(Table(tables.dynamodb, tables.settings.workspace_table))
    other = tables.new_account()
    for one in (tenant, other):
        directory.enter(one.id)
    everybody = Everybody(directory)

    asked, following = [], everybody.after(None)
    while following is not None:
        asked.append(following)
        following = everybody.after(following)

    assert asked == sorted([tenant.id, other.id])
    assert (everybody.has(tenant.id), everybody.has(neighbour.id), everybody.has("")) == (True, False, False)
