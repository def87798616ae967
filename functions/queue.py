"""Queues that parts of the platform hand work to each other by; what is in them is references, never personal data."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient

LONGEST_DELAY_S = 900


@dataclass(frozen=True, slots=True)
class Queue:
    """One SQS queue; what was posted is handed over at least once, in any order."""

    client: "SQSClient"
    url: str

    def post(self, body: Mapping[str, Any], *, delay_s: int = 0) -> None:
        """Whole seconds, up to fifteen minutes."""
        delay = min(max(delay_s, 0), LONGEST_DELAY_S)
        self.client.send_message(QueueUrl=self.url, MessageBody=json.dumps(body), DelaySeconds=delay)
