"""Opening and changing a site, and giving the shop's server a secret."""

import secrets
from base64 import b64encode
from datetime import datetime
from typing import Protocol

from functions.ids import SiteId, SiteKey, TenantId
from functions.sites.model import IdentitySecret, Site
from functions.workspace.model import Documents


class Wrapping(Protocol):
    """The tenant's root key."""

    def wrap(self, key: bytes, *, about: str) -> bytes: ...


def _name(site: SiteId) -> str:
    return f"site#{site}"


def open_site(tenant: TenantId, site: SiteId, *, name: str, origins: list[str], documents: Documents) -> Site:
    """Raises `Conflict` when the tenant has a site by that id."""
    opened = Site(SiteKey.of(tenant, site), name, tuple(origins))
    documents.create(_name(site), opened.to_json())
    return opened


def read_site(key: SiteKey, *, documents: Documents) -> tuple[Site, int]:
    """Raises `NotFound`."""
    stored = documents.read(_name(key.site))
    return Site.from_json(key, stored.body), stored.version


def list_sites(tenant: TenantId, *, after: str | None, documents: Documents) -> tuple[list[tuple[Site, int]], str | None]:
    """Sites with their versions, in order of id."""
    page = documents.page("site#", after=after)
    ids = [SiteId(stored.name.removeprefix("site#")) for stored in page.documents]
    sites = [Site.from_json(SiteKey.of(tenant, site), stored.body) for site, stored in zip(ids, page.documents, strict=True)]
    return [(site, stored.version) for site, stored in zip(sites, page.documents, strict=True)], page.after


def change_site(site: Site, *, after: int, documents: Documents) -> int:
    """The new version; raises `Conflict` when `after` is not the present one."""
    return documents.update(_name(site.key.site), site.to_json(), after=after).version


def new_identity_secret(key: SiteKey, *, documents: Documents, wrapping: Wrapping, now: datetime) -> tuple[str, str]:
    """A key id and a secret for signing identity tokens; the secret is shown once and kept wrapped."""
    site, version = read_site(key, documents=documents)
    kid = secrets.token_hex(6)
    secret = b64encode(secrets.token_bytes(32)).decode()
    wrapped = b64encode(wrapping.wrap(secret.encode(), about=f"{key}#{kid}")).decode()
    change_site(site.with_secret(IdentitySecret(kid, wrapped, now.isoformat())), after=version, documents=documents)
    return kid, secret
