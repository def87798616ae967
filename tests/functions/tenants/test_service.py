from dataclasses import replace

import pytest

from functions.errors import Conflict, NotFound
from functions.ids import TenantId
from functions.tenants.model import IpMode, Tenant
from functions.tenants.service import change_tenant, open_tenant, read_tenant
from functions.workspace.model import Documents
from functions.workspace.table import Workspace
from tests.support.aws import Aws


@pytest.fixture
def opened(aws: Aws) -> tuple[Tenant, Documents]:
    tenant = Tenant(TenantId.new(), "Rosa", {"languages": ["bg"]})
    table = aws.new_account().documents.table
    documents = Workspace(table, tenant.id)
    return open_tenant(tenant, documents=documents, roots=aws.roots, accounts=aws.directory), documents


def test_an_account_that_can_be_seen_has_a_root_key(aws: Aws, opened: tuple[Tenant, Documents]) -> None:
    tenant, documents = opened

    assert read_tenant(tenant.id, documents=documents) == (tenant, 1)
    assert len(aws.roots.unwrap(tenant.id).root) == 32


def test_an_account_is_opened_once_and_its_key_stays(aws: Aws, opened: tuple[Tenant, Documents]) -> None:
    tenant, documents = opened
    root = aws.roots.unwrap(tenant.id)

    with pytest.raises(Conflict):
        open_tenant(replace(tenant, name="Thyme"), documents=documents, roots=aws.roots, accounts=aws.directory)

    assert read_tenant(tenant.id, documents=documents)[0].name == "Rosa"
    assert aws.roots.unwrap(tenant.id) == root


def test_a_change_counts_versions_and_a_change_of_an_old_version_is_a_conflict(opened: tuple[Tenant, Documents]) -> None:
    tenant, documents = opened
    changed = replace(tenant, ip_mode=IpMode.NONE)

    assert change_tenant(changed, after=1, documents=documents) == 2
    with pytest.raises(Conflict):
        change_tenant(tenant, after=1, documents=documents)

    assert read_tenant(tenant.id, documents=documents) == (changed, 2)


def test_a_neighbour_reads_no_other_account(aws: Aws, opened: tuple[Tenant, Documents]) -> None:
    stranger = aws.new_account()

    with pytest.raises(NotFound):
        read_tenant(stranger.id, documents=stranger.documents)
    assert read_tenant(opened[0].id, documents=opened[1])[0].name == "Rosa"
