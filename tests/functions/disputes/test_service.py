from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.disputes.model import MOST_SUBJECTS, By, Counts, Dispute, DisputeId, Made, State
from functions.disputes.service import make_pack, read_dispute, request_pack, shown, subjects_with
from functions.errors import Conflict, Invalid, NotFound
from functions.ids import SubjectId, TenantId
from functions.vault.model import new_subject_id
from functions.workspace.model import Documents
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


class Links:
    def link(self, dispute: DisputeId, digest: str) -> str:
        return f"https://packs.example/{dispute}/{digest}"


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

    make_pack(DISPUTE.id, documents=documents, make=making)
    return done


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
        make_pack(DISPUTE.id, documents=documents, make=die)

    assert read_dispute(DISPUTE.id, documents=documents).made is None
    assert make(documents) == [DISPUTE]


def test_of_two_workers_the_first_ones_pack_is_the_one_that_is_handed_out(documents: MemoryDocuments, queue: Posted) -> None:
    ask(documents, queue)

    def slow(_dispute: Dispute) -> Made:
        make(documents)
        return replace(MADE, sha256="b" * 64)

    with pytest.raises(Conflict):
        make_pack(DISPUTE.id, documents=documents, make=slow)

    assert read_dispute(DISPUTE.id, documents=documents).made == MADE


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

    told = shown(DISPUTE.id, documents=documents, packs=Links(), now=AT + after)

    assert told["state"] == state
    assert told["link"] == (f"https://packs.example/{DISPUTE.id}/{'a' * 64}" if linked else None)


def test_a_neighbours_pack_is_not_found(documents: MemoryDocuments, queue: Posted) -> None:
    ask(documents, queue)
    theirs = MemoryDocuments(NEIGHBOUR, documents.rows)

    with pytest.raises(NotFound):
        read_dispute(DISPUTE.id, documents=theirs)
    with pytest.raises(NotFound):
        shown(DISPUTE.id, documents=theirs, packs=Links(), now=AT)
    with pytest.raises(NotFound):
        make_pack(DISPUTE.id, documents=theirs, make=lambda _: MADE)


def test_nobody_and_far_too_many_behind_an_address_are_refused() -> None:
    some = [new_subject_id() for _ in range(MOST_SUBJECTS)]

    assert subjects_with("ann@example.com", vault=Known(some)) == tuple(some)
    with pytest.raises(NotFound):
        subjects_with("ann@example.com", vault=Known([]))
    with pytest.raises(Invalid):
        subjects_with("ann@example.com", vault=Known([*some, new_subject_id()]))


def test_what_is_kept_is_read_as_it_was_written() -> None:
    for dispute in (DISPUTE, DISPUTE.ready(MADE)):
        assert Dispute.from_json(dispute.to_json()) == dispute
