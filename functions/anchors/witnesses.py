"""Witnesses: who cosigns a tenant's checkpoints (C2SP tlog-cosignature), so that everybody is shown the same log."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from functions.anchors.model import CheckpointRef
from functions.errors import Invalid, NotFound
from functions.ledger.note import Algorithm, NotANote, Opened, Unverified, Verifier, open_note, signature_lines
from functions.workspace.model import Documents

NAME = "witnesses"
# A note has a hundred signatures at the most, the log's among them.
MOST = 20
SKEW = timedelta(minutes=5)


class Checkpoints(Protocol):
    """The signed checkpoints of one tenant's logs."""

    def read(self, ref: CheckpointRef) -> str | None: ...


class Cosignatures(Protocol):
    """The cosignatures of one tenant's checkpoints."""

    def cosign(self, ref: CheckpointRef, key_id: bytes, line: str, *, at: datetime) -> None:
        """The first of a key stays."""

    def cosignatures(self, ref: CheckpointRef) -> list[str]: ...


def read_witnesses(*, documents: Documents) -> list[Verifier]:
    """Those that the tenant knows; nobody before the first was named."""
    return _stored(documents)[0]


def name_witness(vkey: str, *, documents: Documents) -> list[Verifier]:
    """Take a witness's verifier key into the tenant's list; one that is there already changes nothing.

    Raises:
        Invalid: it is no cosigner's key, its id is another's, or the list is full.
        Conflict: somebody else changed the list meanwhile.
    """
    witness = _cosigner(vkey)
    known, version = _stored(documents)
    if witness in known:
        return known
    if len(known) >= MOST or any(witness.key_id == one.key_id for one in known):
        raise Invalid(f"An account has {MOST} witnesses at the most, each with a key id of its own.")
    return _store([*known, witness], after=version, documents=documents)


def forget_witness(key_id: str, *, documents: Documents) -> list[Verifier]:
    """Accept nothing more by the witness of that key id (hexadecimal); what it cosigned stays.

    Raises:
        NotFound: the tenant knows no such witness.
        Conflict: somebody else changed the list meanwhile.
    """
    known, version = _stored(documents)
    left = [one for one in known if one.key_id.hex() != key_id]
    if left == known:
        raise NotFound("There is no such witness.")
    return _store(left, after=version, documents=documents)


def check_cosignature(note: str, line: str, *, witnesses: Sequence[Verifier], now: datetime) -> bytes:
    """The id of the witness's key whose signature line (without its newline) holds over a checkpoint's note.

    Raises:
        Invalid: the line is none, its signature does not hold, or it is by nobody whom the tenant named as a witness.
    """
    if "\n" in line:
        raise Invalid("A cosignature is one signature line of a note.")
    text = note.rpartition("\n\n")[0]
    alone = f"{text}\n\n{line}\n".encode()
    opened = _opened(alone, witnesses)
    if not opened.cosigned or opened.cosigned[0].time > (now + SKEW).timestamp():
        raise Invalid("A cosignature says when it was made, and that does not lie ahead.")
    ((_, key_id, _),) = signature_lines(alone)
    return key_id


def accept_cosignature(
    ref: CheckpointRef,
    line: str,
    *,
    witnesses: Sequence[Verifier],
    checkpoints: Checkpoints,
    rows: Cosignatures,
    now: datetime,
) -> None:
    """Keep a witness's line over a checkpoint that the log signed; the same again is fine.

    Raises:
        NotFound: there is no such checkpoint.
        Invalid: as `check_cosignature`.
    """
    note = checkpoints.read(ref)
    if note is None:
        raise NotFound("There is no checkpoint of that size.")
    rows.cosign(ref, check_cosignature(note, line, witnesses=witnesses, now=now), line, at=now)


def cosigned(ref: CheckpointRef, *, checkpoints: Checkpoints, rows: Cosignatures) -> str | None:
    """The checkpoint's note with its witnesses' lines behind the log's."""
    note = checkpoints.read(ref)
    return None if note is None else note + "".join(f"{line}\n" for line in rows.cosignatures(ref))


def _stored(documents: Documents) -> tuple[list[Verifier], int | None]:
    """The list and its version."""
    try:
        stored = documents.read(NAME)
    except NotFound:
        return [], None
    return [Verifier.parse(key) for key in stored.body["keys"]], stored.version


def _store(witnesses: list[Verifier], *, after: int | None, documents: Documents) -> list[Verifier]:
    body = {"keys": list(map(str, witnesses))}
    if after is None:
        documents.create(NAME, body)
    else:
        documents.update(NAME, body, after=after)
    return witnesses


def _cosigner(vkey: str) -> Verifier:
    try:
        witness = Verifier.parse(vkey)
    except NotANote as error:
        raise Invalid("That is not a verifier key.") from error
    if witness.algorithm is not Algorithm.COSIGNATURE:
        raise Invalid("A witness's key is one for timestamped cosignatures (type 0x04).")
    return witness


def _opened(alone: bytes, witnesses: Sequence[Verifier]) -> Opened:
    try:
        return open_note(alone, witnesses)
    except NotANote as error:
        raise Invalid("A cosignature is one signature line of a note.") from error
    except Unverified as error:
        raise Invalid("No witness of this account signed that.") from error
