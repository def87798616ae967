import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from functions.errors import Invalid
from functions.schema import MAX_VIOLATIONS, PACKAGE, Schema
from tests.support.schemas import changed, ecma, valid

FILES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.glob("*/schemas/*.json"))
CANARY = "canary-7f3a"
BANNER, SUBMISSION, TENANT = (
    Schema(f"{path}.json") for path in ("cookies/schemas/banner", "consents/schemas/submission", "tenants/schemas/tenant")
)
SMALL_TENANT = {"version": 1, "name": "A", "profile": {}, "regimes": ["opt-in"], "ip_mode": "none"}


def judge(schema: Schema) -> Draft7Validator:
    """jsonschema by itself, told what $ means."""

    def translated(part: Any) -> Any:
        match part:
            case dict():
                return {k: ecma(v) if k == "pattern" and isinstance(v, str) else translated(v) for k, v in part.items()}
            case list():
                return [translated(one) for one in part]
            case _:
                return part

    return Draft7Validator(translated(schema.document()))


def refusal_of(schema: Schema, document: Any) -> Invalid | None:
    try:
        schema.check(document)
    except Invalid as refusal:
        return refusal
    return None


def pointers(refusal: Invalid) -> list[tuple[str, str]]:
    return [(one.pointer, one.expected) for one in refusal.violations]


@pytest.mark.parametrize("path", FILES)
def test_each_schema_is_one_of_draft_7_and_closed(path: str) -> None:
    document = Schema(path).document()

    Draft7Validator.check_schema(document)
    assert document["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert document["additionalProperties"] is False


@pytest.mark.parametrize("path", FILES)
def test_both_validators_accept_what_the_schema_allows_and_agree_on_what_was_changed(path: str) -> None:
    schema = Schema(path)
    independent = judge(schema)
    documents = valid(schema.document(), schema.document())

    @settings(deadline=None, max_examples=25, database=None, suppress_health_check=list(HealthCheck))
    @given(documents, st.data())
    def agree(document: Any, data: st.DataObject) -> None:
        assert refusal_of(schema, document) is None
        assert independent.is_valid(document)
        for _ in range(4):
            other = data.draw(changed(document))
            refusal = refusal_of(schema, other)
            assert (refusal is None) == independent.is_valid(other)
            assert refusal is None or refusal.violations

    agree()


@pytest.mark.parametrize("junk", [None, True, 0, "", [], {}, [[]], "x" * 100_000, [1] * 10_000])
@pytest.mark.parametrize("path", FILES)
def test_no_schema_stumbles_over_something_of_another_kind(path: str, junk: Any) -> None:
    refusal = refusal_of(Schema(path), junk)

    assert (refusal is None) == judge(Schema(path)).is_valid(junk)


@pytest.mark.parametrize(
    ("change", "violations"),
    [
        ({"name": ""}, [("/name", "the account's name, 1 to 200 characters")]),
        ({"name": 7}, [("/name", "the account's name, 1 to 200 characters")]),
        ({"regimes": ["opt-out"]}, [("/regimes", "the consent regimes that the sites serve, opt-in among them")]),
        ({"ip_mode": "all"}, [("/ip_mode", "one of truncate, keyed_hash, full, none")]),
        ({"profile": {"languages": ["bg", "BG"]}}, [("/profile/languages/1", "a language as ISO 639-1")]),
        ({"profile": {"dpo": {"name": "Eva"}}}, [("/profile/dpo", "the members email")]),
        ({"other": 1}, [("", "no other members than version, name, regimes, ip_mode, profile")]),
    ],
)
def test_a_violation_says_where_and_what_belongs_there(change: dict[str, Any], violations: list[tuple[str, str]]) -> None:
    with pytest.raises(Invalid) as refusal:
        TENANT.check(SMALL_TENANT | change)

    assert pointers(refusal.value) == violations


def test_everything_that_is_wrong_is_said_at_once_but_not_without_end() -> None:
    with pytest.raises(Invalid) as two:
        TENANT.check(SMALL_TENANT | {"name": "", "version": 0})
    with pytest.raises(Invalid) as many:
        TENANT.check(SMALL_TENANT | {"profile": {"languages": [f"X{n}" for n in range(50)]}})

    assert {one.pointer for one in two.value.violations} == {"/name", "/version"}
    assert len(many.value.violations) == MAX_VIOLATIONS


@pytest.mark.parametrize("language", ["bg\n", "\nbg", "bg\r", "bg ", "b\ng"])
def test_a_line_break_never_slips_past_the_end_of_a_pattern(language: str) -> None:
    with pytest.raises(Invalid) as refusal:
        TENANT.check(SMALL_TENANT | {"profile": {"languages": [language]}})

    assert pointers(refusal.value) == [("/profile/languages/0", "a language as ISO 639-1")]


@pytest.mark.parametrize(
    ("schema", "document"),
    [
        (TENANT, SMALL_TENANT | {"name": [CANARY]}),
        (TENANT, SMALL_TENANT | {CANARY: 1}),
        (TENANT, SMALL_TENANT | {"profile": {CANARY: {CANARY: 1}}}),
        (TENANT, SMALL_TENANT | {"ip_mode": CANARY}),
        (TENANT, SMALL_TENANT | {"profile": {"countries": [CANARY, CANARY]}}),
        (TENANT, SMALL_TENANT | {"profile": {"contact_email": CANARY}}),
        (SUBMISSION, {"acts": CANARY, "identity": {"email": CANARY * 100, CANARY: 1}, "subject_token": CANARY * 50}),
        (SUBMISSION, {"acts": [{CANARY: 1, "act": CANARY, "policy": {"id": f"{CANARY}@"}, "categories": {CANARY: True}}]}),
        (BANNER, {"texts": {f"{CANARY}@example.com": {f"{CANARY}@example.com": 1}}}),
        (BANNER, {"theme": {f"--consentinel-{CANARY}@": CANARY}, "vendors": [{"name": 1, "domains": [CANARY], CANARY: 0}]}),
        (BANNER, {"cookies": [{"name": "", "purposes": {f"{CANARY}/~": 5}}]}),
    ],
)
def test_a_refusal_never_quotes_what_was_sent(schema: Schema, document: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        schema.check(document)

    assert refusal.value.violations
    assert CANARY not in json.dumps([refusal.value.detail, *pointers(refusal.value)])


@pytest.mark.parametrize("text", ["a" * 16_000, "a." * 8_000, "a-" * 8_000, "a@" * 8_000, "1" * 16_000 + ".", " " * 16_000])
@pytest.mark.parametrize("path", [path for path in FILES if '"pattern"' in (PACKAGE / path).read_text()])
def test_no_pattern_takes_long_over_a_long_text(path: str, text: str) -> None:
    import re
    import time

    patterns = set(re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', (PACKAGE / path).read_text()))

    begun = time.perf_counter()
    for pattern in patterns:
        re.search(ecma(json.loads(pattern)), text)

    assert time.perf_counter() - begun < 0.5


@pytest.mark.parametrize(
    ("path", "name"),
    [("consents/schemas/submission.json", "ConsentsSubmission"), ("policies/schemas/new-policy.json", "PoliciesNewPolicy")],
)
def test_a_schema_is_named_after_its_noun_and_file(path: str, name: str) -> None:
    assert Schema(path).name == name


def test_good_input_never_loads_the_slow_validator() -> None:
    script = (
        "import sys; from functions.schema import Schema;"
        f"Schema('tenants/schemas/tenant.json').check({SMALL_TENANT!r});"
        "sys.exit('jsonschema' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", script], cwd=PACKAGE.parent, check=False)

    assert done.returncode == 0
