from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.disputes.model import MOST_SUBJECTS, By, Counts, Dispute, DisputeId, Made, State
from functions.disputes.service import PAGE, Opened, make_pack, read_dispute, request_pack, shown, subjects_with
from functions.errors import Conflict, Invalid, NotFound
from functions.ids import SubjectId, TenantId
from functions.vault.mark import How, Mark, Why
from functions.vault.model import new_subject_id
from functions.workspace.model import Documents, Page
from tests.support.memory import MemoryDocuments
from tests.support.storefront import uuid7

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
TENANT, NEIGHBOUR = TenantId("rosaandthyme"), TenantId("thymeandrosa")
DISPUTE = Dispute(DisputeId(uuid7(AT)), By.EMAIL, (new_subject_id(),), "Claim 7/2026", "key:1", AT)
MADE = Made(AT, 1204, "a" * 64, Counts(records=2, opened=2))


@dataclass
class Posted:
    """A queue that a test looks into; `fails` when it cannot be reached."""

    bodies: list[Mapping[str, Any]] = field(default_factory=list)
    fails: bool = False

    def post(self, body: Mapping[str, Any]) -> None:
        if self.fails:
            raise ConnectionError("no queue")
        self.bodies.append(body)


@dataclass
class Kept:
    """A bucket of packs; `fails` when it cannot be reached."""

    deleted: list[DisputeId] = field(default_factory=list)
    fails: bool = False

    def link(self, dispute: DisputeId, digest: str) -> str:
        return f"https://packs.example/{dispute}/{digest}"

    def delete(self, dispute: DisputeId) -> None:
        if self.fails:
            raise ConnectionError("no bucket")
        self.deleted.append(dispute)


@dataclass(frozen=True)
class Marked:
    """A vault where some have lost their key."""

    marks: dict[SubjectId, Mark] = field(default_factory=dict)

    def mark(self, subject: SubjectId) -> Mark | None:
        return self.marks.get(subject)


@dataclass(frozen=True)
class Known:
    found: list[SubjectId]

    def subjects_with(self, email: str) -> list[SubjectId]:
        assert email == "ann@example.com"
        return self.found


@pytest.fixture
def documents() -> MemoryDocuments:
    return MemoryDocuments(TENANT)


@pytest.fixture
def queue() -> Posted:
    return Posted()


def ask(documents: Documents, queue: Posted, dispute: Dispute = DISPUTE) -> Dispute:
    return request_pack(dispute, tenant=TENANT, documents=documents, tasks=queue)


def make(documents: Documents, made: Made = MADE) -> list[Dispute]:
    """Have the pack made; whatever was made."""
    done: list[Dispute] = []

    def making(dispute: Dispute) -> Made:
        done.append(dispute)
        return made

    make_pack(DISPUTE.id, documents=documents, packs=Kept(), make=making)
    return done


def shown_of(documents: Documents, at: datetime = AT, how: How | None = None) -> dict[str, Any]:
    marks = {DISPUTE.subjects[0]: Mark(how, Why.REQUEST)} if how else {}
    return shown(DISPUTE.id, documents=documents, packs=Kept(), vault=Marked(marks), now=at)


def test_a_request_is_kept_and_posted_as_a_reference(documents: MemoryDocuments, queue: Posted) -> None:
    assert ask(documents, queue) == DISPUTE
    assert read_dispute(DISPUTE.id, documents=documents) == DISPUTE
    assert queue.bodies == [{"tenant": TENANT, "dispute": DISPUTE.id}]


def test_a_retry_by_another_key_later_is_the_first_request(documents: MemoryDocuments, queue: Posted) -> None:
    ask(documents, queue)

    again = ask(documents, queue, replace(DISPUTE, requested_by="key:2", requested_at=AT + timedelta(seconds=9)))

    assert again == DISPUTE
    assert len(queue.bodies) == 2


@pytest.mark.parametrize("change", [{"reason": "Another"}, {"by": By.RECORD}, {"subjects": (new_subject_id(),)}])
def test_another_request_under_the_same_id_is_refused_and_changes_nothing(
    documents: MemoryDocuments, queue: Posted, change: dict[str, Any]
) -> None:
    ask(documents, queue)

    with pytest.raises(Conflict):
        ask(documents, queue, replace(DISPUTE, **change))

    assert read_dispute(DISPUTE.id, documents=documents) == DISPUTE
    assert len(queue.bodies) == 1


def test_a_request_that_died_before_its_message_is_posted_by_its_retry(documents: MemoryDocuments) -> None:
    with pytest.raises(ConnectionError):
        ask(documents, Posted(fails=True))
    queue = Posted()

    ask(documents, queue)

    assert len(queue.bodies) == 1


def test_a_pack_is_made_once_however_often_it_is_handed_over(documents: MemoryDocuments, queue: Posted) -> None:
    ask(documents, queue)

    made = [make(documents), make(documents)]

    assert made == [[DISPUTE], []]
    assert read_dispute(DISPUTE.id, documents=documents).made == MADE
    assert ask(documents, queue).made == MADE
    assert len(queue.bodies) == 1


def test_a_worker_that_died_leaves_a_pack_that_is_still_wanted(documents: MemoryDocuments, queue: Posted) -> None:
    ask(documents, queue)

    def die(_dispute: Dispute) -> Made:
        raise RuntimeError("the container was taken away")

    with pytest.raises(RuntimeError):
        make_pack(DISPUTE.id, documents=documents, packs=Kept(), make=die)

    assert read_dispute(DISPUTE.id, documents=documents).made is None
    assert make(documents) == [DISPUTE]


def test_of_two_workers_the_first_ones_pack_is_the_one_that_is_handed_out(documents: MemoryDocuments, queue: Posted) -> None:
    ask(documents, queue)
    packs = Kept()

    def slow(_dispute: Dispute) -> Made:
        make(documents)
        return replace(MADE, sha256="b" * 64)

    with pytest.raises(Conflict):
        make_pack(DISPUTE.id, documents=documents, packs=packs, make=slow)

    assert read_dispute(DISPUTE.id, documents=documents).made == MADE
    assert packs.deleted == []


@pytest.mark.parametrize(
    ("made", "after", "state", "linked"),
    [
        (None, timedelta(0), State.WANTED, False),
        (MADE, timedelta(0), State.READY, True),
        (MADE, timedelta(days=7, seconds=-1), State.READY, True),
        (MADE, timedelta(days=7), State.GONE, False),
    ],
)
def test_a_link_is_given_while_there_is_something_behind_it(
    documents: MemoryDocuments, queue: Posted, made: Made | None, after: timedelta, state: State, *, linked: bool
) -> None:
    ask(documents, queue)
    if made:
        make(documents, made)

    told = shown_of(documents, AT + after)

    assert told["state"] == state
    assert told["link"] == (f"https://packs.example/{DISPUTE.id}/{'a' * 64}" if linked else None)


@pytest.mark.parametrize(("how", "state"), [(How.SHREDDED, State.GONE), (How.RESTRICTED, State.READY), (None, State.READY)])
def test_of_who_was_shredded_no_link_is_given_before_their_packs_are_deleted(
    documents: MemoryDocuments, queue: Posted, how: How | None, state: State
) -> None:
    ask(documents, queue)
    make(documents)

    told = shown_of(documents, how=how)

    assert (told["state"], told["link"] is None) == (state, state is State.GONE)
    assert told["reason"] == DISPUTE.reason


def test_a_pack_in_which_nothing_is_opened_is_handed_out_of_who_was_shredded_too(
    documents: MemoryDocuments, queue: Posted
) -> None:
    ask(documents, queue)
    make(documents, replace(MADE, counts=Counts(records=2)))

    assert shown_of(documents, how=How.SHREDDED)["link"]


def ask_about(subject: SubjectId, documents: Documents, queue: Posted) -> DisputeId:
    other = replace(DISPUTE, id=DisputeId(uuid7(AT)), subjects=(new_subject_id(), subject))
    return ask(documents, queue, other).id


def test_packs_about_a_subject_are_deleted_and_their_disputes_stay_on_file(documents: MemoryDocuments, queue: Posted) -> None:
    ask(documents, queue)
    make(documents)
    (subject,), packs = DISPUTE.subjects, Kept()
    wanted, another = ask_about(subject, documents, queue), ask_about(new_subject_id(), documents, queue)
    theirs = MemoryDocuments(NEIGHBOUR, documents.rows)
    ask(theirs, queue)

    for hours in (1, 2):
        Opened(documents, packs).forget(subject, now=AT + timedelta(hours=hours))

    assert sorted(packs.deleted) == sorted([DISPUTE.id, wanted] * 2)
    gone = read_dispute(DISPUTE.id, documents=documents)
    assert (gone.reason, gone.made, gone.erased_at) == (DISPUTE.reason, MADE, AT + timedelta(hours=1))
    assert (shown_of(documents)["state"], shown_of(documents)["link"]) == (State.GONE, None)
    assert read_dispute(another, documents=documents).erased_at is None
    assert read_dispute(DISPUTE.id, documents=theirs).erased_at is None


def test_disputes_are_looked_through_to_the_last(documents: MemoryDocuments, queue: Posted) -> None:
    (subject,), packs = DISPUTE.subjects, Kept()
    asked = [ask_about(subject, documents, queue) for _ in range(PAGE + 1)]

    Opened(documents, packs).forget(subject, now=AT)

    assert sorted(packs.deleted) == sorted(asked)


def test_what_could_not_be_deleted_is_deleted_by_the_next_try(documents: MemoryDocuments, queue: Posted) -> None:
    ask(documents, queue)
    make(documents)
    with pytest.raises(ConnectionError):
        Opened(documents, Kept(fails=True)).forget(DISPUTE.subjects[0], now=AT)
    assert shown_of(documents)["link"] is None
    packs = Kept()

    Opened(documents, packs).forget(DISPUTE.subjects[0], now=AT)

    assert packs.deleted == [DISPUTE.id]


def test_a_pack_that_was_noted_while_its_subject_was_forgotten_is_deleted_too(
    documents: MemoryDocuments, queue: Posted
) -> None:
    ask(documents, queue)
    packs = Kept()

    class Late(MemoryDocuments):
        """The worker's note comes between reading the documents and changing one."""

        def page(self, prefix: str, *, after: str | None = None, limit: int = PAGE) -> Page:
            found = super().page(prefix, after=after, limit=limit)
            make(documents)
            return found

    Opened(Late(TENANT, documents.rows), packs).forget(DISPUTE.subjects[0], now=AT)

    assert packs.deleted == [DISPUTE.id]
    assert read_dispute(DISPUTE.id, documents=documents).erased_at == AT


def test_a_pack_that_is_put_while_its_subject_is_forgotten_is_deleted_by_its_maker(
    documents: MemoryDocuments, queue: Posted
) -> None:
    ask(documents, queue)
    packs = Kept()

    def overtaken(_dispute: Dispute) -> Made:
        Opened(documents, Kept()).forget(DISPUTE.subjects[0], now=AT)
        return MADE

    make_pack(DISPUTE.id, documents=documents, packs=packs, make=overtaken)

    assert packs.deleted == [DISPUTE.id]
    gone = read_dispute(DISPUTE.id, documents=documents)
    assert (gone.made, gone.erased_at) == (None, AT)


def test_a_maker_that_died_before_it_could_delete_does_so_when_the_message_comes_again(
    documents: MemoryDocuments, queue: Posted
) -> None:
    ask(documents, queue)
    Opened(documents, Kept()).forget(DISPUTE.subjects[0], now=AT)
    packs, made = Kept(), list[Dispute]()

    def making(dispute: Dispute) -> Made:
        made.append(dispute)
        return MADE

    make_pack(DISPUTE.id, documents=documents, packs=packs, make=making)

    assert (made, packs.deleted) == ([], [DISPUTE.id])


def test_what_went_with_a_subject_is_not_made_again(documents: MemoryDocuments, queue: Posted) -> None:
    ask(documents, queue)
    Opened(documents, Kept()).forget(DISPUTE.subjects[0], now=AT)

    again = ask(documents, queue)

    assert again.state(AT) is State.GONE
    assert len(queue.bodies) == 1


def test_a_neighbours_pack_is_not_found(documents: MemoryDocuments, queue: Posted) -> None:
    ask(documents, queue)
    theirs = MemoryDocuments(NEIGHBOUR, documents.rows)

    with pytest.raises(NotFound):
        read_dispute(DISPUTE.id, documents=theirs)
    with pytest.raises(NotFound):
        shown_of(theirs)
    with pytest.raises(NotFound):
        make_pack(DISPUTE.id, documents=theirs, packs=Kept(), make=lambda _: MADE)


def test_nobody_and_far_too_many_behind_an_address_are_refused() -> None:
    some = [new_subject_id() for _ in range(MOST_SUBJECTS)]

    assert subjects_with("ann@example.com", vault=Known(some)) == tuple(some)
    with pytest.raises(NotFound):
        subjects_with("ann@example.com", vault=Known([]))
    with pytest.raises(Invalid):
        subjects_with("ann@example.com", vault=Known([*some, new_subject_id()]))


def test_what_is_kept_is_read_as_it_was_written() -> None:
    for dispute in (DISPUTE, DISPUTE.ready(MADE), DISPUTE.ready(MADE).erased(AT)):
        assert Dispute.from_json(dispute.to_json()) == dispute
