"""`consentinel audit`: everything derived anew from the stored bytes, and the first thing that disagrees named."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from functions.audit.ports import Kept, Scope
from functions.audit.reading import Everybody, Named, stored
from functions.audit.service import Auditor, Phase, State
from functions.clock import utc_now
from functions.dynamo import Throttled
from functions.errors import Invalid
from functions.ids import TenantId
from functions.ledger.checkpoint import Checkpoint
from functions.ledger.keys import Verifier
from functions.wiring import Wiring

Shown = Callable[[State], None]


class CannotAudit(Exception):
    """What was given cannot be read, or there is nothing to audit."""


CANNOT = (BotoCoreError, CannotAudit, ClientError, Invalid, OSError, Throttled)


def audit(  # noqa: PLR0913 - one argument an option
    tenant: Annotated[list[str] | None, typer.Option(help="An account to audit alone; may be repeated.")] = None,
    log_key: Annotated[
        list[str] | None, typer.Option(metavar="VKEY", help="A log's verifier key from elsewhere; may be repeated.")
    ] = None,
    checkpoint: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="A checkpoint that was kept elsewhere; may be repeated.")
    ] = None,
    state: Annotated[Path | None, typer.Option(metavar="FILE", help="Where to note how far it is, and to go on from.")] = None,
    segment: Annotated[str, typer.Option(metavar="N/M", help="The part of the register to scan, from 1/M to M/M.")] = "1/1",
    *,
    deep: Annotated[bool, typer.Option("--deep", help="Read what leaves say, and check receipts and lateness.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document, and nothing else.")] = False,
) -> None:
    """Derive the logs anew from the stored bytes, and name the first thing that disagrees."""
    out, told = Console(highlight=False, soft_wrap=True), Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        auditor = _auditor(tenant or [], _scope(log_key or [], checkpoint or [], segment), _started(state, deep=deep))
        with _shown(told, quiet=as_json) as show:
            while not auditor.done:
                auditor.step(now=utc_now())
                _keep(state, auditor.state)
                show(auditor.state)
    except CANNOT as error:
        told.print(f"The audit cannot be done. {error}", style="red", markup=False)
        raise typer.Exit(2) from error
    _report(auditor.state, out, as_json=as_json)
    raise typer.Exit(1 if auditor.state.tally.disagreements else 0)


def _auditor(tenants: list[str], scope: Scope, state: State) -> Auditor:
    """Raises `CannotAudit` where the environment names no deployment."""
    named = tuple(map(TenantId.parse, tenants))
    try:
        wiring = Wiring.from_environment()
    except LookupError as error:
        raise CannotAudit(str(error)) from error
    return Auditor(*stored(wiring), Named(named) if named else Everybody(wiring.directory), scope, state)


def _scope(keys: list[str], checkpoints: list[Path], segment: str) -> Scope:
    try:
        part, parts = map(int, segment.split("/"))
        kept = tuple(_kept(file.read_bytes()) for file in checkpoints)
        scope = Scope(tuple(map(Verifier.parse, keys)), kept, part - 1, parts)
    except ValueError as error:
        raise CannotAudit(f"An option cannot be read. {error}") from error
    if not 1 <= part <= parts:
        raise CannotAudit("A segment is one of so many: 1/4 to 4/4.")
    return scope


def _kept(note: bytes) -> Kept:
    says = Checkpoint.parse(note.decode().partition("\n\n")[0] + "\n")
    return Kept(says.origin, says.size, note)


def _started(file: Path | None, *, deep: bool) -> State:
    """The audit that the file tells of, unless that has come to its end."""
    if file is None or not file.exists():
        return State(deep=deep)
    try:
        state = State.from_json(json.loads(file.read_text()))
    except (KeyError, TypeError, ValueError) as error:
        raise CannotAudit("The state is not one of an audit.") from error
    return State(deep=deep) if state.phase is Phase.DONE else state


def _keep(file: Path | None, state: State) -> None:
    """Whole or not at all: the file is replaced by one that has been written."""
    if file is not None:
        beside = file.with_name(f"{file.name}.new")
        beside.write_text(json.dumps(state.to_json()))
        beside.replace(file)


@contextmanager
def _shown(console: Console, *, quiet: bool) -> Iterator[Shown]:
    """A bar on a terminal, else a line for each log."""
    if quiet:
        yield lambda _: None
    elif console.is_terminal:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=console, transient=True) as progress:
            bar = progress.add_task("", total=None)
            yield lambda state: progress.update(bar, **_progress(state))
    else:
        yield _Lines(console).show


def _progress(state: State) -> dict[str, Any]:
    if state.phase is not Phase.LOGS:
        return {
            "description": "register",
            "completed": state.tally.scanned,
            "total": max(state.tally.entries, state.tally.scanned),
        }
    done, size = (state.walk.grown.size, state.walk.head.size) if state.walk else (0, None)
    return {"description": f"{state.tenant or ''} {state.year or ''}".strip(), "completed": done, "total": size}


class _Lines:
    """Each log and the register, told once when it is begun."""

    def __init__(self, console: Console) -> None:
        self.console, self.last = console, ""

    def show(self, state: State) -> None:
        where = "register" if state.phase is not Phase.LOGS else f"{state.tenant} {state.year}" if state.walk else self.last
        if where != self.last:
            self.console.print(where)
        self.last = where


def _report(state: State, console: Console, *, as_json: bool) -> None:
    tally = state.tally
    if as_json:
        console.print(json.dumps({"format": "consentinel/audit/v1", "deep": state.deep, **tally.to_json()}), markup=False)
        return
    looked_at = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in tally.looked_at.items() if number)
    console.print(f"Looked at: {looked_at or 'nothing'}.", markup=False)
    if not state.deep:
        console.print("Not looked at without --deep: what leaves say, whether they came late, and their receipts.")
    elif tally.receipts_unchecked:
        console.print(f"{tally.receipts_unchecked} receipts were not checked: their log's head names no key for them.")
    for kind, number in tally.found.items():
        console.print(f"{number} × {kind.value}", markup=False)
    console.print(f"First: {tally.first}." if tally.first else "Nothing disagrees.", markup=False)
