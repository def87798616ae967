from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Barrier

import pytest

from functions.errors import AlreadyRecorded, Conflict, Invalid, NotFound
from functions.ids import PolicyId
from functions.policies.model import Policy, PolicyKind, PolicyVersion
from functions.policies.rendering import page
from functions.policies.service import (
    Draft,
    Versions,
    create_policy,
    list_policies,
    list_versions,
    publish,
    read_policy,
    read_text,
    read_version,
    rename_policy,
    version_in_force,
)
from functions.policies.table import PolicyVersions
from tests.support.aws import Account
from tests.support.memory import MemoryContent, MemoryDocuments, MemoryRegister

TERMS = Policy(PolicyId("terms"), PolicyKind.CONTRACT_TERMS, {"bg": "Общи условия", "en": "Terms"})
BG = "Параграф за правата на клиента. " * 3600
EN = "A paragraph on the customer's rights. " * 5300
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Shelf:
    """Where versions and texts go, and what is published there."""

    versions: PolicyVersions
    texts: MemoryContent
    now: datetime
    published: list[PolicyVersion] = field(default_factory=list)

    def publish(
        self, *, after: int, in_: timedelta = timedelta(0), material: bool = False, text: str = "text"
    ) -> PolicyVersion:
        draft = Draft(after, {"en": text}, "note", material, self.now + in_)
        return publish(TERMS, draft, versions=self.versions, texts=self.texts, log="l/1", by="key:x", now=self.now)


@pytest.fixture(params=["dynamodb", "memory"])
def versions(request: pytest.FixtureRequest, tenant: Account) -> PolicyVersions:
    register = tenant.register if request.param == "dynamodb" else MemoryRegister(tenant.id)
    return PolicyVersions(register)  # type: ignore[arg-type]  # the double has the register's shape


@pytest.fixture
def shelf(versions: PolicyVersions, now: datetime) -> Shelf:
    return Shelf(versions, MemoryContent(), now)


@pytest.fixture
def documents(tenant: Account) -> MemoryDocuments:
    return MemoryDocuments(tenant.id)


def test_a_text_of_200_kilobytes_in_two_languages_is_published_twice_and_both_stay_readable(
    tenant: Account, now: datetime
) -> None:
    versions = PolicyVersions(tenant.register)
    assert min(len(BG.encode()), len(EN.encode())) > 200_000

    made = [
        publish(
            TERMS,
            Draft(after, {"bg": BG + str(after), "en": EN}, "note", material=True, effective_at=now),
            versions=versions,
            texts=tenant.content,
            log="l/1",
            by="key:x",
            now=now,
        )
        for after in (0, 1)
    ]

    for after, version in enumerate(made):
        kept = read_version(TERMS.id, after + 1, versions=versions)
        assert kept == version
        for language, text in (("bg", BG + str(after)), ("en", EN)):
            assert kept.texts[language].sha256 == sha256(text.encode()).hexdigest()
            assert kept.texts[language].size == len(text.encode())
            assert read_text(kept, language, texts=tenant.content) == text
            html = page(text, title=TERMS.titles[language], language=language).encode()
            assert kept.texts[language].html_sha256 == sha256(html).hexdigest()
            assert tenant.content.read(f"t/{kept.texts[language].html_sha256}.html") == html


def test_versions_count_from_1_and_say_who_published_when(shelf: Shelf) -> None:
    first, second = shelf.publish(after=0), shelf.publish(after=1)

    assert (first.number, second.number) == (1, 2)
    assert (second.published_by, second.published_at, second.kind) == (
        "key:x",
        shelf.now.replace(microsecond=123_000),
        TERMS.kind,
    )
    assert second.titles == {"en": "Terms"}


@pytest.mark.parametrize("after", [0, 1, 3])
def test_a_draft_written_from_another_than_the_newest_version_is_a_conflict(shelf: Shelf, after: int) -> None:
    shelf.publish(after=0)
    shelf.publish(after=1)

    with pytest.raises(Conflict, match="Version 2 is the newest"):
        shelf.publish(after=after, text="other")

    assert [one.number for one in shelf.versions.newest_first(TERMS.id, limit=9)] == [2, 1]


@dataclass(frozen=True)
class Simultaneous:
    """Versions of which everybody has read the newest before anybody enters one."""

    versions: Versions
    barrier: Barrier

    def newest_first(self, policy: PolicyId, *, below: int | None = None, limit: int) -> list[PolicyVersion]:
        found = self.versions.newest_first(policy, below=below, limit=limit)
        self.barrier.wait(timeout=10)
        return found

    def append(self, version: PolicyVersion, *, log: str) -> None:
        self.versions.append(version, log=log)

    def read(self, policy: PolicyId, number: int) -> PolicyVersion | None:
        return self.versions.read(policy, number)


def test_of_two_publishers_racing_for_version_3_one_wins_and_the_other_is_told(now: datetime, tenant: Account) -> None:
    kept, texts = PolicyVersions(MemoryRegister(tenant.id)), MemoryContent()  # type: ignore[arg-type]  # has its shape
    shelf = Shelf(kept, texts, now)
    shelf.publish(after=0)
    shelf.publish(after=1)
    racing = Simultaneous(kept, Barrier(2))

    def race(text: str) -> str:
        draft = Draft(2, {"en": text}, "note", material=False, effective_at=now)
        try:
            publish(TERMS, draft, versions=racing, texts=texts, log="l/1", by=text, now=now)
        except Conflict:
            return "told"
        return text

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(race, ["a", "b"]))

    winner = read_version(TERMS.id, 3, versions=kept).published_by
    assert outcomes == [winner, "told"]
    assert read_text(read_version(TERMS.id, 3, versions=kept), "en", texts=texts) == winner
    assert kept.read(TERMS.id, 4) is None


def test_a_version_that_was_entered_meanwhile_is_a_conflict_on_the_table_too(shelf: Shelf) -> None:
    first = shelf.publish(after=0)

    with pytest.raises(AlreadyRecorded):
        shelf.versions.append(replace(first, published_by="key:y"), log="l/1")

    assert read_version(TERMS.id, 1, versions=shelf.versions) == first


def test_the_texts_are_there_before_the_version_that_names_them(shelf: Shelf) -> None:
    class Full(MemoryContent):
        def keep(self, _key: str, _content: bytes, _content_type: str) -> None:
            raise OSError("no room")

    broken = replace(shelf, texts=Full())

    with pytest.raises(OSError, match="no room"):
        broken.publish(after=0)

    assert shelf.versions.read(TERMS.id, 1) is None


def test_a_language_without_a_title_is_refused_and_nothing_is_kept(shelf: Shelf) -> None:
    draft = Draft(0, {"en": "x", "fr": "y", "de": "z"}, "", material=False, effective_at=shelf.now)

    with pytest.raises(Invalid) as refusal:
        publish(TERMS, draft, versions=shelf.versions, texts=shelf.texts, log="l", by="k", now=shelf.now)

    assert [one.pointer for one in refusal.value.violations] == ["/texts/de", "/texts/fr"]
    assert shelf.texts.files == {}


def test_a_first_version_may_say_a_past_date_and_is_in_force_from_now(shelf: Shelf) -> None:
    assert shelf.publish(after=0, in_=-A_DAY).effective_at == shelf.now.replace(microsecond=123_000)


def test_a_later_version_cannot_take_effect_in_the_past(shelf: Shelf) -> None:
    shelf.publish(after=0)

    with pytest.raises(Invalid) as refusal:
        shelf.publish(after=1, in_=-A_DAY)

    assert refusal.value.violations[0].pointer == "/effective_at"


def test_the_highest_version_that_has_taken_effect_is_in_force(shelf: Shelf) -> None:
    shelf.publish(after=0)
    shelf.publish(after=1, in_=2 * A_DAY)
    shelf.publish(after=2, in_=A_DAY)

    def in_force(in_: timedelta) -> int:
        return version_in_force(TERMS.id, versions=shelf.versions, now=shelf.now + in_).number

    assert [in_force(days * A_DAY) for days in (0, 1, 2)] == [1, 3, 3]


def test_before_the_first_version_takes_effect_none_is_in_force(shelf: Shelf) -> None:
    with pytest.raises(NotFound):
        version_in_force(TERMS.id, versions=shelf.versions, now=shelf.now)
    shelf.publish(after=0, in_=A_DAY)

    with pytest.raises(NotFound):
        version_in_force(TERMS.id, versions=shelf.versions, now=shelf.now)


def test_the_version_in_force_is_found_behind_any_number_of_coming_ones(tenant: Account, now: datetime) -> None:
    shelf = Shelf(PolicyVersions(MemoryRegister(tenant.id)), MemoryContent(), now)  # type: ignore[arg-type]  # has its shape
    shelf.publish(after=0)
    for after in range(1, 120):
        shelf.publish(after=after, in_=A_DAY)

    assert version_in_force(TERMS.id, versions=shelf.versions, now=now).number == 1


def test_a_material_change_is_what_later_versions_refer_to(shelf: Shelf) -> None:
    made = [shelf.publish(after=after, material=material) for after, material in enumerate([False, False, True, False])]

    assert [one.material_version for one in made] == [1, 1, 3, 3]


def test_versions_are_listed_newest_first_with_a_cursor(tenant: Account, now: datetime) -> None:
    shelf = Shelf(PolicyVersions(MemoryRegister(tenant.id)), MemoryContent(), now)  # type: ignore[arg-type]  # has its shape
    for after in range(51):
        shelf.publish(after=after)

    first, cursor = list_versions(TERMS.id, after=None, versions=shelf.versions)
    second, last = list_versions(TERMS.id, after=cursor, versions=shelf.versions)

    assert [one.number for one in first + second] == list(range(51, 0, -1))
    assert (len(first), last) == (50, None)


def test_what_was_never_published_is_not_found(shelf: Shelf) -> None:
    version = shelf.publish(after=0)

    with pytest.raises(NotFound):
        read_version(TERMS.id, 2, versions=shelf.versions)
    with pytest.raises(NotFound, match="published in en"):
        read_text(version, "bg", texts=shelf.texts)


def test_a_neighbours_document_of_the_same_name_is_another(tenant: Account, neighbour: Account, now: datetime) -> None:
    mine = Shelf(PolicyVersions(tenant.register), MemoryContent(), now)
    theirs = Shelf(PolicyVersions(neighbour.register), MemoryContent(), now)
    mine.publish(after=0)

    assert theirs.versions.read(TERMS.id, 1) is None
    assert theirs.versions.newest_first(TERMS.id, limit=9) == []
    with pytest.raises(NotFound):
        version_in_force(TERMS.id, versions=theirs.versions, now=now)
    assert theirs.publish(after=0, text="theirs").number == 1
    assert mine.versions.read(TERMS.id, 1) == mine.versions.newest_first(TERMS.id, limit=1)[0]


def test_a_document_is_made_once_renamed_and_listed(documents: MemoryDocuments) -> None:
    create_policy(TERMS, documents=documents)

    with pytest.raises(Conflict):
        create_policy(TERMS, documents=documents)
    renamed, version = rename_policy(TERMS.id, {"en": "New terms"}, after=1, documents=documents)
    with pytest.raises(Conflict):
        rename_policy(TERMS.id, {"en": "Late"}, after=1, documents=documents)

    assert (version, read_policy(TERMS.id, documents=documents)) == (2, (renamed, 2))
    assert renamed == replace(TERMS, titles={"en": "New terms"})
    assert list_policies(after=None, documents=documents) == ([renamed], None)


def test_a_document_that_nobody_made_is_not_found(documents: MemoryDocuments) -> None:
    with pytest.raises(NotFound):
        read_policy(TERMS.id, documents=documents)
    with pytest.raises(NotFound):
        rename_policy(TERMS.id, {"en": "x"}, after=1, documents=documents)


def names() -> Iterator[PolicyId]:
    return (PolicyId(f"p{number:03d}") for number in range(51))


def test_documents_are_listed_in_order_with_a_cursor(documents: MemoryDocuments) -> None:
    for name in names():
        create_policy(replace(TERMS, id=name), documents=documents)

    first, cursor = list_policies(after=None, documents=documents)
    second, last = list_policies(after=cursor, documents=documents)

    assert [one.id for one in first + second] == list(names())
    assert (len(first), last) == (50, None)
