from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from functions.clock import to_ms
from functions.consents.entry import Entry
from functions.consents.receipt import holds, signer_of
from functions.consents.table import ConsentRecords
from functions.erasures.model import Erasure, State
from functions.erasures.service import perform_requested, read_erasures, request_erasure, subject_of
from functions.errors import Gone, NotFound
from functions.ids import RecordId, SubjectId
from functions.ledger.leaf import leaf_hash, members
from functions.ledger.tree import Frontier, Unproven, inclusion_proof, verify_inclusion
from functions.vault.mark import How, Why
from functions.vault.model import CannotOpen
from functions.wiring import Wiring
from tests.functions.erasures.acts import (
    CANARIES,
    EMAIL,
    NOW,
    Crash,
    Waiting,
    crashing,
    dump,
    enact,
    eraser_of,
    pack_of,
    packs_of,
    partition,
    wiring_of,
)
from tests.support.aws import Account, Aws
from tests.support.storefront import uuid7

UNTIL = NOW + timedelta(days=100)


def erase(account: Account, wiring: Wiring, sid: SubjectId, how: How) -> None:
    match how:
        case How.SHREDDED:
            eraser_of(account, wiring).shred(sid, why=Why.REQUEST, now=NOW)
        case How.RESTRICTED:
            eraser_of(account, wiring).restrict(sid, until=UNTIL, now=NOW)


def known(account: Account, *, acts: int = 1) -> tuple[SubjectId, list[Entry]]:
    """A subject who is verified by an address and has so many acts that carry it."""
    sid, lookup = account.keys.pseudonym("secret"), account.keys.lookup("email", EMAIL)
    assert account.vault.verified_subject(EMAIL, otherwise=sid) == sid
    account.vault.admit(sid, lookup=lookup)
    return sid, [enact(account, sid, NOW + timedelta(milliseconds=number)) for number in range(acts)]


@dataclass(frozen=True)
class End:
    """What an erasure has come to, whoever it was about."""

    key: tuple[str, ...]
    traces: tuple[str, ...]
    elsewhere: tuple[tuple[str, int], ...]
    leaf: tuple[tuple[str, Any], ...]
    packs: tuple[tuple[bool, int], ...] = ()

    @classmethod
    def of(cls, aws: Aws, account: Account, sid: SubjectId) -> "End":
        lookup, settings = account.keys.lookup("email", EMAIL), aws.settings
        places = ["root", f"subject#{sid}", f"email#{lookup}", f"withheld#{lookup}", "until"]
        rows = {place: partition(aws, settings.vault_table, f"{account.id}#{place}") for place in places}
        own = {item["sk"]["S"]: item for item in rows[f"subject#{sid}"]}
        told = partition(aws, settings.register_table, f"{account.id}#erasure")
        leaves = [members(item["leaf"]["B"]) for item in told]
        says = sorted((name, value) for one in leaves for name, value in one.items() if name not in {"log", "sid", "at"})
        return cls(
            key=tuple(sorted(own["key"])),
            traces=tuple(sorted(trace.split("#")[0] for trace in own if trace != "key")),
            elsewhere=tuple(sorted((place.split("#")[0], len(found)) for place, found in rows.items() if found)),
            leaf=tuple(says),
            packs=tuple((erased, len(left)) for _, erased, left in packs_of(account)),
        )


SHREDDED = End(
    ("done", "erased_at", "how", "pk", "sk", "why"),
    (),
    (("root", 1), ("subject", 1)),
    (("how", "shredded"), ("typ", "consentinel/erasure/v1"), ("why", "request")),
)


def test_nothing_is_left_of_a_shredded_subject_but_a_mark_and_a_leaf(aws: Aws, tenant: Account, wiring: Wiring) -> None:
    sid, entries = known(tenant, acts=3)
    opened = tenant.vault.subject(sid)
    assert opened.open(entries[0].sealed, leaf_hash=entries[0].leaf_hash)["email"] == EMAIL

    erase(tenant, wiring, sid, How.SHREDDED)

    assert End.of(aws, tenant, sid) == SHREDDED
    assert tenant.vault.subjects([sid]) == {}
    with pytest.raises(Gone):
        tenant.vault.admit(sid)


def test_a_restricted_subject_is_left_to_the_dispute_path_alone(
    aws: Aws, tenant: Account, neighbour: Account, wiring: Wiring
) -> None:
    sid, entries = known(tenant, acts=3)
    sealed, hashed = entries[0].sealed, entries[0].leaf_hash

    erase(tenant, wiring, sid, How.RESTRICTED)

    end = End.of(aws, tenant, sid)
    assert end.key == ("done", "how", "pk", "restricted", "sk", "until", "why")
    assert end.elsewhere == (("root", 1), ("subject", 3), ("until", 1), ("withheld", 1))
    assert ("how", "restricted") in end.leaf
    assert tenant.vault.subjects([sid]) == {}
    for asking in (tenant.vault.subject, tenant.vault.admit):
        with pytest.raises(Gone):
            asking(sid)
    disputes = wiring.disputes(tenant.id)
    assert disputes.subjects_with(EMAIL) == [sid]
    assert disputes.open_restricted(sid).open(sealed, leaf_hash=hashed)["email"] == EMAIL
    assert wiring.disputes(neighbour.id).subjects_with(EMAIL) == []
    with pytest.raises(NotFound):
        wiring.disputes(neighbour.id).open_restricted(sid)


@pytest.mark.parametrize("why", Why)
def test_packs_go_with_who_is_shredded_on_whatever_ground_and_nobody_elses_do(
    tenant: Account, neighbour: Account, wiring: Wiring, why: Why
) -> None:
    sid, _ = known(tenant)
    other = tenant.keys.pseudonym("somebody else")
    of_both, of_other = pack_of(tenant, wiring, other, sid), pack_of(tenant, wiring, other)
    theirs = pack_of(neighbour, wiring, sid)
    if why is Why.RESTRICTION_OVER:
        erase(tenant, wiring, sid, How.RESTRICTED)

    eraser_of(tenant, wiring).shred(sid, why=why, now=NOW)

    kept = [f"{digest * 64}.zip" for digest in "ab"]
    assert sorted(packs_of(tenant)) == sorted([(of_both, True, []), (of_other, False, kept)])
    assert packs_of(neighbour) == [(theirs, False, kept)]


def test_a_restriction_leaves_packs_to_the_dispute_path_for_their_week(tenant: Account, wiring: Wiring) -> None:
    sid, _ = known(tenant)
    pack_of(tenant, wiring, sid)

    erase(tenant, wiring, sid, How.RESTRICTED)

    assert [(erased, len(left)) for _, erased, left in packs_of(tenant)] == [(False, 2)]


def test_a_restriction_that_is_over_leaves_as_little_as_an_erasure_at_once(aws: Aws, tenant: Account, wiring: Wiring) -> None:
    sid, _ = known(tenant, acts=3)
    erase(tenant, wiring, sid, How.RESTRICTED)

    eraser_of(tenant, wiring).shred(sid, why=Why.RESTRICTION_OVER, now=UNTIL)

    end = End.of(aws, tenant, sid)
    assert (end.key, end.traces, end.elsewhere) == (SHREDDED.key, SHREDDED.traces, SHREDDED.elsewhere)
    assert ("why", "restriction-over") in end.leaf
    assert wiring.disputes(tenant.id).subjects_with(EMAIL) == []
    with pytest.raises(Gone):
        wiring.disputes(tenant.id).open_restricted(sid)


@pytest.mark.parametrize("how", How)
def test_the_same_address_is_an_unlinkable_new_subject_afterwards(aws: Aws, tenant: Account, wiring: Wiring, how: How) -> None:
    sid, (entry,) = known(tenant)
    erase(tenant, wiring, sid, how)
    other = tenant.keys.pseudonym("another secret")

    assert tenant.vault.verified_subject(EMAIL, otherwise=other) == other
    tenant.vault.admit(other, lookup=tenant.keys.lookup("email", EMAIL))
    enact(tenant, other)

    assert len(tenant.vault.records_with(EMAIL, "0", "9", limit=10)) == 1
    with pytest.raises(CannotOpen):
        tenant.vault.subject(other).open(entry.sealed, leaf_hash=entry.leaf_hash)
    new = [item for table, item in dump(aws, tenant.id) if other in str(item) and "vault" in table]
    assert new
    assert sid not in str(new)


@pytest.mark.parametrize("how", How)
def test_a_neighbour_with_the_same_address_is_untouched(
    aws: Aws, tenant: Account, neighbour: Account, wiring: Wiring, how: How
) -> None:
    sid, _ = known(tenant)
    theirs, (entry,) = known(neighbour)
    before = dump(aws, neighbour.id)

    erase(tenant, wiring, sid, how)

    assert dump(aws, neighbour.id) == before
    assert neighbour.vault.subject(theirs).open(entry.sealed, leaf_hash=entry.leaf_hash)["email"] == EMAIL


@pytest.mark.parametrize("how", How)
def test_receipts_and_inclusion_hold_as_before_and_one_changed_byte_does_not(tenant: Account, wiring: Wiring, how: How) -> None:
    sid, entries = known(tenant, acts=4)
    verifier = signer_of(tenant.keys, log_host=tenant.aws.settings.log_host).verifier
    hashes = [entry.leaf_hash for entry in entries]
    root = Frontier().extended(hashes).root

    def node(level: int, index: int) -> bytes:
        return Frontier().extended(hashes[index << level : (index + 1) << level]).root

    erase(tenant, wiring, sid, how)

    kept = ConsentRecords(tenant.register).read_many([entry.id for entry in entries])
    stored = [kept[entry.id] for entry in entries]
    assert stored == entries
    assert all(holds(entry, verifier) for entry in stored)
    for index, entry in enumerate(stored):
        proof = inclusion_proof(index, 4, node)
        verify_inclusion(index, 4, leaf_hash(entry.leaf), proof, root)
        with pytest.raises(Unproven):
            verify_inclusion(index, 4, leaf_hash(entry.leaf[:-1] + b" "), proof, root)


@pytest.mark.parametrize("how", How)
def test_nothing_personal_stands_in_any_table_or_bucket(aws: Aws, tenant: Account, wiring: Wiring, how: How) -> None:
    sid, _ = known(tenant, acts=3)
    if how is How.SHREDDED:
        pack_of(tenant, wiring, sid)

    erase(tenant, wiring, sid, how)

    everything = str(dump(aws))
    for bucket, folder in ((aws.settings.content_bucket, ""), (aws.settings.export_bucket, f"{tenant.id}/")):
        for page in aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder):
            keys = [one["Key"] for one in page.get("Contents", [])]
            everything += "".join(str(aws.s3.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys)
    assert sid in everything
    assert [canary for canary in CANARIES if canary in everything] == []


@contextmanager
def somebody(aws: Aws, *, acts: int) -> Iterator[tuple[Account, Wiring, SubjectId]]:
    """On tables of their own, because each test of crashes needs many of them."""
    with aws.apart() as alone:
        account = alone.new_account()
        sid, _ = known(account)
        rows, lookup = account.vault.rows, account.keys.lookup("email", EMAIL)
        traces = (f"lookup#{lookup}#at#{to_ms(NOW) + number:013d}#{uuid7(NOW)}" for number in range(1, acts))
        for trace in traces:
            rows.table.put_all([part["Put"]["Item"] for part in rows.put(sid, trace, sid={"S": sid})])
        wiring = wiring_of(alone)
        for others in ((), (account.keys.pseudonym("another"),)):
            pack_of(account, wiring, *others, sid)
        yield account, wiring, sid


@pytest.mark.parametrize("moment", ["before-call", "after-call"])
@pytest.mark.parametrize("how", How)
def test_whoever_crashes_at_any_call_and_begins_again_comes_to_the_same_end(aws: Aws, how: How, moment: str) -> None:
    with somebody(aws, acts=27) as (account, wiring, sid):
        with crashing(account.aws, wiring, at=0, moment=moment) as calls:
            erase(account, wiring, sid, how)
        end = End.of(account.aws, account, sid)

    assert len(calls) > 10
    assert end.packs == {How.SHREDDED: ((True, 0),) * 2, How.RESTRICTED: ((False, 2),) * 2}[how]
    for number in range(1, len(calls) + 1):
        with somebody(aws, acts=27) as (account, wiring, sid):
            with crashing(account.aws, wiring, at=number, moment=moment), pytest.raises(Crash):
                erase(account, wiring, sid, how)
            erase(account, wiring, sid, how)

            assert End.of(account.aws, account, sid) == end, (number, calls[number - 1])


@pytest.mark.parametrize("moment", ["before-call", "after-call"])
def test_a_restriction_that_crashed_at_any_call_can_be_shredded_all_the_same(aws: Aws, moment: str) -> None:
    number, crashed = 0, True
    while crashed:
        number, crashed = number + 1, False
        with somebody(aws, acts=2) as (account, wiring, sid):
            with crashing(account.aws, wiring, at=number, moment=moment):
                try:
                    erase(account, wiring, sid, How.RESTRICTED)
                except Crash:
                    crashed = True
            erase(account, wiring, sid, How.SHREDDED)

            end = End.of(account.aws, account, sid)
            assert (end.key, end.traces, end.elsewhere) == (SHREDDED.key, SHREDDED.traces, SHREDDED.elsewhere), number
            assert end.packs == ((True, 0),) * 2, number
    assert number > 10


def test_a_subject_who_never_was_cannot_be_erased(tenant: Account, wiring: Wiring, sid: SubjectId) -> None:
    for how in How:
        with pytest.raises(NotFound):
            erase(tenant, wiring, sid, how)


def test_who_was_shredded_cannot_be_restricted(aws: Aws, tenant: Account, wiring: Wiring) -> None:
    sid, _ = known(tenant)
    erase(tenant, wiring, sid, How.SHREDDED)

    with pytest.raises(Gone):
        erase(tenant, wiring, sid, How.RESTRICTED)

    assert End.of(aws, tenant, sid) == SHREDDED


def asked(sid: SubjectId, how: How = How.SHREDDED, reason: str = "asked by letter") -> Erasure:
    return Erasure(sid, how, reason, "key:0123456789ab", NOW, UNTIL if how is How.RESTRICTED else None)


def ask(account: Account, wiring: Wiring, tasks: Waiting, erasure: Erasure) -> Erasure:
    vault = wiring.shredder(account.id)
    return request_erasure(erasure, tenant=account.id, vault=vault, documents=account.documents, tasks=tasks)


def perform(account: Account, wiring: Wiring, sid: SubjectId) -> None:
    perform_requested(sid, documents=account.documents, eraser=eraser_of(account, wiring), now=NOW)


def test_a_request_waits_as_a_reference_and_is_done_once(tenant: Account, neighbour: Account, wiring: Wiring) -> None:
    (sid, _), tasks = known(tenant), Waiting()

    first = ask(tenant, wiring, tasks, asked(sid))
    again = ask(tenant, wiring, tasks, asked(sid, reason="another"))
    perform(tenant, wiring, sid)
    perform(tenant, wiring, sid)

    assert tasks == [{"task": "erase", "tenant": tenant.id, "subject": sid}] * 2
    assert (first.state, again) == (State.PENDING, first)
    (done,) = read_erasures(sid, documents=tenant.documents)
    assert (done.state, done.reason, done.requested_by) == (State.DONE, "asked by letter", "key:0123456789ab")
    with pytest.raises(NotFound):
        read_erasures(sid, documents=neighbour.documents)
    with pytest.raises(Gone):
        ask(tenant, wiring, tasks, asked(sid))


def test_a_restriction_can_be_followed_by_an_erasure_and_both_stay_on_file(tenant: Account, wiring: Wiring) -> None:
    (sid, _), tasks = known(tenant), Waiting()
    ask(tenant, wiring, tasks, asked(sid, How.RESTRICTED))
    perform(tenant, wiring, sid)
    ask(tenant, wiring, tasks, asked(sid))

    perform(tenant, wiring, sid)

    found = read_erasures(sid, documents=tenant.documents)
    assert [(one.how, one.state) for one in found] == [(How.RESTRICTED, State.DONE), (How.SHREDDED, State.DONE)]


def test_a_restriction_that_was_overtaken_by_an_erasure_is_no_task_for_ever(tenant: Account, wiring: Wiring) -> None:
    (sid, _), tasks = known(tenant), Waiting()
    ask(tenant, wiring, tasks, asked(sid, How.RESTRICTED))
    erase(tenant, wiring, sid, How.SHREDDED)

    perform(tenant, wiring, sid)

    assert [one.state for one in read_erasures(sid, documents=tenant.documents)] == [State.DONE]


def test_nobody_can_ask_for_whom_there_never_was(
    tenant: Account, neighbour: Account, wiring: Wiring, aws_calls: list[str]
) -> None:
    (theirs, _), tasks = known(neighbour), Waiting()
    aws_calls.clear()

    with pytest.raises(NotFound):
        ask(tenant, wiring, tasks, asked(SubjectId(theirs[:-2] + ("AA" if theirs[-2:] != "AA" else "AQ"))))

    assert tasks == []
    assert "dynamodb.PutItem" not in aws_calls


def test_a_record_says_whose_it_is_unless_somebody_altered_it(tenant: Account, neighbour: Account) -> None:
    sid, (entry,) = known(tenant)
    verifier = signer_of(tenant.keys, log_host=tenant.aws.settings.log_host).verifier
    whose = partial(subject_of, records=ConsentRecords(tenant.register), verifier=verifier)

    assert whose(entry.id) == sid
    with pytest.raises(NotFound):
        whose(RecordId("0199f0a0-0000-7000-8000-000000000001"))
    with pytest.raises(NotFound):
        subject_of(entry.id, records=ConsentRecords(neighbour.register), verifier=verifier)
    with pytest.raises(NotFound):
        subject_of(entry.id, records=ConsentRecords(tenant.register), verifier=signer_of(neighbour.keys, log_host="x").verifier)
