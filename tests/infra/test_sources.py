"""What the app is bound to is read from the app and from the template, not typed a third time."""

from datetime import UTC, datetime

import pytest

from infra.local import resources
from infra.local.pump.sources import Source, sources_of, wanted
from infra.local.pump.ticker import following
from infra.local.resources import Resources
from tests.support.aws import Aws


@pytest.fixture
def made(aws: Aws) -> Resources:
    return resources.make(aws.session)


@pytest.fixture
def sources(made: Resources) -> dict[str, Source]:
    import app

    return {source.name: source for source in sources_of(app.app, made)}


def test_each_function_that_is_not_called_by_http_has_its_source(sources: dict[str, Source]) -> None:
    assert {name: source.kind for name, source in sources.items()} == {
        **dict.fromkeys(("sequence", "watch"), "DynamoDB"),
        **dict.fromkeys(("ledger", "project", "upkeep", "dispute", "audit", "mail"), "SQS"),
        **dict.fromkeys(("reconcile", "daily"), "Schedule"),
    }


def test_what_the_template_refers_to_is_what_was_made(sources: dict[str, Source], made: Resources) -> None:
    followers = {"sequence": "SequenceFailures", "watch": "WatchFailures"}
    takers = {"ledger": "LedgerQueue", "project": "BatchQueue", "upkeep": "UpkeepQueue", "dispute": "DisputeQueue"}

    for name, failures in followers.items():
        properties = sources[name].properties
        assert properties["Stream"] == made.attribute("RegisterTable", "StreamArn")
        assert properties["DestinationConfig"]["OnFailure"]["Destination"] == made.attribute(failures, "Arn")
    for name, queue in (takers | {"mail": "MailQueue"}).items():
        assert sources[name].properties["Queue"] == made.attribute(queue, "Arn")


@pytest.mark.parametrize(("name", "kinds"), [("sequence", ["INSERT"]), ("watch", ["MODIFY", "REMOVE"])])
def test_the_sequencer_is_told_of_new_entries_and_the_watcher_of_all_others(
    sources: dict[str, Source], name: str, kinds: list[str]
) -> None:
    assert [kind for kind in ("INSERT", "MODIFY", "REMOVE") if wanted(sources[name], {"eventName": kind})] == kinds


def test_every_schedule_can_be_read_by_the_ticker(sources: dict[str, Source]) -> None:
    now = datetime(2026, 11, 25, 14, 37, 12, tzinfo=UTC)
    schedules = [str(source.properties["Schedule"]) for source in sources.values() if source.kind == "Schedule"]

    assert sorted(following(one, now) for one in schedules) == [
        datetime(2026, 11, 25, 14, 52, 12, tzinfo=UTC),
        datetime(2026, 11, 26, 2, 10, tzinfo=UTC),
    ]
