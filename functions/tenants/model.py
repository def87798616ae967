"""A tenant and the address of a visitor as the tenant's IP mode lets it be kept."""

import ipaddress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from functions.ids import TenantId


class IpMode(StrEnum):
    """How much of a visitor's address is kept (GDPR Art. 5(1)(c)); the more is the merchant's to justify."""

    TRUNCATE = "truncate"
    KEYED_HASH = "keyed_hash"
    FULL = "full"
    NONE = "none"


def truncated(address: str) -> str:
    """An IPv4 address without its last byte, an IPv6 address without all but its first 48 bits; anything else is nothing."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    bits = 24 if parsed.version == 4 else 48  # noqa: PLR2004 - IP version 4
    return str(ipaddress.ip_network(f"{parsed}/{bits}", strict=False))


@dataclass(frozen=True, slots=True)
class Tenant:
    """The account as its documents stand; `profile` is what the generated texts are filled from."""

    id: TenantId
    name: str
    profile: dict[str, Any] = field(default_factory=dict)
    regimes: tuple[str, ...] = ("opt-in", "opt-out")
    ip_mode: IpMode = IpMode.TRUNCATE

    @classmethod
    def from_json(cls, tenant: TenantId, body: dict[str, Any]) -> Self:
        return cls(tenant, body["name"], body["profile"], tuple(body["regimes"]), IpMode(body["ip_mode"]))

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "profile": self.profile, "regimes": list(self.regimes), "ip_mode": self.ip_mode.value}
