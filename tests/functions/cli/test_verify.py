"""Receipts, checked by the Python verifier: each check with its tampered twin, for both kinds of keys."""

import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from functions.cli import verify as verifier
from functions.cli.main import main
from tests.support.receipts import (
    AT,
    BANNER,
    KINDS,
    OPENING,
    ORIGIN,
    RECEIPTS,
    Shop,
    Witness,
    as_file,
    commitment,
    ed25519,
    leaf_of,
    promise,
)
from tests.support.verifiers import Case, Told, told, verdict_of

Document = dict[str, Any]
WITNESS = Witness("witness.example/w1", Ed25519PrivateKey.from_private_bytes(bytes([9] * 32)))


@pytest.fixture(params=list(KINDS))
def shop(request: pytest.FixtureRequest) -> Shop:
    return Shop(request.param)


def checked(document: Document, **brought: Any) -> Told:
    return told(verdict_of(Case(as_file(document), **brought)))


def test_a_valid_receipt_is_verified_and_what_it_does_not_prove_is_said(shop: Shop) -> None:
    verdict = verdict_of(Case(as_file(shop.receipt())))

    assert verdict.exit_code == 0
    assert told(verdict).findings == (
        ("leaf_hash", "holds"),
        ("promise", "holds"),
        ("proof", "holds"),
        ("opening", "holds"),
        ("receipt_key", "open"),
        ("log_key", "open"),
        ("rendering", "open"),
        ("only_log", "open"),
    )
    assert "number 6 of 12" in verdict.text()
    assert "maria@example.com" in verdict.text()


@pytest.mark.parametrize("size", range(1, 18))
def test_every_place_in_a_log_of_every_size_is_proven_and_joined(size: int) -> None:
    shop = Shop(before=0, after=size - 1)
    for index in range(size):
        shop.log.leaves[index], shop.log.leaves[shop.index] = shop.log.leaves[shop.index], shop.log.leaves[index]
        shop.index = index
        own = shop.log.checkpoint(index + 1)
        consistency = "\n".join(shop.log.consistency(index + 1))

        found = checked(shop.receipt(), checkpoint=own, consistency=consistency)

        assert (found.exit_code, found.of("proof"), found.of("checkpoint")) == (0, ["holds"], ["holds"])


def test_a_promise_alone_is_valid_and_said_to_be_only_a_promise(shop: Shop) -> None:
    found = checked(shop.receipt(proof=None))

    assert (found.exit_code, found.of("promise"), found.of("proof")) == (0, ["holds"], ["open"])


def another_hash(document: Document) -> Document:
    return {**document, "leaf_hash": b64encode(bytes(32)).decode()}


def another_leaf(document: Document) -> Document:
    return {**document, "leaf": document["leaf"].replace('"given"', '"refused"')}


def another_personal(document: Document) -> Document:
    return {**document, "opening": {**OPENING, "personal": {**OPENING["personal"], "email": "mallory@example.com"}}}


def another_salt(document: Document) -> Document:
    return {**document, "opening": {**OPENING, "salt": b64encode(bytes(32)).decode()}}


def another_promise(document: Document) -> Document:
    key = ed25519(RECEIPTS, 7)
    keys = {**document["keys"], "receipt": key.vkey}
    return {**document, "keys": keys, "note": promise(leaf_of({"act": "refused"}), key)}


def promised_with(document: Document, text: str) -> Document:
    key = ed25519(RECEIPTS, 7)
    return {**document, "keys": {**document["keys"], "receipt": key.vkey}, "note": key.note(text)}


def a_promise_with_a_further_line(document: Document) -> Document:
    return promised_with(document, document["note"].partition("\n\n")[0] + "\nfurther\n")


def a_promise_with_an_empty_line(document: Document) -> Document:
    return promised_with(document, document["note"].partition("\n\n")[0] + "\n\n")


def a_promise_without_a_delay(document: Document) -> Document:
    return promised_with(document, document["note"].partition("\n60\n")[0] + "\n")


def a_checkpoint_of_another_origin(document: Document) -> Document:
    """Signed by the log's own key, under its own name."""
    key, (head, text, _) = ed25519(ORIGIN), document["proof"].split("\n\n")
    note = key.note(text.replace(ORIGIN, "log.example/other") + "\n")
    return {**document, "keys": {**document["keys"], "log": key.vkey}, "proof": f"{head}\n\n{note}"}


def another_receipt_key(document: Document) -> Document:
    return {**document, "keys": {**document["keys"], "receipt": ed25519(RECEIPTS, 8).vkey}}


def another_log_key(document: Document) -> Document:
    return {**document, "keys": {**document["keys"], "log": ed25519(ORIGIN, 8).vkey}}


def another_index(document: Document) -> Document:
    return {**document, "proof": document["proof"].replace("index 5", "index 4")}


def a_proof_that_is_too_short(document: Document) -> Document:
    lines = document["proof"].split("\n")
    return {**document, "proof": "\n".join([*lines[:2], *lines[3:]])}


def a_proof_that_is_too_long(document: Document) -> Document:
    lines = document["proof"].split("\n")
    return {**document, "proof": "\n".join([*lines[:3], lines[2], *lines[3:]])}


def an_unreadable_proof(document: Document) -> Document:
    return {**document, "proof": "no proof"}


TWINS = {
    another_hash: "leaf_hash",
    another_leaf: "leaf_hash promise proof",
    another_personal: "opening",
    another_salt: "opening",
    another_promise: "promise",
    a_promise_with_a_further_line: "promise",
    a_promise_with_an_empty_line: "promise",
    a_promise_without_a_delay: "promise",
    another_receipt_key: "promise",
    a_checkpoint_of_another_origin: "proof",
    another_log_key: "proof",
    another_index: "proof",
    a_proof_that_is_too_short: "proof",
    a_proof_that_is_too_long: "proof",
    an_unreadable_proof: "proof",
}


@pytest.mark.parametrize(("tampered", "checks"), TWINS.items(), ids=lambda value: getattr(value, "__name__", value))
def test_a_tampered_twin_is_refused_by_the_check_it_is_for(
    shop: Shop, tampered: Callable[[Document], Document], checks: str
) -> None:
    found = checked(tampered(shop.receipt()))

    assert found.exit_code == 1
    assert "What the file claims, not proven:" in verdict_of(Case(as_file(tampered(shop.receipt())))).text()
    assert [check for check, standing in found.findings if standing == "fails"] == checks.split()


def test_a_log_that_signs_under_another_name_than_its_own_is_refused(shop: Shop) -> None:
    other = KINDS[shop.kind]("log.example/other")
    text = shop.log.checkpoint().partition("\n\n")[0] + "\n"

    found = checked(shop.receipt(log=other, proof=shop.log.proof(shop.index, checkpoint=other.note(text))))

    assert (found.exit_code, found.of("proof")) == (1, ["fails"])


def test_brought_keys_are_compared_and_said_to_be_those(shop: Shop) -> None:
    found = checked(shop.receipt(), keys=[shop.receipts.vkey, shop.log.key.vkey])

    assert (found.exit_code, found.of("receipt_key"), found.of("log_key")) == (0, ["holds"], ["holds"])


@pytest.mark.parametrize("role", ["receipt", "log"])
def test_a_key_in_the_document_that_is_not_the_brought_one_of_its_name_is_refused(shop: Shop, role: str) -> None:
    name = RECEIPTS if role == "receipt" else ORIGIN

    found = checked(shop.receipt(), keys=[KINDS[shop.kind](name, 99).vkey])

    assert (found.exit_code, found.of(f"{role}_key"), found.of("brought_key")) == (1, ["fails"], ["unproven"])


def test_a_brought_key_that_signed_nothing_is_not_passed_over(shop: Shop) -> None:
    """A forger who names the log otherwise has no key of the brought name in the document at all."""
    found = checked(shop.receipt(), keys=[ed25519("log.example/genuine").vkey])

    assert (found.exit_code, found.of("brought_key")) == (1, ["unproven"])


def test_a_witness_whose_key_is_brought_shows_that_there_is_one_log(shop: Shop) -> None:
    proof = WITNESS.cosigned(shop.log.proof(shop.index))
    cosigned = shop.receipt(proof=shop.log.proof(shop.index, checkpoint=WITNESS.cosigned(shop.log.checkpoint())))
    forged = shop.receipt(proof=proof)  # the cosignature is over the proof, not over the checkpoint

    assert checked(cosigned).of("only_log") == ["open"]
    assert checked(cosigned, keys=[WITNESS.vkey]).findings[3:] == (
        ("witness", "holds"),
        ("opening", "holds"),
        ("receipt_key", "open"),
        ("log_key", "open"),
        ("rendering", "open"),
    )
    assert checked(forged, keys=[WITNESS.vkey]).of("proof") == ["fails"]
    assert checked(shop.receipt(), keys=[WITNESS.vkey]).of("brought_key") == ["unproven"]


@pytest.mark.parametrize("size", [3, 6, 8, 11, 12, 15])
def test_a_kept_checkpoint_is_joined_by_a_proof_of_consistency(shop: Shop, size: int) -> None:
    receipt = shop.receipt()
    shop.log.filled(3)
    smaller, larger = sorted((size, 12))
    consistency = "\n".join(shop.log.consistency(smaller, larger))

    found = checked(receipt, checkpoint=shop.log.checkpoint(size), consistency=consistency)

    assert (found.exit_code, found.of("checkpoint"), found.of("only_log")) == (0, ["holds"], [])


def test_a_kept_checkpoint_that_nothing_joins_proves_nothing(shop: Shop) -> None:
    assert checked(shop.receipt(), checkpoint=shop.log.checkpoint(8)).of("checkpoint") == ["unproven"]
    assert checked(shop.receipt(), checkpoint=shop.log.checkpoint(0)).of("checkpoint") == ["unproven"]
    assert checked(shop.receipt(proof=None), checkpoint=shop.log.checkpoint(8)).of("checkpoint") == ["unproven"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda note: note.replace("\n", "\r\n"),
        lambda note: "\n \t\n" + note + "\n\n",
        lambda note: note.removesuffix("\n"),
        lambda note: "\r\n" + note.replace("\n", "\r\n") + "  \r\n",
    ],
    ids=["a mail's line ends", "blank lines around", "no newline at the end", "all of it"],
)
def test_a_checkpoint_that_went_through_a_mail_program_is_still_the_one_that_was_kept(
    shop: Shop, spoil: Callable[[str], str]
) -> None:
    kept, consistency = spoil(shop.log.checkpoint(8)), "\n".join(shop.log.consistency(8))

    found = checked(shop.receipt(), checkpoint=kept, consistency=consistency)
    twin = checked(shop.receipt(), checkpoint=kept.replace("8", "9", 1), consistency=consistency)

    assert (found.exit_code, found.of("checkpoint")) == (0, ["holds"])
    assert twin.exit_code == 1


def test_a_proof_of_consistency_that_joins_nothing_was_brought_in_vain(shop: Shop) -> None:
    consistency = "\n".join(shop.log.consistency(8))

    alone = checked(shop.receipt(), consistency=consistency)
    needless = checked(shop.receipt(), checkpoint=shop.log.checkpoint(), consistency=consistency)

    assert (alone.exit_code, alone.of("brought_consistency")) == (1, ["unproven"])
    assert (needless.exit_code, needless.of("brought_consistency")) == (1, ["unproven"])
    assert checked(shop.receipt(), consistency="").exit_code == 0


def test_while_no_key_was_compared_the_first_lines_say_so(shop: Shop) -> None:
    alone = verdict_of(Case(as_file(shop.receipt()))).text()
    compared = verdict_of(Case(as_file(shop.receipt()), keys=[shop.receipts.vkey, shop.log.key.vkey])).text()

    assert alone.startswith("VERIFIED. Everything here is consistent; keys not compared")
    assert f"The key in this file that calls itself {RECEIPTS} signed that" in alone
    assert f"the key in this file that calls itself {ORIGIN} signed this" in alone
    assert compared.startswith("VERIFIED. The record and everything here that proves it hold.")
    assert f"{RECEIPTS}, whose key you brought, signed that" in compared
    assert "calls itself" not in compared


def test_personal_data_takes_no_label_of_the_records() -> None:
    personal = {"act": "refused", "record": "another"}
    shop = Shop(leaf=leaf_of({"pii": commitment(personal)}))

    verdict = verdict_of(Case(as_file(shop.receipt(opening={**OPENING, "personal": personal}))))

    (record,) = verdict.to_json()["records"]
    assert (record["act"], record["personal act"], record["personal record"]) == ("given", "refused", "another")
    assert verdict.exit_code == 0


@pytest.mark.parametrize("size", [3, 8, 12])
def test_a_forked_and_signed_again_log_is_refused_by_who_kept_a_checkpoint(shop: Shop, size: int) -> None:
    kept = shop.log.checkpoint(size)
    forked = Shop(shop.kind, what="a record of the rewritten log")
    consistency = "\n".join(forked.log.consistency(size))

    alone = checked(forked.receipt())
    found = checked(forked.receipt(), checkpoint=kept, consistency=consistency)

    assert (alone.exit_code, alone.of("only_log")) == (0, ["open"])
    assert (found.exit_code, found.of("checkpoint")) == (1, ["fails"])


def test_a_checkpoint_of_another_log_or_by_another_key_is_refused(shop: Shop) -> None:
    strange = Shop(shop.kind, seed=5)
    named = shop.log.checkpoint().replace(ORIGIN, "log.example/other")

    assert checked(shop.receipt(), checkpoint=strange.log.checkpoint()).of("checkpoint") == ["fails"]
    assert checked(shop.receipt(), checkpoint=named).of("checkpoint") == ["fails"]


def test_a_late_record_is_named_and_a_record_from_the_future_refused() -> None:
    shop = Shop()
    soon, later = AT + timedelta(seconds=60), AT + timedelta(seconds=61)
    extra = {"late": True, "sequenced_at": 1}
    before = shop.log.checkpoint(3, at=later)

    def found(*, at: Any = soon, said: Any = None, **brought: Any) -> Told:
        proof = shop.log.proof(shop.index, checkpoint=shop.log.checkpoint(at=at), extra=said)
        return checked(shop.receipt(proof=proof), **brought)

    assert found().of("late") == []
    assert found(at=later).of("late") == ["open"]
    assert found(at=None).of("late") == ["open"]
    assert found(said=extra).of("late") == ["open"]
    assert found(checkpoint=before, consistency="\n".join(shop.log.consistency(3))).of("late") == ["open"]
    assert found(at=AT - timedelta(seconds=6)).of("time") == []
    assert found(at=AT - timedelta(seconds=7)).of("time") == ["fails"]


def without(name: str) -> Document:
    receipt = Shop().receipt()
    del receipt[name]
    return receipt


NOT_RECEIPTS: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"{",
    "a list": b"[]",
    "half of a surrogate pair": b'{"format": "\\ud800"}',
    "NaN": b'{"format": NaN}',
    "a fraction": b'{"format": 1.5}',
    "a huge number": b'{"format": ' + b"9" * 5000 + b"}",
    "not UTF-8": b'{"format": "\xff"}',
    "a byte order mark": b"\xef\xbb\xbf" + as_file(Shop().receipt()),
    "great depth": b"[" * 200_000,
    "some depth": b"[" * 40 + b"]" * 40,
    "a member twice": as_file(Shop().receipt()).replace(b'"proof"', b'"note"'),
    "another format": as_file({**Shop().receipt(), "format": "consentinel/receipt/v2"}),
    "a further member": as_file({**Shop().receipt(), "further": 1}),
    "a leaf that is not canonical": as_file({**Shop().receipt(), "leaf": leaf_of().decode().replace(",", ", ")}),
    "a leaf with a null": as_file({**Shop().receipt(), "leaf": '{"at":null}'}),
    "a leaf that is long": as_file({**Shop().receipt(), "leaf": leaf_of({"sub": "x" * 1024}).decode()}),
    "a leaf without a time": as_file({**Shop().receipt(), "leaf": leaf_of({"at": None}).decode()}),
    "a leaf with a truth value for a time": as_file({**Shop().receipt(), "leaf": leaf_of({"at": True}).decode()}),
    "a leaf from beyond all calendars": as_file({**Shop().receipt(), "leaf": leaf_of({"at": 10**15}).decode()}),
    **{
        f"a leaf whose {name} is {odd!r}": as_file(Shop(leaf=leaf_of({name: odd})).receipt())
        for name, odd in [
            ("act", {}),
            ("sec", 7),
            ("sid", []),
            ("idv", True),
            ("pol", "x"),
            ("cfg", 1),
            ("cat", []),
            ("ui", "x"),
        ]
    },
    "a text whose hash is an object": as_file(Shop(leaf=leaf_of({"pol": {"sha256": {}}})).receipt()),
    "a window whose hash is a number": as_file(Shop(leaf=leaf_of({"cfg": {"sha256": 7}})).receipt()),
    "a leaf that is a text": as_file({**Shop().receipt(), "leaf": '"leaf"'}),
    "anchors that are an object": as_file({**Shop().receipt(), "anchors": {}}),
    "anchors without end": as_file({**Shop().receipt(), "anchors": [{}] * 101}),
    "an anchor that is a text": as_file({**Shop().receipt(), "anchors": ["anchor"]}),
    "personal data with a null": as_file({**Shop().receipt(), "opening": {**OPENING, "personal": {"name": None}}}),
    "personal data that is a list": as_file({**Shop().receipt(), "opening": {**OPENING, "personal": []}}),
    "no log key beside a proof": as_file({**Shop().receipt(), "keys": {"receipt": "x"}}),
    **{f"{name} missing": as_file(without(name)) for name in Shop().receipt() if name != "opening"},
    **{f"{name} a number": as_file({**Shop().receipt(), name: 7}) for name in Shop().receipt() if name != "receipt"},
}


@pytest.mark.parametrize("what", NOT_RECEIPTS)
def test_what_is_no_receipt_cannot_be_checked_and_one_sentence_says_why(what: str) -> None:
    verdict = verdict_of(Case(NOT_RECEIPTS[what]))

    assert verdict.exit_code == 2
    assert [finding.check for finding in verdict.findings] == ["unreadable"]
    assert verdict.findings[0].words.endswith(".")


def test_the_promise_of_the_browser_is_told_from_a_receipt() -> None:
    receipt = Shop().receipt()
    answer = {name: receipt[name] for name in ("leaf", "leaf_hash", "note")} | {"log": ORIGIN, "merge_delay_s": 60}

    verdict = verdict_of(Case(as_file(answer)))

    assert verdict.exit_code == 2
    assert "promise" in verdict.findings[0].words


def test_a_file_beyond_the_limit_or_that_is_none_cannot_be_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge"
    with huge.open("wb") as file:
        file.truncate(verifier.MAX_FILE + 1)

    assert verifier.verify(huge).exit_code == 2
    assert verifier.verify(tmp_path).exit_code == 2
    assert verifier.verify(tmp_path / "missing").exit_code == 2
    assert verifier.verify("\0").exit_code == 2


@pytest.mark.parametrize(
    "brought",
    [{"keys": ["no key"]}, {"keys": ["a+b+c"]}, {"consistency": "no hash"}, {"consistency": b64encode(b"x").decode()}],
)
def test_what_is_brought_and_cannot_be_read_is_said(brought: dict[str, Any]) -> None:
    assert checked(Shop().receipt(), **brought).exit_code == 2


def test_nothing_in_a_record_moves_the_cursor_or_turns_the_writing() -> None:
    shop = Shop(leaf=leaf_of({"sec": "\x1b[2Jnews\u202eletter", "site": "x" * 500}))

    text = verdict_of(Case(as_file(shop.receipt()))).text()

    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "x" * 200 not in text


def test_the_command_and_the_single_file_say_the_same(tmp_path: Path) -> None:
    shop = Shop()
    file = tmp_path / "receipt.json"
    file.write_bytes(as_file(shop.receipt()))
    (tmp_path / "kept").write_text(shop.log.checkpoint(8))
    (tmp_path / "joins").write_text("\n".join(shop.log.consistency(8)))
    options = [str(file), "--key", shop.log.key.vkey, "--checkpoint", str(tmp_path / "kept")]
    alone = tmp_path / "verify.py"
    alone.write_text(Path(verifier.__file__).read_text("utf-8"), "utf-8")

    for further, code in (([], 1), (["--consistency", str(tmp_path / "joins")], 0), (["--json"], 1)):
        arguments = [*options, *further]
        command = CliRunner().invoke(main, ["verify", *arguments])
        single = subprocess.run(
            [sys.executable, "-I", str(alone), *arguments], capture_output=True, cwd=tmp_path, text=True, check=False
        )

        assert (command.exit_code, single.returncode) == (code, code)
        assert command.output == single.stdout
        assert single.stderr == ""
    assert json.loads(single.stdout)["exit"] == 1


def test_the_single_file_imports_nothing_but_the_standard_library_and_cryptography() -> None:
    source = Path(verifier.__file__).read_text("utf-8")
    names = {
        line.split()[1].partition(".")[0] for line in source.splitlines() if line.lstrip().startswith(("import ", "from "))
    }

    assert names - sys.stdlib_module_names == {"cryptography"}


def test_the_banners_categories_are_told() -> None:
    text = verdict_of(Case(as_file(Shop(leaf=leaf_of(BANNER)).receipt()))).text()

    assert "categories: functional false, necessary true, performance true, targeting false" in text
