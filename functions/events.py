"""The edge of streams and queues: each record handled for itself, those that failed reported so that only they come again."""

from base64 import b64decode
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from functions import telemetry

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch import BatchProcessor
    from chalice.app import DynamoDBEvent, SQSEvent

    from functions.wiring import Wiring


def inserted(event: "DynamoDBEvent", wiring: "Wiring") -> dict[str, Any]:
    """New entries of the register; anything but an insert is none of this reader's business."""
    from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType  # noqa: PLC0415 - requests need none of it

    from functions.register.tasks import entered  # noqa: PLC0415

    def handle(record: dict[str, Any]) -> None:
        if record["eventName"] == "INSERT":
            entered(_item(record["dynamodb"]["NewImage"]), wiring=wiring)

    return _each(event.to_dict(), BatchProcessor(EventType.DynamoDBStreams, raise_on_entire_batch_failure=False), handle)


def messages(event: "SQSEvent", wiring: "Wiring") -> dict[str, Any]:
    """Letters that wait to be sent."""
    from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType  # noqa: PLC0415 - requests need none of it

    from functions.mail.tasks import send  # noqa: PLC0415

    def handle(record: dict[str, Any]) -> None:
        send(record["body"], wiring=wiring)

    return _each(event.to_dict(), BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False), handle)


def _each(event: dict[str, Any], processor: "BatchProcessor", handle: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    from aws_lambda_powertools.utilities.batch import process_partial_response  # noqa: PLC0415

    # Powertools finds the parameter by its name.
    def record_handler(record: Any) -> None:  # noqa: ANN401 - a Powertools data class of the source's kind
        handle(record.raw_event)

    answer: dict[str, Any] = dict(process_partial_response(event=event, record_handler=record_handler, processor=processor))
    for _, exception, _ in processor.exceptions:
        telemetry.logger.error("a record failed and will come again", exc_info=exception)
    telemetry.count(RecordsHandled=len(event["Records"]), RecordsFailed=len(answer["batchItemFailures"]))
    return answer


def _item(image: dict[str, Any]) -> dict[str, Any]:
    """An image of a stream event as the client gives items: binaries as bytes."""
    return {name: {"B": b64decode(value["B"])} if "B" in value else value for name, value in image.items()}
