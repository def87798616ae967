"""Every AWS call of the story, spoiled in every way: whatever it was, the end is the same."""

import sys
from collections.abc import Callable

import pytest

from tests.faults.checks import check
from tests.faults.faults import Faults, Kind
from tests.faults.story import Story

StoryOf = Callable[[], Story]


def test_the_story_ends_well_when_nothing_is_spoiled(story_of: StoryOf) -> None:
    story = story_of()

    story.tell()

    check(story)
    assert story.restarts == 0


def trace(story_of: StoryOf) -> list[str]:
    """The calls of a story in which nothing is spoiled."""
    story = story_of()
    story.tell()
    story.leave()
    return story.faults.calls


def spoiled(story_of: StoryOf, at: int, kind: Kind) -> Story:
    story = story_of()
    story.faults = Faults(at=at, kind=kind)
    story.tell()
    check(story)
    story.leave()
    return story


@pytest.mark.parametrize("kind", Kind)
def test_some_calls_of_each_step_spoiled_change_nothing(story_of: StoryOf, kind: Kind) -> None:
    calls = trace(story_of)
    chosen = range(list(Kind).index(kind), len(calls), 31)

    for at in chosen:
        story = spoiled(story_of, at, kind)
        assert story.faults.calls[at] == calls[at]


@pytest.mark.prove
def test_every_call_spoiled_in_every_way_changes_nothing(
    story_of: StoryOf, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    calls = trace(story_of)
    restarts = 0

    for at in range(len(calls)):
        for kind in Kind:
            restarts += spoiled(story_of, at, kind).restarts
            capsys.readouterr()
            caplog.clear()  # what is logged of an exception keeps everything alive that it passed

    with capsys.disabled():
        sys.stdout.write(f"\n{len(calls)} calls x {len(Kind)} ways, {restarts} crashes: all recovered, nothing omitted\n")
