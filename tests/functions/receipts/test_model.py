from dataclasses import replace
from datetime import UTC, datetime

import pytest

from functions.anchors.model import AnchorKind, AnchorRow, CheckpointRef
from functions.consents.entry import Entry
from functions.errors import Invalid, NotFound
from functions.ids import PolicyId, RecordId, TenantId
from functions.ledger.leaf import leaf_hash, members
from functions.policies.model import PolicyKind, PolicyVersion, Text
from functions.receipts.logs import Growth, year_of
from functions.receipts.model import Opening, telling
from functions.receipts.rendering import Renderer, controller
from functions.tenants.model import Tenant
from functions.vault.model import Subject, new_subject_id
from tests.support.receipts import BANNER, RECORD, commitment, leaf_of

AT = datetime(2026, 3, 1, tzinfo=UTC)
TENANT = Tenant(TenantId("rosaandthyme"), "Rosa & Thyme", {"languages": ["bg"]})
VERSION = PolicyVersion(
    policy=PolicyId("newsletter"),
    number=2,
    kind=PolicyKind.CONSENT_DECLARATION,
    titles={"bg": "Бюлетин"},
    texts={"bg": Text("a" * 64, "b" * 64, 10)},
    change_note="",
    material=True,
    material_version=2,
    effective_at=AT,
    published_at=AT,
    published_by="key:1",
)


def rows(*sizes: int) -> list[AnchorRow]:
    return [AnchorRow(AnchorKind.RFC3161, CheckpointRef(2026, size), AT, f"{size}.tsr") for size in sizes]


@pytest.mark.parametrize(("index", "chosen"), [(0, [10, 90]), (9, [10, 90]), (10, [20, 90]), (89, [90]), (90, [])])
def test_the_first_and_the_last_anchor_that_hold_an_entry_are_told_of(index: int, chosen: list[int]) -> None:
    found = telling(rows(10, 20, 90), index=index)

    assert [row.ref.size for row in found] == chosen


def found_version(policy: PolicyId, number: int) -> PolicyVersion:
    assert (policy, number) == ("newsletter", 2)
    return VERSION


def gone(_policy: PolicyId, _number: int) -> PolicyVersion:
    raise NotFound("There is no such version of this document.")


def test_a_document_is_rendered_with_the_addresses_of_its_text_and_its_page() -> None:
    says = members(leaf_of())

    rendered = Renderer(TENANT, "https://cdn.example", found_version).render(says)

    (notice,) = rendered["privacy_notices"]
    assert notice["title"] == "Бюлетин"
    assert notice["text"] == f"https://cdn.example/t/{says['pol']['sha256']}.md"
    assert notice["page"] == f"https://cdn.example/t/{'b' * 64}.html"
    assert rendered["purposes"] == [{"purpose": "newsletter", "purpose_type": "consent_declaration", "granted": True}]
    assert rendered["event"]["event_time"] == "2026-03-01T12:00:00.000Z"


@pytest.mark.parametrize(("act", "granted"), [("given", True), ("renewed", True), ("refused", False), ("withdrawn", False)])
def test_what_was_refused_or_withdrawn_is_not_granted(act: str, granted: bool) -> None:
    rendered = Renderer(TENANT, "https://cdn.example", found_version).render(members(leaf_of({"act": act})))

    assert rendered["purposes"][0]["granted"] is granted


def test_a_document_whose_version_is_gone_is_still_named_by_its_hash() -> None:
    says = members(leaf_of())

    rendered = Renderer(TENANT, "https://cdn.example", gone).render(says)

    (notice,) = rendered["privacy_notices"]
    assert (notice["title"], notice["page"]) == (None, None)
    assert notice["sha256"] == says["pol"]["sha256"]
    assert rendered["purposes"][0]["purpose_type"] is None


def test_a_decision_is_rendered_by_category_with_the_window_that_was_shown() -> None:
    says = members(leaf_of(BANNER))

    rendered = Renderer(TENANT, "https://cdn.example", gone).render(says)

    assert {one["purpose"]: one["granted"] for one in rendered["purposes"]} == says["cat"]
    window = f"https://cdn.example/s/pk_rosaandthyme_main/{says['cfg']['sha256']}/config.json"
    assert rendered["shown"]["config"] == {"version": 3, "sha256": says["cfg"]["sha256"], "window": window}
    assert rendered["shown"]["build"] == "b" * 64


def test_the_controller_is_who_the_profile_says_or_else_the_account() -> None:
    profile = {
        "company": "Роза ЕООД",
        "registration_number": "202020202",
        "addresses": [{"kind": "registered", "text": "София"}, {"kind": "office", "text": "Пловдив"}],
        "dpo": {"name": "Ivan Petrov", "email": "dpo@example.com"},
    }

    whole, bare = controller(Tenant(TENANT.id, "Rosa", profile)), controller(TENANT)

    assert (whole["party_name"], whole["party_address"]) == ("Роза ЕООД", "София")
    assert whole["party_contact"] == "Ivan Petrov, dpo@example.com"
    assert bare["party_name"] == "Rosa & Thyme"
    assert {value for name, value in bare.items() if name != "party_name"} == {None}


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        (None, "1", ["/from"]),
        ("1", None, ["/to"]),
        ("0", "x", ["/from", "/to"]),
        ("01", "2", ["/from"]),
        ("1", "1" * 13, ["/to"]),
        ("2", "1", ["/from"]),
        ("١", "2", ["/from"]),
    ],
)
def test_what_is_no_pair_of_sizes_is_refused(old: str | None, new: str | None, wrong: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        Growth.parse(old, new)

    assert [violation.pointer for violation in refused.value.violations] == wrong


def test_sizes_are_read_the_smaller_first() -> None:
    assert Growth.parse("3", "1204") == Growth(3, 1204)
    assert Growth.parse("3", "3") == Growth(3, 3)


@pytest.mark.parametrize("text", ["2025", "2028", "26", "２０２６", "2026 ", "now", ""])
def test_a_year_without_a_log_is_not_found(text: str) -> None:
    with pytest.raises(NotFound):
        year_of(text, this_year=2027)


def test_this_year_and_those_before_have_logs() -> None:
    assert [year_of(text, this_year=2027) for text in ("2026", "2027")] == [2026, 2027]


def sealed(personal: dict[str, str], *, owner: Subject, committed: dict[str, str]) -> Entry:
    """An entry whose leaf commits to something, with something sealed beside it."""
    leaf = leaf_of({"pii": owner.commitment(committed, record=RECORD)})
    return Entry.of(RecordId(RECORD), leaf, signature=b"", sealed=owner.seal(personal, leaf_hash=leaf_hash(leaf)))


def test_a_record_is_opened_with_the_salt_that_its_commitment_is_checked_by() -> None:
    owner, told = Subject(new_subject_id(), bytes(32)), {"email": "ann@example.com"}

    opening = Opening.of(sealed(told, owner=owner, committed=told), owner)

    assert opening is not None
    assert opening.to_json()["personal"] == told
    assert commitment(told, opening.salt) == owner.commitment(told, record=RECORD)


def test_nothing_is_opened_without_the_key_or_when_what_was_sealed_is_not_what_was_committed_to() -> None:
    owner, told = Subject(new_subject_id(), bytes(32)), {"email": "ann@example.com"}
    entry = sealed(told, owner=owner, committed=told)

    assert Opening.of(entry, None) is None
    assert Opening.of(entry, Subject(owner.id, bytes([1]) * 32)) is None
    assert Opening.of(replace(entry, sealed=entry.sealed[::-1]), owner) is None
    assert Opening.of(sealed({"email": "eve@example.com"}, owner=owner, committed=told), owner) is None
