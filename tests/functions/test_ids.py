import uuid
from datetime import UTC, datetime

import pytest

from functions.errors import Invalid
from functions.ids import Identifier, PolicyId, RecordId, SiteId, SiteKey, SubjectId, TenantId

TENANT = "4k7w2c2d3n5r"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (TenantId, TENANT),
        (SiteId, "main"),
        (SiteId, "a" * 20),
        (SiteKey, f"pk_{TENANT}_main"),
        (PolicyId, "a"),
        (PolicyId, "terms-2"),
        (PolicyId, "a" * 40),
        (SubjectId, "A" * 22),
        (SubjectId, "_-" * 10 + "_g"),
        (RecordId, "0199f0a0-0000-7000-8000-000000000000"),
    ],
)
def test_what_looks_like_the_identifier_becomes_one(kind: type[Identifier], text: str) -> None:
    parsed = kind.parse(text)

    assert parsed == text
    assert type(parsed) is kind


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *(
            (kind, wrong)
            for kind in (TenantId, SiteId, SiteKey, PolicyId, SubjectId, RecordId)
            for wrong in ("", " ", "ж", "a#b", "../a")
        ),
        (TenantId, TENANT + "\n"),
        (TenantId, TENANT[:-1]),
        (TenantId, TENANT[:-1] + "1"),
        (TenantId, TENANT.upper()),
        (SiteId, "a" * 21),
        (SiteId, "main\n"),
        (SiteKey, f"pk_{TENANT}_"),
        (SiteKey, f"pk_{TENANT}_ma_in"),
        (SiteKey, f"sk_{TENANT}_main"),
        (PolicyId, "-a"),
        (PolicyId, "a-"),
        (PolicyId, "a" * 41),
        (PolicyId, "terms\n"),
        (SubjectId, "A" * 21 + "B"),
        (SubjectId, "A" * 21),
        (RecordId, "0199F0A0-0000-7000-8000-000000000000"),
        (RecordId, "0199f0a0-0000-4000-8000-000000000000"),
        (RecordId, "0199f0a0-0000-7000-c000-000000000000"),
        (RecordId, "0199f0a0-0000-7000-8000-000000000000\n"),
        (RecordId, "0199f0a000007000800000000000000000"),
    ],
)
def test_what_cannot_be_the_identifier_is_refused_without_being_quoted(kind: type[Identifier], text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        kind.parse(text)

    assert refusal.value.violations[0].expected == kind.expected
    assert refusal.value.detail == f"That is not {kind.expected}."


def test_new_tenants_get_ids_of_their_own() -> None:
    made = {TenantId.new() for _ in range(200)}

    assert len(made) == 200
    assert all(TenantId.parse(one) == one for one in made)


def test_a_site_key_leads_back_to_its_tenant_and_site() -> None:
    key = SiteKey.of(TenantId(TENANT), SiteId("main"))

    assert (SiteKey.parse(key), key.tenant, key.site) == (key, TENANT, "main")


def test_a_record_id_tells_the_clients_clock_as_the_rfc_has_it() -> None:
    example = RecordId.parse("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")  # RFC 9562, appendix A.6

    assert datetime.fromtimestamp(example.made_ms / 1000, UTC) == datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)


def test_a_record_id_is_what_others_call_version_7() -> None:
    example = uuid.UUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")

    assert (example.version, example.variant) == (7, uuid.RFC_4122)
    assert RecordId.parse(str(example))
