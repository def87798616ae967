from datetime import datetime

import pytest

from functions.errors import Conflict, NotFound
from functions.ids import SiteId, SiteKey
from functions.sites.model import Site
from functions.sites.service import change_site, list_sites, new_identity_secret, open_site, read_site
from functions.vault.model import CannotOpen
from functions.workspace.model import Documents
from tests.support.aws import Account
from tests.support.memory import MemoryDocuments

MAIN = SiteId("main")
ORIGINS = ["https://rosa.example"]


@pytest.fixture(params=["dynamodb", "memory"])
def documents(request: pytest.FixtureRequest, tenant: Account) -> Documents:
    return tenant.documents if request.param == "dynamodb" else MemoryDocuments(tenant.id)


@pytest.fixture
def site(tenant: Account, documents: Documents) -> Site:
    return open_site(tenant.id, MAIN, name="Rosa", origins=ORIGINS, documents=documents)


def test_an_open_site_is_found_by_its_key(tenant: Account, documents: Documents, site: Site) -> None:
    assert site.key == SiteKey.of(tenant.id, MAIN)
    assert read_site(site.key, documents=documents) == (site, 1)


def test_a_site_is_opened_once(tenant: Account, documents: Documents, site: Site) -> None:
    with pytest.raises(Conflict):
        open_site(tenant.id, MAIN, name="Thyme", origins=[], documents=documents)

    assert read_site(site.key, documents=documents)[0].name == "Rosa"


def test_a_change_counts_versions_and_a_late_one_is_a_conflict(documents: Documents, site: Site) -> None:
    moved = site.moved("Thyme", ("https://thyme.example",))

    assert change_site(moved, after=1, documents=documents) == 2
    with pytest.raises(Conflict):
        change_site(site, after=1, documents=documents)

    assert read_site(site.key, documents=documents) == (moved, 2)


def test_a_site_of_a_neighbour_is_not_found(neighbour: Account, site: Site) -> None:
    with pytest.raises(NotFound):
        read_site(site.key, documents=neighbour.documents)
    assert list_sites(neighbour.id, after=None, documents=neighbour.documents) == ([], None)


def test_sites_are_listed_in_order_with_their_versions(tenant: Account, documents: Documents, site: Site) -> None:
    other = open_site(tenant.id, SiteId("a"), name="A", origins=[], documents=documents)
    change_site(other, after=1, documents=documents)

    assert list_sites(tenant.id, after=None, documents=documents) == ([(other, 2), (site, 1)], None)


def test_a_secret_is_shown_once_and_kept_wrapped_for_its_site_and_kid(
    tenant: Account, documents: Documents, site: Site, now: datetime
) -> None:
    from base64 import b64decode

    kid, secret = new_identity_secret(site.key, documents=documents, wrapping=tenant.keys, now=now)

    [kept] = read_site(site.key, documents=documents)[0].secrets
    assert kept.kid == kid
    assert secret not in str(documents.read("site#main"))
    assert tenant.keys.unwrap(b64decode(kept.wrapped), about=f"{site.key}#{kid}").decode() == secret
    assert len(b64decode(secret)) == 32
    for about in (f"{site.key}#other", f"pk_{tenant.id}_other#{kid}"):
        with pytest.raises(CannotOpen):
            tenant.keys.unwrap(b64decode(kept.wrapped), about=about)


def test_a_third_secret_puts_the_first_out_of_use(tenant: Account, documents: Documents, site: Site, now: datetime) -> None:
    made = [new_identity_secret(site.key, documents=documents, wrapping=tenant.keys, now=now)[0] for _ in range(3)]

    assert [one.kid for one in read_site(site.key, documents=documents)[0].secrets] == made[1:]


def test_a_site_that_is_not_there_gets_no_secret(tenant: Account, documents: Documents, now: datetime) -> None:
    with pytest.raises(NotFound):
        new_identity_secret(tenant.site, documents=documents, wrapping=tenant.keys, now=now)
