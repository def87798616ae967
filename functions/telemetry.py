"""What is told of a run: log lines with an allow-list of fields, and metrics without a tenant in them.

Personal data cannot get into a log line: only the fields below are written, and of an exception its types and places, never
its message, because messages of libraries quote what they were given.
"""

import json
import logging
import traceback
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

# The name of the Chalice app, so that what Chalice logs of an unforeseen exception goes the same way.
NAME = "consentinel"

FIELDS = (
    *("level", "timestamp", "message", "location", "service", "function_name", "function_request_id", "cold_start"),
    *("operation", "status", "entry", "entries", "exception"),
)


class AllowedFields(LambdaPowertoolsFormatter):
    """One JSON object a line, of the allowed fields only."""

    def format(self, record: logging.LogRecord) -> str:
        exception = told(record.exc_info[1]) if record.exc_info and record.exc_info[1] else None
        record.exc_info = record.exc_text = None
        line: dict[str, Any] = json.loads(super().format(record))
        if exception:
            # What Chalice says of it names the view; the arguments of the message could name more.
            line |= {"message": str(record.msg), "exception": exception}
        return json.dumps({name: line[name] for name in FIELDS if line.get(name) is not None}, ensure_ascii=False)


def told(error: BaseException) -> list[dict[str, Any]]:
    """The exception and what caused it: type, AWS error code if it has one, and the places it passed."""
    chain: list[dict[str, Any]] = []
    cause: BaseException | None = error
    while cause is not None and len(chain) < 5:  # noqa: PLR2004 - deeper causes tell nothing new
        frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(cause.__traceback__)]
        response: Any = getattr(cause, "response", None)
        code = response.get("Error", {}).get("Code") if isinstance(response, Mapping) else None
        chain.append({"type": type(cause).__qualname__, **({"code": code} if code else {}), "at": frames[-12:]})
        cause = cause.__cause__
    return chain


logger = Logger(service=NAME, logger_formatter=AllowedFields())


def count(**metrics: int) -> None:
    """Write what was counted in this invocation as one line (CloudWatch embedded metric format); zeros are left out."""
    counted = EphemeralMetrics(namespace="Consentinel", service="api")
    for name, value in metrics.items():
        if value:
            counted.add_metric(name=name, unit=MetricUnit.Count, value=value)
    if counted.metric_set:
        counted.flush_metrics()
