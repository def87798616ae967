"""The stream's changes and removals: there should be none."""

from typing import TYPE_CHECKING

from functions import telemetry
from functions.clock import utc_now
from functions.dynamo import Item
from functions.errors import NotFound
from functions.ids import TenantId
from functions.watcher.model import Tampering
from functions.watcher.service import Watch, keep_aside

if TYPE_CHECKING:
    from functions.wiring import Wiring


def watch(sequence: str, before: Item | None, after: Item | None, *, wiring: "Wiring") -> None:
    """Raise the alarm, first of all and whatever follows; then see to the change."""
    if before is None or before == after:
        return  # some engines tell of puts that change nothing
    tampering = Tampering(sequence, before, after)
    telemetry.logger.error("an entry of the register was changed or removed")
    telemetry.count(Tampered=1)
    keep_aside(tampering, objects=wiring.log_objects)
    if TenantId.pattern.fullmatch(tampering.owner):
        _see_to(tampering, TenantId(tampering.owner), wiring=wiring)


def _see_to(tampering: Tampering, tenant: TenantId, *, wiring: "Wiring") -> None:
    now = utc_now()
    try:
        log = wiring.log(tenant, now.year)
    except NotFound:
        return  # the row was nobody's; the alarm and the images are all that can be told of it
    Watch(tenant, wiring.register(tenant), wiring.letters, log).see_to(tampering, now=now)
