"""The log bucket: what is put there once and never replaced, nor removed before its time by anybody."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

BINARY = "application/octet-stream"
TEXT = "text/plain; charset=utf-8"


class Disagrees(Exception):
    """Another object stands under the key already: two runs that should agree do not, or somebody was here before."""


@dataclass(frozen=True, slots=True)
class LogObjects:
    """Keys as docs/reference/ledger.md lists them."""

    client: "S3Client"
    bucket: str

    def read(self, key: str) -> bytes | None:
        try:
            return self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except self.client.exceptions.NoSuchKey:
            return None

    def keep(self, key: str, content: bytes, content_type: str = BINARY) -> None:
        """Put what follows from its key; the same again changes nothing, anything else raises `Disagrees`."""
        if self.put_once(key, content, content_type) != content:
            raise Disagrees(key)

    def put_once(self, key: str, content: bytes, content_type: str = BINARY) -> bytes:
        """Put, unless there is something already; gives what stands there afterwards."""
        try:
            self.client.put_object(Bucket=self.bucket, Key=key, Body=content, ContentType=content_type, IfNoneMatch="*")
        except ClientError as error:
            # ConditionalRequestConflict: somebody is uploading at this moment. Whether they finish is seen by looking.
            if error.response["Error"]["Code"] not in {"PreconditionFailed", "ConditionalRequestConflict"}:
                raise
            earlier = self.read(key)
            if earlier is None:
                raise
            return earlier
        return content
