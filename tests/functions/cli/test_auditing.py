import json
from datetime import datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from functions.cli.auditing import audit
from tests.functions.audit.history import SIGNED, History
from tests.support.aws import Account

app = typer.Typer()
app.command()(audit)


def run(*options: str | Path) -> Result:
    return CliRunner().invoke(app, [str(option) for option in options])


@pytest.fixture
def history(tenant: Account, now: datetime) -> History:
    return History.of(tenant, now)


def test_what_fits_is_told_in_words_and_exits_with_0(history: History) -> None:
    result = run("--tenant", history.account.id, "--deep")

    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        "Looked at: 1 logs, 3 batches, 2 checkpoints, 6 entries, 4 objects, 6 scanned, 6 receipts.",
        "Nothing disagrees.",
    ]
    assert result.stderr.splitlines() == [f"{history.account.id} 2026", "register"]


def test_without_deep_it_says_what_was_not_looked_at(history: History) -> None:
    result = run("--tenant", history.account.id)

    assert result.exit_code == 0, result.output
    assert "Not looked at without --deep" in result.stdout


def test_the_first_that_disagrees_is_named_and_exits_with_1(history: History) -> None:
    history.drop_entry(1)

    result = run("--tenant", history.account.id)

    assert result.exit_code == 1
    assert f"First: an entry that is in the tree is not in the register: {history.account.id}" in result.stdout
    assert str(history.entered[1].ref) in result.stdout


def test_json_is_one_document(history: History) -> None:
    history.overwrite("tile/0/000.p/5", b"")

    result = run("--tenant", history.account.id, "--json")

    said = json.loads(result.stdout)
    assert result.exit_code == 1
    assert result.stderr == ""
    assert said["findings"] == {"tile": 1}
    assert said["first"]["where"] == "tile/0/000.p/5"
    assert said["counts"]["entries"] == 6


def test_it_goes_on_where_the_state_says_and_begins_anew_once_that_is_done(history: History, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    auditor = history.auditor()
    while auditor.state.walk is None or not auditor.state.walk.ended:
        auditor.step(now=history.later)
    state.write_text(json.dumps(auditor.state.to_json()))
    history.drop_entry(1)  # was looked at before: what is left to do does not meet it

    gone_on = run("--tenant", history.account.id, "--state", state)
    anew = run("--tenant", history.account.id, "--state", state)

    assert gone_on.exit_code == 0, gone_on.output
    assert anew.exit_code == 1
    assert json.loads(state.read_text())["phase"] == "done"


def test_a_checkpoint_and_a_key_from_elsewhere_are_held_against_the_log(history: History, tmp_path: Path) -> None:
    kept, forked = tmp_path / "kept", tmp_path / "forked"
    kept.write_bytes(history.read(f"checkpoint/{SIGNED}"))
    forked.write_bytes(history.checkpoint(SIGNED, root=bytes(32)))
    options = ("--tenant", history.account.id, "--log-key", str(history.signer.verifier), "--checkpoint", kept)

    fits, differs = run(*options), run(*options, "--checkpoint", forked)

    assert (fits.exit_code, differs.exit_code) == (0, 1)
    assert "a checkpoint that was kept elsewhere does not fit the log" in differs.stdout


@pytest.mark.parametrize(
    "options",
    [
        ("--tenant", "Rosa & Thyme"),
        ("--segment", "0/4"),
        ("--segment", "5/4"),
        ("--segment", "half"),
        ("--log-key", "none"),
        ("--checkpoint", "/nowhere"),
        ("--checkpoint", __file__),
        ("--state", __file__),
    ],
)
@pytest.mark.usefixtures("aws")
def test_what_cannot_be_read_exits_with_2_and_a_sentence(options: tuple[str, str]) -> None:
    result = run(*options)

    assert result.exit_code == 2
    assert result.stderr.startswith("The audit cannot be done.")


def test_a_part_of_the_register_is_scanned_when_asked(history: History) -> None:
    parts = [json.loads(run("--tenant", history.account.id, "--json", "--segment", f"{n}/2").stdout) for n in (1, 2)]

    assert sum(part["counts"]["scanned"] for part in parts) == 6


def test_without_a_deployment_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, history: History) -> None:
    monkeypatch.delenv("CONSENTINEL_LEDGER_TABLE")

    result = run("--tenant", history.account.id)

    assert result.exit_code == 2
    assert "CONSENTINEL_LEDGER_TABLE" in result.stderr
