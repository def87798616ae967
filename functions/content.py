"""The content bucket: what the CDN serves. Bytes that are named by their hash never change; pointers to them do."""

from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from functions.errors import NotFound

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

IMMUTABLE = "public, max-age=31536000, immutable"
POINTER = "public, max-age=60"


def hexdigest(content: bytes) -> str:
    return sha256(content).hexdigest()


@dataclass(frozen=True, slots=True)
class Content:
    """Keys are paths on the CDN, without the slash in front."""

    client: "S3Client"
    bucket: str

    def keep(self, key: str, content: bytes, content_type: str) -> None:
        """Put what stays for ever; a second time changes nothing."""
        put = partial(
            self.client.put_object,
            Bucket=self.bucket,
            Key=key,
            Body=content,
            ContentType=content_type,
            CacheControl=IMMUTABLE,
        )
        try:
            put(IfNoneMatch="*")
        except ClientError as error:
            match error.response["Error"]["Code"]:
                case "PreconditionFailed":
                    return
                case "ConditionalRequestConflict":
                    # The same bytes are being uploaded at this moment, and that upload may yet fail.
                    put()
                case _:
                    raise

    def point(self, key: str, content: bytes, content_type: str) -> None:
        """Put what may be replaced."""
        self.client.put_object(Bucket=self.bucket, Key=key, Body=content, ContentType=content_type, CacheControl=POINTER)

    def read(self, key: str) -> bytes:
        """Raises `NotFound`."""
        try:
            return self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except self.client.exceptions.NoSuchKey as error:
            raise NotFound("There is no such text.") from error
