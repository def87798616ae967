"""What a request tells of the device and the place it comes from; no script in the page asks for more."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from functions.tenants.model import IpMode, truncated

LONGEST = 300
HEADERS = {
    "user_agent": "user-agent",
    "languages": "accept-language",
    "brands": "sec-ch-ua",
    "platform": "sec-ch-ua-platform",
    "mobile": "sec-ch-ua-mobile",
}


class Lookup(Protocol):
    """The tenant's keyed hash."""

    def lookup(self, kind: str, value: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Visitor:
    """The address as the gateway saw it, and the headers that every browser sends."""

    ip: str
    device: dict[str, str]

    @classmethod
    def of(cls, source_ip: str, header: Callable[[str], str]) -> "Visitor":
        told = {name: header(field)[:LONGEST] for name, field in HEADERS.items()}
        return cls(source_ip, {name: value for name, value in told.items() if value})

    def personal(self, mode: IpMode, keys: Lookup) -> dict[str, str | dict[str, str]]:
        """What is sealed of it: the address as far as the tenant's IP mode lets it, the device and its imprint."""
        address = self._address(mode, keys)
        imprint = keys.lookup("device", "\n".join(f"{name}={self.device.get(name, '')}" for name in HEADERS))[:16]
        return ({"ip": address} if address else {}) | {"device": {**self.device, "imprint": imprint}}

    def _address(self, mode: IpMode, keys: Lookup) -> str:
        match mode:
            case IpMode.TRUNCATE:
                return truncated(self.ip)
            case IpMode.KEYED_HASH:
                return keys.lookup("ip", self.ip)
            case IpMode.FULL:
                return self.ip
            case IpMode.NONE:
                return ""
