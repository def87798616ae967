"""Mails leave by SES."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.mail.model import Mail

if TYPE_CHECKING:
    from mypy_boto3_sesv2.client import SESV2Client


@dataclass(frozen=True, slots=True)
class SesMails:
    """SES v2, from one verified sender."""

    client: "SESV2Client"
    sender: str

    def send(self, mail: Mail) -> None:
        self.client.send_email(
            FromEmailAddress=self.sender,
            Destination={"ToAddresses": [mail.to]},
            Content={
                "Simple": {
                    "Subject": {"Data": mail.subject, "Charset": "UTF-8"},
                    "Body": {
                        "Text": {"Data": mail.text, "Charset": "UTF-8"},
                        "Html": {"Data": mail.html, "Charset": "UTF-8"},
                    },
                }
            },
        )
