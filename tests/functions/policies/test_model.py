from dataclasses import replace
from datetime import UTC, datetime

from functions.ids import PolicyId
from functions.ledger.leaf import canonical
from functions.policies.model import Policy, PolicyKind, PolicyVersion, Text, whole_ms

NOW = datetime(2026, 3, 1, 12, 0, 0, 123_000, tzinfo=UTC)
LANGUAGES = [
    "bg",
    "cs",
    "da",
    "de",
    "el",
    "en",
    "es",
    "et",
    "fi",
    "fr",
    "ga",
    "hr",
    "hu",
    "it",
    "lt",
    "lv",
    "mt",
    "nl",
    "pl",
    "pt",
    "ro",
    "sk",
    "sl",
    "sv",
]
VERSION = PolicyVersion(
    policy=PolicyId("a" * 40),
    number=999_999,
    kind=PolicyKind.CONSENT_DECLARATION,
    titles=dict.fromkeys(LANGUAGES, "Т" * 200),
    texts=dict.fromkeys(LANGUAGES, Text("a" * 64, "b" * 64, 200_000)),
    change_note="x" * 2000,
    material=True,
    material_version=999_999,
    effective_at=NOW,
    published_at=NOW,
    published_by="key:0123456789ab",
)


def test_a_version_goes_through_json_and_back() -> None:
    assert PolicyVersion.from_json(VERSION.to_json()) == VERSION


def test_a_policy_goes_through_json_and_back() -> None:
    policy = Policy(PolicyId("terms"), PolicyKind.CONTRACT_TERMS, {"bg": "Общи условия"})

    assert Policy.from_json(policy.id, policy.to_json()) == policy


def test_the_longest_version_in_every_language_fits_a_leaf() -> None:
    assert len(canonical(VERSION.leaf_members(log="x" * 80 + "/" + "0" * 32))) < 700


def test_the_leaf_changes_with_any_languages_text() -> None:
    other = replace(VERSION, texts={**VERSION.texts, "bg": Text("c" * 64, "b" * 64, 1)})
    fewer = replace(VERSION, texts={"en": VERSION.texts["en"]})

    hashes = {one.leaf_members(log="l")["texts"] for one in (VERSION, other, fewer)}

    assert len(hashes) == 3


def test_the_leaf_holds_no_title_note_or_name() -> None:
    leaf = canonical(VERSION.leaf_members(log="l")).decode()

    assert "Т" not in leaf
    assert "key:" not in leaf


def test_a_moment_is_kept_as_the_leaf_can_carry_it() -> None:
    assert whole_ms(NOW.replace(microsecond=123_999)) == NOW
