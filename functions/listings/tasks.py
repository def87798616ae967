"""What follows from an entry of the register, told by its stream; delivered at least once, in any order."""

from typing import TYPE_CHECKING, Any

from functions.consents.entry import Entry
from functions.ids import RecordId, SiteId, SiteKey, TenantId
from functions.listings.service import enter

if TYPE_CHECKING:
    from functions.wiring import Wiring


def entered(image: dict[str, Any], *, wiring: "Wiring") -> None:
    """Follow up on one new entry, as DynamoDB writes items (binaries as bytes)."""
    tenant_text, kind, rest = image["pk"]["S"].split("#", 2)
    tenant = TenantId(tenant_text)
    match kind:
        case "consent":
            entry = Entry(RecordId(image["sk"]["S"]), image["leaf"]["B"], image["leaf_hash"]["B"], image["sealed"]["B"])
            enter(entry, listings=wiring.listings(tenant), vault=wiring.vault(tenant))
        case "config":
            from functions.cookies.service import point_at_newest  # noqa: PLC0415 - consents need none of it

            site = SiteKey.of(tenant, SiteId(rest))
            point_at_newest(site, configs=wiring.configs(tenant), content=wiring.content)
        case _:
            return  # policy versions: nothing follows
