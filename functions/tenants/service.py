"""Opening an account and keeping it up to date."""

from typing import Protocol

from functions.ids import TenantId
from functions.tenants.model import Tenant
from functions.workspace.model import Documents

NAME = "tenant"


class Roots(Protocol):
    """Where root keys are made."""

    def create(self, tenant: TenantId) -> object: ...


class Accounts(Protocol):
    """The list of all accounts."""

    def enter(self, tenant: TenantId) -> None: ...


def open_tenant(tenant: Tenant, *, documents: Documents, roots: Roots, accounts: Accounts) -> Tenant:
    """The key first: an account that can be seen has one, and is on the list. A crash in between leaves a key of nobody's."""
    roots.create(tenant.id)
    accounts.enter(tenant.id)
    documents.create(NAME, tenant.to_json())
    return tenant


def read_tenant(tenant: TenantId, *, documents: Documents) -> tuple[Tenant, int]:
    stored = documents.read(NAME)
    return Tenant.from_json(tenant, stored.body), stored.version


def change_tenant(tenant: Tenant, *, after: int, documents: Documents) -> int:
    """The new version; raises `Conflict` when `after` is not the present one."""
    return documents.update(NAME, tenant.to_json(), after=after).version
