from dataclasses import dataclass, field
from datetime import datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from functions.anchors.model import CheckpointRef
from functions.anchors.witnesses import MOST, accept_cosignature, cosigned, forget_witness, name_witness, read_witnesses
from functions.errors import Conflict, Invalid, NotFound
from functions.ledger.cosignature import Cosignature, signed_message
from functions.ledger.note import Algorithm, Signer, Verifier, open_note
from functions.workspace.model import Document
from tests.functions.anchors.conftest import KEY, YEAR, Log
from tests.support.aws import Account
from tests.support.memory import MemoryDocuments
from tests.support.vectors import FOLDER

FOREIGN_NOTE = (FOLDER / "note/cosignature-v1-checkpoint.txt").read_text()
FOREIGN_KEY = (FOLDER / "note/cosignature-v1-vkey.txt").read_text().strip()
REF = CheckpointRef(YEAR, 1)


@dataclass(frozen=True)
class Witness:
    """Cosigns whatever it is shown."""

    name: str = "witness.example"
    key: Ed25519PrivateKey = field(default_factory=lambda: Ed25519PrivateKey.from_private_bytes(bytes(32)))

    @property
    def verifier(self) -> Verifier:
        return Verifier(self.name, self.key.public_key().public_bytes_raw(), Algorithm.COSIGNATURE)

    def line(self, note: str, at: datetime) -> str:
        time = int(at.timestamp())
        signature = self.key.sign(signed_message(note.partition("\n\n")[0] + "\n", time))
        return self.verifier.line(bytes(Cosignature(time, signature)))


@dataclass(frozen=True)
class Checkpoints:
    """`functions.anchors.witnesses.Checkpoints`."""

    notes: dict[CheckpointRef, str]

    def read(self, ref: CheckpointRef) -> str | None:
        return self.notes.get(ref)


WITNESS = Witness()
STRANGER = Witness("stranger.example", Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\1"))


def accept(log: Log, line: str, now: datetime, *witnesses: Verifier) -> None:
    known = witnesses or (WITNESS.verifier,)
    accept_cosignature(REF, line, witnesses=known, checkpoints=log.checkpoints, rows=log.rows, now=now)


def refused(log: Log, line: str, now: datetime, *witnesses: Verifier) -> None:
    with pytest.raises(Invalid):
        accept(log, line, now, *witnesses)

    assert log.rows.cosignatures(REF) == []


def test_a_known_witness_line_is_shown_with_the_checkpoint_and_holds(log: Log, now: datetime) -> None:
    note = log.grow(now)

    accept(log, WITNESS.line(note, now), now)

    shown = cosigned(REF, checkpoints=log.checkpoints, rows=log.rows)
    assert shown == f"{note}{WITNESS.line(note, now)}\n"
    opened = open_note(shown.encode(), [Signer(f"log.example/{log.id}", KEY).verifier, WITNESS.verifier])
    assert len(opened.verified) == 2
    assert [one.time for one in opened.cosigned] == [int(now.timestamp())]


def test_the_same_line_again_and_a_later_one_by_the_same_witness_change_nothing(log: Log, now: datetime) -> None:
    note = log.grow(now)
    line = WITNESS.line(note, now)
    accept(log, line, now)

    accept(log, line, now)
    accept(log, WITNESS.line(note, now.replace(year=now.year - 1)), now)

    assert log.rows.cosignatures(REF) == [line]


def test_several_witnesses_stand_side_by_side(log: Log, now: datetime) -> None:
    note = log.grow(now)

    for witness in (WITNESS, STRANGER):
        accept(log, witness.line(note, now), now, WITNESS.verifier, STRANGER.verifier)

    assert set(log.rows.cosignatures(REF)) == {WITNESS.line(note, now), STRANGER.line(note, now)}


def test_a_foreign_witness_line_over_a_foreign_checkpoint_is_accepted(log: Log, now: datetime) -> None:
    ref = CheckpointRef(YEAR, 300)
    text, _, line = FOREIGN_NOTE.partition("\n\n")
    checkpoints = Checkpoints({ref: Signer("rome2026h1.example.org", KEY).sign(text + "\n")})
    witnesses = [Verifier.parse(FOREIGN_KEY)]

    accept_cosignature(ref, line[:-1], witnesses=witnesses, checkpoints=checkpoints, rows=log.rows, now=now)

    assert log.rows.cosignatures(ref) == [line[:-1]]


def test_nobody_but_a_known_witness_is_accepted(log: Log, now: datetime) -> None:
    note = log.grow(now)

    refused(log, STRANGER.line(note, now), now)


def test_with_no_witness_named_nobody_is_accepted(log: Log, now: datetime) -> None:
    note = log.grow(now)

    with pytest.raises(Invalid):
        accept_cosignature(REF, WITNESS.line(note, now), witnesses=[], checkpoints=log.checkpoints, rows=log.rows, now=now)


def test_a_line_over_another_checkpoint_is_refused(log: Log, now: datetime) -> None:
    log.grow(now)
    other = log.grow(now)

    refused(log, WITNESS.line(other, now), now)


def test_a_line_under_a_known_name_by_another_key_is_refused(log: Log, now: datetime) -> None:
    note = log.grow(now)
    impostor = Witness(WITNESS.name, STRANGER.key)

    refused(log, impostor.line(note, now), now)


@pytest.mark.parametrize("position", range(-90, 0, 7))
def test_a_line_with_one_character_changed_is_refused(log: Log, now: datetime, position: int) -> None:
    note = log.grow(now)
    line = WITNESS.line(note, now)
    spoiled = line[:position] + ("A" if line[position] != "A" else "B") + line[position:][1:]

    refused(log, spoiled, now)


def test_the_logs_own_signature_is_no_cosignature(log: Log, now: datetime) -> None:
    note = log.grow(now)
    own = Signer(f"log.example/{log.id}", KEY).verifier

    refused(log, note.partition("\n\n")[2][:-1], now, own)


def test_a_cosignature_from_the_future_is_refused(log: Log, now: datetime) -> None:
    note = log.grow(now)

    refused(log, WITNESS.line(note, now.replace(year=now.year + 1)), now)


@pytest.mark.parametrize(
    "spoil", ["{line}\n", "{line}\n{line}", "x\n\n{line}", "\n{line}", "", "—", "— a b", " {line}", "-{line}"]
)
def test_what_is_not_one_line_of_a_note_is_refused(log: Log, now: datetime, spoil: str) -> None:
    note = log.grow(now)

    refused(log, spoil.format(line=WITNESS.line(note, now)), now)


def test_there_is_nothing_to_cosign_before_the_log_has_signed(log: Log, now: datetime) -> None:
    note = log.grow(now, signed=False)

    with pytest.raises(NotFound):
        accept(log, WITNESS.line(note, now), now)
    assert cosigned(REF, checkpoints=log.checkpoints, rows=log.rows) is None


def test_a_neighbour_has_witnesses_and_cosignatures_of_their_own(log: Log, neighbours_log: Log, now: datetime) -> None:
    note = log.grow(now)
    theirs = neighbours_log.grow(now)
    accept(log, WITNESS.line(note, now), now)

    refused(neighbours_log, WITNESS.line(note, now), now)

    assert cosigned(REF, checkpoints=neighbours_log.checkpoints, rows=neighbours_log.rows) == theirs


def test_a_witness_is_named_once_and_read_back(tenant: Account, neighbour: Account) -> None:
    name_witness(str(WITNESS.verifier), documents=tenant.documents)
    name_witness(FOREIGN_KEY, documents=tenant.documents)

    again = name_witness(str(WITNESS.verifier), documents=tenant.documents)

    assert again == read_witnesses(documents=tenant.documents) == [WITNESS.verifier, Verifier.parse(FOREIGN_KEY)]
    assert read_witnesses(documents=neighbour.documents) == []


def test_a_key_that_cosigns_nothing_is_no_witness(tenant: Account) -> None:
    for key in ("", "witness.example", str(Signer("log.example/a", KEY).verifier), str(WITNESS.verifier)[:-4]):
        with pytest.raises(Invalid):
            name_witness(key, documents=tenant.documents)

    assert read_witnesses(documents=tenant.documents) == []


def test_there_are_no_more_witnesses_than_a_note_has_room_for(tenant: Account) -> None:
    for number in range(MOST):
        name_witness(str(Witness(f"witness-{number}.example").verifier), documents=tenant.documents)

    with pytest.raises(Invalid):
        name_witness(str(WITNESS.verifier), documents=tenant.documents)
    assert len(read_witnesses(documents=tenant.documents)) == MOST


def test_a_witness_that_was_forgotten_cosigns_no_more_and_what_it_cosigned_stays(log: Log, now: datetime) -> None:
    documents, note = log.account.documents, log.grow(now)
    name_witness(str(WITNESS.verifier), documents=documents)
    accept(log, WITNESS.line(note, now), now)

    left = forget_witness(WITNESS.verifier.key_id.hex(), documents=documents)

    assert left == read_witnesses(documents=documents) == []
    assert log.rows.cosignatures(REF) == [WITNESS.line(note, now)]
    with pytest.raises(NotFound):
        forget_witness(WITNESS.verifier.key_id.hex(), documents=documents)


def test_a_witness_can_be_named_again_after_all_were_forgotten(tenant: Account) -> None:
    name_witness(str(WITNESS.verifier), documents=tenant.documents)
    forget_witness(WITNESS.verifier.key_id.hex(), documents=tenant.documents)

    assert name_witness(str(STRANGER.verifier), documents=tenant.documents) == [STRANGER.verifier]


class Raced(MemoryDocuments):
    """Somebody else names a witness just after the list was read."""

    def read(self, name: str) -> Document:
        document = super().read(name)
        self._put(Document(name, document.version + 1, {"keys": [*document.body["keys"], str(STRANGER.verifier)]}))
        return document


def test_of_two_who_name_a_witness_at_once_neither_takes_the_others_away(tenant: Account) -> None:
    documents = Raced(tenant.id)
    documents.create("witnesses", {"keys": []})

    with pytest.raises(Conflict):
        name_witness(str(WITNESS.verifier), documents=documents)

    assert STRANGER.verifier in read_witnesses(documents=documents)
