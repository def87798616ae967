"""What follows from an entry of the register, told by its stream; delivered at least once, in any order."""

from typing import TYPE_CHECKING, Any

from functions import telemetry
from functions.clock import utc_now
from functions.consents.table import entry_of
from functions.cookies.publishing import point_at_newest
from functions.errors import Invalid
from functions.ids import SiteId, SiteKey, TenantId
from functions.listings.service import enter
from functions.sites.service import list_sites

if TYPE_CHECKING:
    from functions.wiring import Wiring


def entered(image: dict[str, Any], *, wiring: "Wiring") -> None:
    """Follow up on one new entry, as DynamoDB writes items (binaries as bytes)."""
    tenant_text, kind, rest = image["pk"]["S"].split("#", 2)
    tenant = TenantId(tenant_text)
    match kind:
        case "consent":
            enter(entry_of(image), listings=wiring.listings(tenant), vault=wiring.vault(tenant))
        case "config":
            site = SiteKey.of(tenant, SiteId(rest))
            point_at_newest(site, configs=wiring.configs(tenant), content=wiring.content)
        case "policy":
            _follow(tenant, f"policy {rest} {image['sk']['S']}", wiring)
        case _:
            raise LookupError("The register has no entries of that kind.")


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
