"""What the documents point at is there, and what they say of files and targets is so."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("infra/**/*.md"), *ROOT.glob("banner/**/*.md")])
PAGES = [page for page in PAGES if "node_modules" not in page.parts]


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_somewhere(page: Path) -> None:
    prose = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    targets = [one for one in re.findall(r"\]\(([^)\s]+)\)", prose) if not re.match(r"[a-z]+:", one)]

    for target in targets:
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), f"{named(page)} links to {target}"
        assert not anchor or anchor in anchors(found), f"{named(page)} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_make_target_that_is_named_can_be_made(page: Path) -> None:
    named_targets = set(re.findall(r"`?make ([a-z]+)\b(?=`|\s+#|$)", page.read_text("utf-8"), re.MULTILINE))
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))

    assert named_targets <= targets


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_page_names_a_place_on_somebodys_machine(page: Path) -> None:
    assert not re.search(r"(?<![\w.])/(?:work|root|home|Users)/", page.read_text("utf-8"))


def test_the_readme_says_how_large_gate_and_window_are() -> None:
    files = json.loads((ROOT / "banner/dist/manifest.json").read_bytes())["files"]
    readme = (ROOT / "README.md").read_text("utf-8")

    for name in ("gate.js", "window.js"):
        assert f"{files[name]['bytes']:,} bytes, {files[name]['brotli']:,} in brotli" in readme
