"""A site, and the secrets by which the shop's own server vouches for a customer."""

from dataclasses import dataclass, replace
from typing import Any, Self

from functions.ids import SiteKey

MAX_SECRETS = 2


@dataclass(frozen=True, slots=True)
class IdentitySecret:
    """A secret shared with the shop's server, wrapped by the tenant's root key."""

    kid: str
    wrapped: str
    created_at: str


@dataclass(frozen=True, slots=True)
class Site:
    """A storefront; `origins` are exactly those that its pages may call from."""

    key: SiteKey
    name: str
    origins: tuple[str, ...]
    secrets: tuple[IdentitySecret, ...] = ()

    @classmethod
    def from_json(cls, key: SiteKey, body: dict[str, Any]) -> Self:
        secrets = tuple(IdentitySecret(**secret) for secret in body["secrets"])
        return cls(key, body["name"], tuple(body["origins"]), secrets)

    def to_json(self) -> dict[str, Any]:
        secrets = [{"kid": one.kid, "wrapped": one.wrapped, "created_at": one.created_at} for one in self.secrets]
        return {"name": self.name, "origins": list(self.origins), "secrets": secrets}

    def moved(self, name: str, origins: tuple[str, ...]) -> Self:
        return replace(self, name=name, origins=origins)

    def with_secret(self, secret: IdentitySecret) -> Self:
        """Two live at a time, so that the shop can change over without a gap; the older one of two goes."""
        return replace(self, secrets=(*self.secrets[-(MAX_SECRETS - 1) :], secret))
