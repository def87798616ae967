"""Opening a merchant's account: the tenant, its root key, and the owner's first API key."""

from datetime import datetime
from typing import Any

from functions.authority.model import PresentedKey, Role, Scope
from functions.authority.service import issue_key
from functions.ids import TenantId
from functions.tenants.model import Tenant
from functions.tenants.service import open_tenant
from functions.wiring import Wiring


def open_account(
    name: str, *, profile: dict[str, Any], wiring: Wiring, now: datetime, tenant: TenantId | None = None
) -> tuple[TenantId, PresentedKey]:
    """Raises `Conflict` when there is a tenant by that id."""
    opened = Tenant(tenant or TenantId.new(), name, profile)
    documents = wiring.documents(opened.id)
    open_tenant(opened, documents=documents, roots=wiring.roots, accounts=wiring.directory)
    key, _ = issue_key(
        opened.id,
        label="The owner's first key",
        role=Role.OWNER,
        scopes=frozenset(),
        within=frozenset(Scope),
        documents=documents,
        now=now,
    )
    return opened.id, key
