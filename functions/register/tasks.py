"""What follows from entries of the register once they are in the ledger; told at least once, in any order."""

from typing import TYPE_CHECKING, Any

from functions import telemetry
from functions.clock import utc_now
from functions.consents.table import entry_of
from functions.cookies.publishing import point_at_newest
from functions.dynamo import Item
from functions.errors import Invalid
from functions.ids import SiteId, SiteKey, TenantId
from functions.ledger.kinds import EntryRef
from functions.ledger.leaf import leaf_hash
from functions.ledger.model import BatchRef
from functions.listings.service import enter
from functions.sites.service import list_sites

if TYPE_CHECKING:
    from functions.wiring import Wiring

MOST_READ = 100


def project(body: dict[str, Any], *, wiring: "Wiring") -> None:
    """Follow up on a committed batch; an entry that is not what it was when it was committed is the watcher's business."""
    told = BatchRef.from_json(body)
    batch = wiring.log_rows(told.tenant, told.year).batch(told.start)
    if batch is None:
        raise LookupError("The batch is not there.")
    register = wiring.register(told.tenant)
    for at in range(0, len(batch.refs), MOST_READ):
        refs = batch.refs[at : at + MOST_READ]
        found = register.read_many([(ref.partition, ref.key) for ref in refs])
        for ref, hashed in zip(refs, batch.hashes[at : at + MOST_READ], strict=True):
            item = found.get((ref.partition, ref.key))
            if item is not None and leaf_hash(item.get("leaf", {}).get("B", b"")) == hashed:
                entered(told.tenant, ref, item, wiring=wiring)


def entered(tenant: TenantId, ref: EntryRef, image: Item, *, wiring: "Wiring") -> None:
    """Follow up on one entry."""
    kind, _, rest = ref.partition.partition("#")
    match kind:
        case "consent":
            enter(entry_of(image), listings=wiring.listings(tenant), vault=wiring.vault(tenant))
        case "config":
            site = SiteKey.of(tenant, SiteId(rest))
            point_at_newest(site, configs=wiring.configs(tenant), content=wiring.content)
        case "policy":
            _follow(tenant, f"policy {rest} {ref.key}", wiring)
        case _:
            return  # nothing is listed of it


def _follow(tenant: TenantId, by: str, wiring: "Wiring") -> None:
    """A document has a new version: the windows that link to it show it, and ask again where it is material."""
    now, after = utc_now(), None
    while True:
        sites, after = list_sites(tenant, after=after, documents=wiring.documents(tenant))
        for site, _ in sites:
            try:
                wiring.press(site.key, now).follow(by=by, now=now)
            except Invalid:
                # A site that cannot be published must not hold up the stream, which is everybody's.
                telemetry.logger.warning("a window cannot follow its documents")
        if after is None:
            return
