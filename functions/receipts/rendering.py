"""A record in the words of ISO/IEC TS 27560:2023; whatever counts in it stands in the leaf, which is what is proven."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from functions import clock
from functions.consents.model import ActKind
from functions.cookies.config import folder
from functions.errors import NotFound
from functions.ids import PolicyId, SiteId, SiteKey
from functions.policies.model import PolicyVersion
from functions.tenants.model import Tenant

SCHEMA = "ISO/IEC TS 27560:2023"
AGREED = frozenset({ActKind.GIVEN, ActKind.RENEWED})


@dataclass(frozen=True, slots=True)
class Renderer:
    """Renders one tenant's records.

    Args:
        tenant: the controller, as its profile describes it now.
        cdn: address of the CDN, where what was shown still stands under its hash.
        version: reads a version of a document; raises `NotFound`.
    """

    tenant: Tenant
    cdn: str
    version: Callable[[PolicyId, int], PolicyVersion]

    def render(self, says: dict[str, Any]) -> dict[str, Any]:
        return {
            "schema_version": SCHEMA,
            "record_id": says["id"],
            "pii_principal_id": says["sid"],
            "event": {
                "event_time": clock.written(says["at"]),
                "event_state": says["act"],
                "section": says["sec"],
                "site": says["site"],
                "identity_verification": says["idv"],
            },
            "purposes": self._purposes(says),
            "privacy_notices": [self._notice(says["pol"])] if "pol" in says else [],
            "pii_controllers": [controller(self.tenant)],
            "shown": self._shown(says),
        }

    def version_of(self, policy: dict[str, Any]) -> PolicyVersion | None:
        """None when the register does not have it any more; the leaf says all the same which one it was."""
        try:
            return self.version(PolicyId(policy["id"]), policy["ver"])
        except NotFound:
            return None

    def _purposes(self, says: dict[str, Any]) -> list[dict[str, Any]]:
        if "pol" not in says:
            return [{"purpose": name, "purpose_type": "category", "granted": granted} for name, granted in says["cat"].items()]
        version = self.version_of(says["pol"])
        kind = version.kind.value if version else None
        return [{"purpose": says["pol"]["id"], "purpose_type": kind, "granted": says["act"] in AGREED}]

    def _notice(self, policy: dict[str, Any]) -> dict[str, Any]:
        version, language = self.version_of(policy), policy["lang"]
        text = version.texts.get(language) if version else None
        return {
            "id": policy["id"],
            "version": policy["ver"],
            "title": version.titles.get(language) if version else None,
            "language": language,
            "sha256": policy["sha256"],
            "text": f"{self.cdn}/t/{policy['sha256']}.md",
            "page": f"{self.cdn}/t/{text.html_sha256}.html" if text else None,
        }

    def _shown(self, says: dict[str, Any]) -> dict[str, Any]:
        screen = says["ui"]
        return {
            "language": screen["lang"],
            "layer": screen["layer"],
            "gesture": screen["via"],
            "gpc": screen["gpc"],
            "build": screen.get("build"),
            "config": self._config(says) if "cfg" in says else None,
        }

    def _config(self, says: dict[str, Any]) -> dict[str, Any]:
        digest = says["cfg"]["sha256"]
        site = SiteKey.of(self.tenant.id, SiteId(says["site"]))
        return {"version": says["cfg"]["ver"], "sha256": digest, "window": f"{self.cdn}/{folder(site, digest)}config.json"}


def controller(tenant: Tenant) -> dict[str, Any]:
    """The merchant, by the account's name where the profile does not say what the company is called."""
    profile = tenant.profile
    officer = profile.get("dpo")
    return {
        "party_name": profile.get("company") or tenant.name,
        "party_registration": profile.get("registration_number"),
        "party_address": next((address["text"] for address in profile.get("addresses", [])), None),
        "party_email": profile.get("contact_email"),
        "party_phone": profile.get("contact_phone"),
        "party_contact": f"{officer['name']}, {officer['email']}" if officer else None,
    }
