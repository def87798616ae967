"""What the app is bound to is read from the app and from the template, not typed a third time."""

import pytest

from infra.local import resources
from infra.local.pump.sources import Source, sources_of, wanted
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
    assert {name: source.kind for name, source in sources.items()} == {"index": "DynamoDB", "mail": "SQS"}


def test_what_the_template_refers_to_is_what_was_made(sources: dict[str, Source], made: Resources) -> None:
    index, mail = sources["index"].properties, sources["mail"].properties

    assert index["Stream"] == made.attribute("RegisterTable", "StreamArn")
    assert index["DestinationConfig"]["OnFailure"]["Destination"] == made.attribute("IndexFailures", "Arn")
    assert mail["Queue"] == made.attribute("MailQueue", "Arn")


def test_of_the_registers_stream_only_inserts_are_wanted(sources: dict[str, Source]) -> None:
    assert [name for name in ("INSERT", "MODIFY", "REMOVE") if wanted(sources["index"], {"eventName": name})] == ["INSERT"]
