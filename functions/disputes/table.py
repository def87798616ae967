"""The bucket of dispute packs: private, and emptied by itself after a week."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from functions.disputes.model import DisputeId
from functions.ids import TenantId

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

LINK_VALID_S = 300
ZIP = "application/zip"


@dataclass(frozen=True, slots=True)
class Packs:
    """The packs of one tenant, named by their SHA-256 too: the link gives what was noted, whoever else made one."""

    client: "S3Client"
    bucket: str
    tenant: TenantId

    def put(self, dispute: DisputeId, digest: str, content: IO[bytes]) -> None:
        self.client.put_object(Bucket=self.bucket, Key=self._key(dispute, digest), Body=content, ContentType=ZIP)

    def link(self, dispute: DisputeId, digest: str) -> str:
        """An address that anybody can fetch the pack from for five minutes; nothing in it says whom it is about."""
        named = {
            "Bucket": self.bucket,
            "Key": self._key(dispute, digest),
            "ResponseContentDisposition": f'attachment; filename="dispute-{dispute}.zip"',
            "ResponseCacheControl": "no-store",
        }
        sign: Callable[..., str] = self.client.generate_presigned_url
        return sign("get_object", Params=named, ExpiresIn=LINK_VALID_S)

    def delete(self, dispute: DisputeId) -> None:
        """All that was ever made for it, by whoever was stopped before they could note it too."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=f"{self.tenant}/{dispute}/")
        for page in pages:
            for one in page.get("Contents", ()):
                self.client.delete_object(Bucket=self.bucket, Key=one["Key"])

    def _key(self, dispute: DisputeId, digest: str) -> str:
        return f"{self.tenant}/{dispute}/{digest}.zip"
