import pytest

from functions.dynamo import Item
from functions.errors import AlreadyRecorded
from functions.ledger.kinds import numbered
from functions.ledger.leaf import leaf_hash
from functions.register.table import Register
from tests.support.aws import Account
from tests.support.memory import MemoryRegister

AnyRegister = Register | MemoryRegister
Pair = tuple[AnyRegister, AnyRegister]


@pytest.fixture(params=["dynamodb", "memory"])
def pair(request: pytest.FixtureRequest, tenant: Account, neighbour: Account) -> Pair:
    if request.param == "dynamodb":
        return tenant.register, neighbour.register
    mine = MemoryRegister(tenant.id)
    return mine, MemoryRegister(neighbour.id, mine.rows)


@pytest.fixture
def register(pair: Pair) -> AnyRegister:
    return pair[0]


def number(item: Item | None) -> str:
    return str(item and item["sk"]["S"])


def test_an_entry_is_read_back_with_its_leaf_the_leafs_hash_and_what_stands_beside(register: AnyRegister) -> None:
    register.append("policy#terms", "v000001", b'{"n":1}', {"version": {"S": "{}"}})

    item = register.read("policy#terms", "v000001")

    assert item is not None
    assert item["leaf"]["B"] == b'{"n":1}'
    assert item["leaf_hash"]["B"] == leaf_hash(b'{"n":1}')
    assert item["version"]["S"] == "{}"


@pytest.mark.parametrize("leaf", [b'{"n":1}', b'{"n":2}'])
def test_a_second_entry_under_the_same_key_is_refused_and_changes_nothing(register: AnyRegister, leaf: bytes) -> None:
    register.append("policy#terms", "v000001", b'{"n":1}', {"version": {"S": "first"}})

    with pytest.raises(AlreadyRecorded) as refusal:
        register.append("policy#terms", "v000001", leaf, {"version": {"S": "second"}})

    assert refusal.value.earlier["version"] == {"S": "first"}
    assert register.read("policy#terms", "v000001") == refusal.value.earlier


def test_what_stands_beside_can_never_take_the_place_of_key_or_leaf(register: AnyRegister) -> None:
    register.append("policy#terms", "v000001", b"{}", {"pk": {"S": "elsewhere"}, "leaf": {"B": b"other"}})

    item = register.read("policy#terms", "v000001")

    assert item is not None
    assert item["leaf"]["B"] == b"{}"


def test_there_is_nothing_under_a_key_that_was_never_entered(register: AnyRegister) -> None:
    assert register.read("policy#terms", "v000001") is None


def test_the_newest_come_first_as_many_as_asked_for_and_below_a_key(register: AnyRegister) -> None:
    for version in (1, 2, 9, 10, 11):
        register.append("policy#terms", numbered(version), b"{}", {})
    register.append("policy#terms2", numbered(12), b"{}", {})

    newest = register.newest_first("policy#terms", limit=2)
    older = register.newest_first("policy#terms", below=numbered(10), limit=5)

    assert list(map(number, newest)) == ["v000011", "v000010"]
    assert list(map(number, older)) == ["v000009", "v000002", "v000001"]


def test_entries_are_read_down_to_the_limit_however_large_they_are(tenant_apart: Account) -> None:
    register = tenant_apart.register
    for version in range(1, 7):
        register.append("config#main", numbered(version), b"{}", {"config": {"S": "x" * 390_000}})

    newest = register.newest_first("config#main", limit=5)

    assert list(map(number, newest)) == [numbered(version) for version in (6, 5, 4, 3, 2)]
    assert len(list(register.newest_first("config#main", limit=50))) == 6


def test_many_are_read_at_once_whatever_their_partition_and_once_each(register: AnyRegister) -> None:
    register.append("consent#0", "a", b"{}", {})
    register.append("consent#1", "b", b"{}", {})

    found = register.read_many([("consent#0", "a"), ("consent#1", "b"), ("consent#0", "a"), ("consent#2", "c")])

    assert sorted(found) == [("consent#0", "a"), ("consent#1", "b")]
    assert register.read_many([]) == {}


def test_a_neighbour_finds_nothing_and_may_use_the_same_keys(pair: Pair) -> None:
    mine, theirs = pair
    mine.append("policy#terms", "v000001", b'{"whose":"mine"}', {})

    assert theirs.read("policy#terms", "v000001") is None
    assert theirs.read_many([("policy#terms", "v000001")]) == {}
    assert list(theirs.newest_first("policy#terms", limit=10)) == []
    theirs.append("policy#terms", "v000001", b'{"whose":"theirs"}', {})
    item = mine.read("policy#terms", "v000001")
    assert item is not None
    assert item["leaf"]["B"] == b'{"whose":"mine"}'


def test_entering_is_one_conditional_put_whether_it_succeeds_or_not(tenant: Account, aws_calls: list[str]) -> None:
    register = tenant.register
    aws_calls.clear()

    register.append("policy#terms", "v000001", b"{}", {})
    with pytest.raises(AlreadyRecorded):
        register.append("policy#terms", "v000001", b"{}", {})

    assert aws_calls == ["dynamodb.PutItem", "dynamodb.PutItem"]


def test_the_newest_alone_is_one_query(tenant: Account, aws_calls: list[str]) -> None:
    for version in (1, 2):
        tenant.register.append("policy#terms", numbered(version), b"{}", {})
    aws_calls.clear()

    assert [number(item) for item in tenant.register.newest_first("policy#terms", limit=1)] == ["v000002"]
    assert aws_calls == ["dynamodb.Query"]


def test_version_numbers_sort_as_they_count() -> None:
    assert sorted(map(numbered, [10, 2, 999_999, 1])) == ["v000001", "v000002", "v000010", "v999999"]
