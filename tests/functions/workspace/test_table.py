import pytest

from functions.errors import Conflict, NotFound, TooLarge
from functions.workspace.model import MAX_BYTES, Documents
from tests.support.aws import Account
from tests.support.memory import MemoryDocuments

Pair = tuple[Documents, Documents]


@pytest.fixture(params=["dynamodb", "memory"])
def pair(request: pytest.FixtureRequest, tenant: Account, neighbour: Account) -> Pair:
    if request.param == "dynamodb":
        return tenant.documents, neighbour.documents
    mine = MemoryDocuments(tenant.id)
    return mine, MemoryDocuments(neighbour.id, mine.rows)


@pytest.fixture
def documents(pair: Pair) -> Documents:
    return pair[0]


def test_what_is_created_is_read_back_as_version_1(documents: Documents) -> None:
    created = documents.create("site#main", {"name": "Магазин", "origins": ["https://a.example"], "none": None})

    assert documents.read("site#main") == created
    assert (created.name, created.version) == ("site#main", 1)
    assert created.body == {"name": "Магазин", "origins": ["https://a.example"], "none": None}


def test_a_name_is_given_once(documents: Documents) -> None:
    documents.create("tenant", {"n": 1})

    with pytest.raises(Conflict):
        documents.create("tenant", {"n": 2})

    assert documents.read("tenant").body == {"n": 1}


def test_a_change_replaces_the_version_it_was_made_from_and_gives_the_next(documents: Documents) -> None:
    documents.create("tenant", {"n": 1})

    changed = documents.update("tenant", {"n": 2}, after=1)

    assert (changed.version, documents.read("tenant")) == (2, changed)
    assert documents.update("tenant", {"n": 3}, after=2).version == 3


@pytest.mark.parametrize("after", [0, 1, 3])
def test_of_two_who_change_one_version_the_second_is_told_and_changes_nothing(documents: Documents, after: int) -> None:
    documents.create("tenant", {"n": 1})
    documents.update("tenant", {"n": 2}, after=1)

    with pytest.raises(Conflict):
        documents.update("tenant", {"n": 9}, after=after)

    assert documents.read("tenant").body == {"n": 2}


def test_what_was_never_created_cannot_be_changed_or_read(documents: Documents) -> None:
    with pytest.raises(Conflict):
        documents.update("tenant", {}, after=1)
    with pytest.raises(NotFound):
        documents.read("tenant")


@pytest.mark.parametrize("letter", ["x", "ж"])
@pytest.mark.parametrize("engine", ["dynamodb", "memory"])
def test_a_document_of_the_largest_size_is_kept_and_a_larger_one_is_refused(
    tenant_apart: Account, engine: str, letter: str
) -> None:
    documents = tenant_apart.documents if engine == "dynamodb" else MemoryDocuments(tenant_apart.id)
    text = letter * ((MAX_BYTES - len('{"x": ""}')) // len(letter.encode()))
    documents.create("banner#main", {"x": text})

    with pytest.raises(TooLarge):
        documents.create("other", {"x": text + "xx"})
    with pytest.raises(TooLarge):
        documents.update("banner#main", {"x": text + "xx"}, after=1)

    assert documents.read("banner#main").body == {"x": text}


def test_pages_follow_each_other_in_order_of_name_and_hold_only_the_prefix(documents: Documents) -> None:
    for name in ["policy#c", "policy#a", "policy#b", "policy#e", "policy#d", "policies", "policy", "key#a", "policz#a"]:
        documents.create(name, {"is": name})

    first = documents.page("policy#", limit=2)
    second = documents.page("policy#", after=first.after, limit=2)
    third = documents.page("policy#", after=second.after, limit=2)

    assert [[one.name for one in page.documents] for page in (first, second, third)] == [
        ["policy#a", "policy#b"],
        ["policy#c", "policy#d"],
        ["policy#e"],
    ]
    assert (first.after, second.after, third.after) == ("b", "d", None)


def test_a_page_of_nothing_is_empty_and_the_last(documents: Documents) -> None:
    page = documents.page("policy#")

    assert (page.documents, page.after) == ((), None)


def test_a_cursor_to_a_document_that_is_gone_goes_on_where_it_was(documents: Documents) -> None:
    for name in ["key#a", "key#c"]:
        documents.create(name, {})

    assert [one.name for one in documents.page("key#", after="b").documents] == ["key#c"]


def test_a_neighbour_sees_nothing_changes_nothing_and_may_use_the_same_names(pair: Pair) -> None:
    mine, theirs = pair
    mine.create("tenant", {"whose": "mine"})

    with pytest.raises(NotFound):
        theirs.read("tenant")
    with pytest.raises(Conflict):
        theirs.update("tenant", {"whose": "theirs"}, after=1)

    assert theirs.page("ten").documents == ()
    theirs.create("tenant", {"whose": "theirs"})
    assert mine.read("tenant").body == {"whose": "mine"}


def test_reading_costs_one_call_and_saving_one(tenant: Account, aws_calls: list[str]) -> None:
    documents = tenant.documents
    aws_calls.clear()

    documents.create("tenant", {})
    documents.update("tenant", {}, after=1)
    documents.read("tenant")
    documents.page("key#")

    assert aws_calls == ["dynamodb.PutItem", "dynamodb.PutItem", "dynamodb.GetItem", "dynamodb.Query"]
