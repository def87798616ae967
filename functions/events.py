"""The edge of streams and queues: what failed is reported, so that only that comes again."""

import json
from base64 import b64decode
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from functions import telemetry

if TYPE_CHECKING:
    from chalice.app import DynamoDBEvent, SQSEvent

    from functions.wiring import Wiring


def inserted(event: "DynamoDBEvent", wiring: "Wiring") -> dict[str, Any]:
    """New entries of the register, sequenced together; the stream goes on from the first that has to come again."""
    from functions.sequencer.tasks import sequence  # noqa: PLC0415 - requests need none of it

    records = [record for record in event.to_dict()["Records"] if record["eventName"] == "INSERT"]
    told = ((record["dynamodb"]["SequenceNumber"], _item(record["dynamodb"]["NewImage"])) for record in records)
    return _failed(sequence(told, wiring=wiring))


def changed(event: "DynamoDBEvent", wiring: "Wiring") -> dict[str, Any]:
    """Entries that somebody changed or removed."""
    from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType  # noqa: PLC0415 - requests need none of it

    from functions.watcher.tasks import watch  # noqa: PLC0415 - nobody but the watcher needs it

    def handle(record: dict[str, Any]) -> None:
        images = {name: _item(record["dynamodb"][name]) for name in ("OldImage", "NewImage") if name in record["dynamodb"]}
        watch(record["dynamodb"]["SequenceNumber"], images.get("OldImage"), images.get("NewImage"), wiring=wiring)

    records = [record for record in event.to_dict()["Records"] if record["eventName"] in {"MODIFY", "REMOVE"}]
    return _each(records, BatchProcessor(EventType.DynamoDBStreams, raise_on_entire_batch_failure=False), handle)


class Task(Protocol):
    """Does what a message says."""

    def __call__(self, body: dict[str, Any], *, wiring: "Wiring") -> None: ...


def messages(event: "SQSEvent", task: Task, wiring: "Wiring") -> dict[str, Any]:
    """Messages of a queue, each a JSON object."""
    from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType  # noqa: PLC0415 - requests need none of it

    def handle(record: dict[str, Any]) -> None:
        task(json.loads(record["body"]), wiring=wiring)

    records = event.to_dict()["Records"]
    return _each(records, BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False), handle)


def _each(records: list[dict[str, Any]], processor: Any, handle: Callable[[dict[str, Any]], None]) -> dict[str, Any]:  # noqa: ANN401 - BatchProcessor, imported late
    from aws_lambda_powertools.utilities.batch import process_partial_response  # noqa: PLC0415 - requests need none of it

    # Powertools finds the parameter by its name.
    def record_handler(record: Any) -> None:  # noqa: ANN401 - a Powertools data class of the source's kind
        handle(record.raw_event)

    if not records:
        return _failed([])
    event = {"Records": records}
    answer: dict[str, Any] = dict(process_partial_response(event=event, record_handler=record_handler, processor=processor))
    for _, exception, _ in processor.exceptions:
        telemetry.logger.error("a record failed and will come again", exc_info=exception)
    telemetry.count(RecordsHandled=len(records), RecordsFailed=len(answer["batchItemFailures"]))
    return answer


def _failed(names: list[str]) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": name} for name in names]}


def _item(image: dict[str, Any]) -> dict[str, Any]:
    """An image of a stream event as the client gives items: binaries as bytes."""
    return {name: {"B": b64decode(value["B"])} if "B" in value else value for name, value in image.items()}
