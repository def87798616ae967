from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from functions.authority.model import SCOPES, PresentedKey, Role, Scope
from functions.authority.service import caller_of, issue_key, list_keys, read_key, revoke_key
from functions.errors import Forbidden, NotFound
from functions.ids import TenantId
from functions.workspace.model import Documents
from functions.workspace.table import Workspace
from tests.support.aws import Account
from tests.support.memory import MemoryDocuments


class Accounts:
    """Documents by tenant, counting how often they are asked for."""

    def __init__(self, *known: MemoryDocuments) -> None:
        self.known = {documents.tenant: documents for documents in known}
        self.asked = 0

    def __call__(self, tenant: TenantId) -> Documents:
        self.asked += 1
        return self.known.get(tenant) or MemoryDocuments(tenant)


def issued(
    documents: MemoryDocuments | Workspace,
    role: Role = Role.EDITOR,
    scopes: frozenset[Scope] = frozenset(),
    within: frozenset[Scope] = frozenset(Scope),
) -> PresentedKey:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    key, _ = issue_key(documents.tenant, label="shop", role=role, scopes=scopes, within=within, documents=documents, now=now)
    return key


@pytest.fixture
def mine() -> MemoryDocuments:
    return MemoryDocuments(TenantId("aaaaaaaaaaaa"))


@pytest.fixture
def theirs() -> MemoryDocuments:
    return MemoryDocuments(TenantId("bbbbbbbbbbbb"))


@pytest.fixture
def key(mine: MemoryDocuments) -> PresentedKey:
    return issued(mine)


def test_a_live_key_speaks_for_its_tenant_with_its_rights(mine: MemoryDocuments, key: PresentedKey) -> None:
    caller = caller_of(str(key), documents_of=Accounts(mine))

    assert caller is not None
    assert (caller.tenant, caller.name, caller.scopes) == (mine.tenant, f"key:{key.prefix}", SCOPES[Role.EDITOR])


def test_a_key_speaks_with_the_fewer_rights_it_was_issued_with(mine: MemoryDocuments) -> None:
    key = issued(mine, scopes=frozenset({Scope.POLICIES_READ, Scope.KEYS_WRITE}))

    caller = caller_of(str(key), documents_of=Accounts(mine))

    assert caller is not None
    assert caller.scopes == {Scope.POLICIES_READ}


def test_a_revoked_key_is_dead_and_keeps_its_first_date(mine: MemoryDocuments, key: PresentedKey, now: datetime) -> None:
    first = revoke_key(key.prefix, documents=mine, now=now)
    again = revoke_key(key.prefix, documents=mine, now=now + timedelta(days=1))

    assert caller_of(str(key), documents_of=Accounts(mine)) is None
    assert first.revoked_at == again.revoked_at == now


def test_a_key_that_is_not_there_cannot_be_revoked(mine: MemoryDocuments, now: datetime) -> None:
    with pytest.raises(NotFound):
        revoke_key("0123456789ab", documents=mine, now=now)


def test_a_known_prefix_with_another_secret_opens_nothing(mine: MemoryDocuments, key: PresentedKey) -> None:
    forged = replace(key, secret=PresentedKey.new(mine.tenant).secret)

    assert caller_of(str(forged), documents_of=Accounts(mine)) is None


def test_a_neighbours_key_opens_nothing_here(mine: MemoryDocuments, theirs: MemoryDocuments, key: PresentedKey) -> None:
    moved = replace(key, tenant=theirs.tenant)

    assert caller_of(str(moved), documents_of=Accounts(mine, theirs)) is None


def test_a_key_whose_row_was_copied_to_a_neighbour_speaks_for_the_tenant_in_the_key_only(
    mine: MemoryDocuments, theirs: MemoryDocuments, key: PresentedKey
) -> None:
    stored = mine.read(f"key#{key.prefix}")
    theirs.create(stored.name, stored.body)

    caller = caller_of(str(key), documents_of=Accounts(mine, theirs))

    assert caller is not None
    assert caller.tenant == mine.tenant


@pytest.mark.parametrize("token", ["", "Bearer", "ck_x", "a" * 10_000, "eyJhbGciOiJub25lIn0.e30."])
def test_what_cannot_be_a_key_costs_no_look_up(token: str, mine: MemoryDocuments) -> None:
    accounts = Accounts(mine)

    assert caller_of(token, documents_of=accounts) is None
    assert accounts.asked == 0


def test_the_secret_is_in_no_row(mine: MemoryDocuments, key: PresentedKey) -> None:
    assert key.secret not in str(mine.rows)


def test_nobody_makes_a_key_that_holds_more_than_they_do(mine: MemoryDocuments) -> None:
    editors = SCOPES[Role.EDITOR]

    with pytest.raises(Forbidden, match="register:read"):
        issued(mine, Role.AUDITOR, within=editors)

    assert mine.rows == {}
    issued(mine, Role.AUDITOR, frozenset({Scope.POLICIES_READ}), within=editors)
    assert len(mine.rows) == 1


def test_a_key_is_read_by_its_prefix(mine: MemoryDocuments, theirs: MemoryDocuments, key: PresentedKey) -> None:
    assert read_key(key.prefix, documents=mine).opens_for(key)
    with pytest.raises(NotFound):
        read_key(key.prefix, documents=theirs)


def test_keys_are_listed_with_a_cursor_and_none_of_the_neighbours(mine: MemoryDocuments, theirs: MemoryDocuments) -> None:
    for documents in (mine, theirs):
        for _ in range(51):
            issued(documents)

    first, cursor = list_keys(after=None, documents=mine)
    second, last = list_keys(after=cursor, documents=mine)

    assert (len(first), len(second), last) == (50, 1, None)
    assert len({one.prefix for one in first + second}) == 51


def test_a_key_works_on_the_table_too(tenant: Account, neighbour: Account, aws_calls: list[str]) -> None:
    documents = {tenant.id: tenant.documents, neighbour.id: neighbour.documents}
    key = issued(tenant.documents)
    aws_calls.clear()

    caller = caller_of(str(key), documents_of=documents.__getitem__)

    assert caller is not None
    assert caller.tenant == tenant.id
    assert aws_calls == ["dynamodb.GetItem"]
    assert caller_of(str(replace(key, tenant=neighbour.id)), documents_of=documents.__getitem__) is None
