"""The audit by schedule; it stops before its time is over, and goes on by a message that holds its state."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from functions import telemetry
from functions.audit.model import Tally
from functions.audit.ports import Scope
from functions.audit.reading import Everybody, stored
from functions.audit.service import Auditor, State
from functions.clock import utc_now

if TYPE_CHECKING:
    from functions.wiring import Wiring

Post = Callable[[Mapping[str, Any]], None]


def audit(
    *,
    wiring: "Wiring",
    state: Mapping[str, Any] | None = None,
    carry_on: Callable[[], bool] = lambda: True,
    post: Post | None = None,
) -> None:
    """Audit everybody's logs and the register, deeply.

    Args:
        wiring: where the things are.
        state: of an audit that stopped; none to begin one.
        carry_on: asked before each page, which takes seconds. Once it says no, the state is posted.
        post: hands the state, up to some 60 kB of JSON, to whoever calls this again with it. A state that comes twice is
            audited twice, and nothing else comes of it.
    """
    rows, objects = stored(wiring)
    started = State(deep=True) if state is None else State.from_json(dict(state))
    auditor = Auditor(rows, objects, Everybody(wiring.directory), Scope(), started)
    before = started.tally.disagreements
    while not auditor.done and (post is None or carry_on()):
        auditor.step(now=utc_now())
    _tell(started.tally, started.tally.disagreements - before)
    if post is not None and not auditor.done:
        post(started.to_json())


def _tell(tally: Tally, new: int) -> None:
    """Which kind alone: what else is to be known of it, `consentinel audit` says to whoever may ask."""
    if new and tally.first is not None:
        telemetry.logger.error(f"the audit disagrees: {tally.first.kind.name.lower()}")
    telemetry.count(AuditDisagrees=new)
