"""What follows from entries of the register once they are in the ledger; told at least once, in any order."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from functions import telemetry
from functions.clock import utc_now
from functions.consents.entry import Entry
from functions.consents.receipt import holds
from functions.consents.table import entry_of
from functions.cookies.publishing import point_at_newest
from functions.dynamo import Item
from functions.errors import ConsentinelError, Invalid
from functions.ids import SiteId, SiteKey, TenantId
from functions.ledger.kinds import EntryRef
from functions.ledger.leaf import leaf_hash
from functions.ledger.model import Batch, BatchRef
from functions.ledger.note import Verifier
from functions.listings.service import ListingRows, Subjects, enter
from functions.register.table import Register
from functions.sites.service import list_sites
from functions.statistics.tasks import count_batch
from functions.vault.model import CannotOpen

if TYPE_CHECKING:
    from functions.wiring import Wiring

MOST_READ = 100
# What reading an entry raises that somebody else has written; trouble with AWS is none of these.
UNFIT = (ConsentinelError, LookupError, TypeError, ValueError)


def project(body: dict[str, Any], *, wiring: "Wiring") -> None:
    """Follow up on a committed batch: each entry by itself, and the statistics of all of them."""
    told = BatchRef.from_json(body)
    batch = wiring.log_rows(told.tenant, told.year).batch(told.start)
    if batch is None:
        raise LookupError("The batch is not there.")
    leaves: list[bytes | None] = []
    for ref, item in entries_of(batch, register=wiring.register(told.tenant), receipts=wiring.receipts(told.tenant)):
        leaves.append(leaf_in(item))
        if item is not None:
            _entered_or_told(told.tenant, ref, item, wiring=wiring)
    count_batch(told.tenant, told.year, batch, leaves, wiring=wiring, now=utc_now())


def _entered_or_told(tenant: TenantId, ref: EntryRef, item: Item, *, wiring: "Wiring") -> None:
    """What is the matter with an entry must not hold up those that came with it."""
    try:
        entered(tenant, ref, item, wiring=wiring)
    except UNFIT as error:
        telemetry.logger.error("nothing follows from an entry", exc_info=error)
        telemetry.count(EntriesUnfit=1)


def entries_of(batch: Batch, *, register: Register, receipts: Verifier) -> Iterator[tuple[EntryRef, Item | None]]:
    """The entries of a batch in their order; none for one that is not what was committed: the watcher's business.

    None for a consent record without its receipt's signature either: somebody put it there who is not the app. It is in the
    tree, where the audit finds it, in no listing, and counted nowhere.
    """
    for at in range(0, len(batch.refs), MOST_READ):
        refs = batch.refs[at : at + MOST_READ]
        found = register.read_many([(ref.partition, ref.key) for ref in refs])
        for ref, hashed in zip(refs, batch.hashes[at : at + MOST_READ], strict=True):
            # What was entered a moment ago may be missing from a read that is not strongly consistent.
            item = found.get((ref.partition, ref.key)) or register.read(ref.partition, ref.key)
            yield ref, item if item is not None and _is_sound(ref, item, hashed, receipts) else None


def _is_sound(ref: EntryRef, item: Item, hashed: bytes, receipts: Verifier) -> bool:
    if leaf_hash(item.get("leaf", {}).get("B", b"")) != hashed:
        return False
    return not ref.partition.startswith("consent#") or holds(entry_of(item), receipts)


def leaf_in(item: Item | None) -> bytes | None:
    return None if item is None else item["leaf"]["B"]


def entered(tenant: TenantId, ref: EntryRef, image: Item, *, wiring: "Wiring") -> None:
    """Follow up on one entry."""
    kind, _, rest = ref.partition.partition("#")
    match kind:
        case "consent":
            listed(entry_of(image), listings=wiring.listings(tenant), vault=wiring.vault(tenant))
        case "config":
            site = SiteKey.of(tenant, SiteId(rest))
            point_at_newest(site, configs=wiring.configs(tenant), content=wiring.content)
        case "policy":
            _follow(tenant, f"policy {rest} {ref.key}", wiring)
        case _:
            return  # nothing is listed of it


def listed(entry: Entry, *, listings: ListingRows, vault: Subjects) -> None:
    """Enter a consent record in the listings; again is the same."""
    try:
        enter(entry, listings=listings, vault=vault)
    except CannotOpen:
        # It stands in the listings, where it is shown as altered; it must not hold up the rest of its batch.
        telemetry.logger.warning("what is sealed beside an entry does not open")


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
