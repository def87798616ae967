"""Letters wait in SQS."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.mail.model import Letter

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient


@dataclass(frozen=True, slots=True)
class LetterQueue:
    """One SQS queue."""

    client: "SQSClient"
    url: str

    def post(self, letter: Letter) -> None:
        self.client.send_message(QueueUrl=self.url, MessageBody=json.dumps(letter.to_json()))
