"""The audit by schedule; it stops before its time is over, and goes on by a message that holds its state."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from functions import telemetry
from functions.audit.model import Tally
from functions.audit.ports import Scope
from functions.audit.reading import Everybody, stored
from functions.audit.service import Auditor, State
from functions.clock import utc_now

if TYPE_CHECKING:
    from functions.wiring import Wiring

# What the step that ends a large log may take; who stops later than that is stopped in the middle of it.
MARGIN_MS = 120_000


def begin(*, wiring: "Wiring") -> None:
    """Have everybody's logs and the register audited, from the beginning."""
    wiring.audits.post({"state": None})


def audit(body: dict[str, Any], *, wiring: "Wiring", time_left_ms: Callable[[], int]) -> None:
    """Audit deeply from the message's state on; before the time is over, post the state and stop.

    The state has some 60 kB of JSON at the most. One that comes twice is audited twice, and nothing else comes of it.
    """
    rows, objects = stored(wiring)
    state = State(deep=True) if body["state"] is None else State.from_json(body["state"])
    auditor = Auditor(rows, objects, Everybody(wiring.directory), Scope(), state)
    before = state.tally.disagreements
    while not auditor.done and time_left_ms() > MARGIN_MS:
        auditor.step(now=utc_now())
    _tell(state.tally, state.tally.disagreements - before)
    if not auditor.done:
        wiring.audits.post({"state": state.to_json()})


def _tell(tally: Tally, new: int) -> None:
    """Which kind alone: what else is to be known of it, `consentinel audit` says to whoever may ask."""
    if new and tally.first is not None:
        telemetry.logger.error(f"the audit disagrees: {tally.first.kind.name.lower()}")
    telemetry.count(AuditDisagrees=new)
