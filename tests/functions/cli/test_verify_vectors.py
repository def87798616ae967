"""The single file's own note, tree and canonical JSON against somebody else's vectors."""

import json
from base64 import b64decode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from functions.cli.verify import Checkpoint, Fails, Key, Unreadable, canonical, check_consistency, open_note, parse_json
from functions.cli.verify import root_by_inclusion as root_of
from tests.support.vectors import FOLDER, load

VKEYS = load("note/vkeys.json")
INCLUSION = sorted((FOLDER / "merkle").glob("inclusion/**/*.json"))
CONSISTENCY = sorted((FOLDER / "merkle").glob("consistency/**/*.json"))


def hashes_of(texts: list[str] | None) -> list[bytes]:
    return [b64decode(text) for text in texts or []]


def consistent(vector: dict[str, Any]) -> None:
    old, new = (
        Checkpoint("log", vector[f"size{one}"], b64decode(vector[f"root{one}"] or ""), datetime.now(UTC)) for one in (1, 2)
    )
    if old.size > new.size:
        raise Fails("The roles are told by the sizes, so that the vector cannot be said.")
    check_consistency(old, new, hashes_of(vector["proof"]))


@pytest.mark.parametrize("vector", load("note/notes.json"), ids=lambda vector: str(vector["desc"]))
def test_a_foreign_note_is_opened_exactly_when_its_vector_says_so(vector: dict[str, Any]) -> None:
    keys = [Key.parse(text) for text in vector["vkeys"]]
    note = b64decode(vector["note_b64"])

    try:
        _, verified = open_note(note.decode(), keys)
    except (Fails, UnicodeDecodeError):
        verified = []

    assert [f"{key.name}+{key.id.hex()}" for key in verified] == ([] if vector["wantErr"] else vector["verified"])


def test_every_spoiled_verifier_key_is_refused() -> None:
    good = VKEYS["valid"][0]
    parts = [good[start:end] for start in range(len(good)) for end in range(start + 1, len(good) + 1)]
    bumped = [good[:at] + chr(ord(good[at]) + 1) + good[at + 1 :] for at in range(len(good))]
    accepted = []
    for text in [*VKEYS["valid"], *VKEYS["invalid"], *parts, *bumped, good + "\n", " " + good]:
        try:
            accepted.append(Key.parse(text).text)
        except Fails:
            continue

    assert set(accepted) == set(VKEYS["valid"])


@pytest.mark.parametrize("path", INCLUSION, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_foreign_inclusion_proof_leads_to_the_root_exactly_when_it_should(path: Path) -> None:
    vector = json.loads(path.read_bytes())

    try:
        index, size = vector["leafIdx"], vector["treeSize"]
        root = root_of(index, size, b64decode(vector["leafHash"] or ""), hashes_of(vector["proof"]))
    except Fails:
        root = b"none"

    assert (root != b64decode(vector["root"] or "")) is vector["wantErr"]


@pytest.mark.parametrize("path", CONSISTENCY, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_foreign_consistency_proof_joins_exactly_when_it_should(path: Path) -> None:
    vector = json.loads(path.read_bytes())

    if vector["wantErr"]:
        with pytest.raises(Fails):
            consistent(vector)
    else:
        consistent(vector)


@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_foreign_json_has_its_canonical_form_or_is_refused(name: str) -> None:
    """Fractions and nulls have no place in a leaf, and are refused; everything else is as RFC 8785 says."""
    raw = (FOLDER / "jcs" / "input" / f"{name}.json").read_bytes()
    wanted = (FOLDER / "jcs" / "output" / f"{name}.json").read_bytes()

    if name in {"arrays", "structures", "values"}:
        with pytest.raises(Unreadable):
            canonical(parse_json(raw))
    else:
        assert canonical(parse_json(raw)) == wanted
