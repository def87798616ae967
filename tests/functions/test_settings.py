import re
from dataclasses import fields
from pathlib import Path

import pytest

from functions.settings import BANNER, PREFIX, Settings

ROOT = Path(__file__).parent.parent.parent
NAMES = [field.name for field in fields(Settings)]
OPTIONAL = {"operator_mail", "timestamp_authority", "timestamp_roots"}
COMPLETE = {PREFIX + name.upper(): f"a {name}" for name in NAMES}


def test_every_setting_is_read_from_its_variable() -> None:
    settings = Settings.from_environment({**COMPLETE, "CONSENTINEL_UNKNOWN": "x"})

    assert {name: getattr(settings, name) for name in NAMES} == {name: f"a {name}" for name in NAMES}


def test_what_is_missing_or_empty_is_named_all_at_once() -> None:
    incomplete = COMPLETE | {"CONSENTINEL_LOG_HOST": ""}
    del incomplete["CONSENTINEL_API_BASE"]

    with pytest.raises(LookupError) as refusal:
        Settings.from_environment(incomplete)

    assert str(refusal.value) == "These settings are missing from the environment: CONSENTINEL_API_BASE, CONSENTINEL_LOG_HOST"


def test_what_a_deployment_can_do_without_may_be_missing() -> None:
    needed = {PREFIX + name.upper(): "there" for name in NAMES if name not in OPTIONAL}

    settings = Settings.from_environment(needed)

    assert {name for name in NAMES if not getattr(settings, name)} == OPTIONAL


def test_the_reference_lists_exactly_the_settings_that_there_are_in_their_words() -> None:
    page = (ROOT / "docs/reference/settings.md").read_text()
    documented = dict(re.findall(r"^\| `(CONSENTINEL_\w+)` \| (.+) \|$", page, re.MULTILINE))

    described = dict(re.findall(r"^ {8}(\w+): (.+)\.$", Settings.__doc__ or "", re.MULTILINE))

    assert documented == {PREFIX + name.upper(): described[name] for name in NAMES}


def test_nothing_else_reads_the_environment() -> None:
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "functions").rglob("*.py")
        if re.search(r"\bos\.(environ|getenv)|from os import .*(environ|getenv)", path.read_text())
    }

    assert readers == {"functions/settings.py"}


def test_only_the_clock_asks_for_the_time() -> None:
    askers = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "functions").rglob("*.py")
        if re.search(r"datetime\.now|\butcnow|time\.(time|monotonic)\(", path.read_text())
    }

    assert askers == {"functions/clock.py"}


def test_the_banner_stands_beside_the_package() -> None:
    assert ROOT / "banner" == BANNER
