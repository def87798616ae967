"""The content bucket as the CDN serves it: CloudFront's part of the platform, with its country header."""

from dataclasses import dataclass
from http import HTTPStatus
from re import compile as pattern
from typing import TYPE_CHECKING

from functions.regimes.model import regime_of, regimes
from infra.local.origins.http import TEXT, Answer, Request
from infra.local.origins.server import Server

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

PORT = 8788
COUNTRY = "CloudFront-Viewer-Country"
GATE = pattern(r"(s/[^/]+)/gate\.js")
# For people: the same address as seen from a country, as in /viewer/US/s/SITE/gate.js.
VIEWER = pattern(r"viewer/([A-Z]{2})/(.+)")
PUBLIC = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Cdn:
    """What the edge answers. Nothing of it is kept here, so what has just been published is there at once."""

    client: "S3Client"
    bucket: str

    def answer(self, request: Request) -> Answer:
        if request.method not in {"GET", "HEAD"}:
            return Answer.only_reading()
        key, country = _as_seen(request)
        gate = GATE.fullmatch(key)
        if gate is None:
            return self._file(key, request, {})
        regime = regime_of(country, served=tuple(regimes()))
        return self._file(f"{gate[1]}/gate.{regime.id}.js", request, {"Vary": COUNTRY})

    def _file(self, key: str, request: Request, headers: dict[str, str]) -> Answer:
        if not key.startswith(("s/", "t/")):
            return _missing(headers)
        try:
            stored = self.client.get_object(Bucket=self.bucket, Key=key)
        except self.client.exceptions.NoSuchKey:
            return _missing(headers)
        headers = {**PUBLIC, **headers, "Cache-Control": stored["CacheControl"], "ETag": stored["ETag"]}
        if _has_it(request, stored["ETag"]):
            return Answer(HTTPStatus.NOT_MODIFIED, b"", headers)
        return Answer(HTTPStatus.OK, stored["Body"].read(), {**headers, "Content-Type": stored["ContentType"]})


def _as_seen(request: Request) -> tuple[str, str | None]:
    """The key, and the country of the viewer: played by the address, else as the header says."""
    key = request.path.removeprefix("/")
    played = VIEWER.fullmatch(key)
    return (played[2], played[1]) if played else (key, request.headers.get(COUNTRY.lower()))


def _has_it(request: Request, etag: str) -> bool:
    """RFC 9110, 13.1.2: the comparison is weak, and an asterisk is any."""
    tags = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    return etag in tags or "*" in tags


def _missing(headers: dict[str, str]) -> Answer:
    said = {**PUBLIC, **headers, "Content-Type": TEXT, "Cache-Control": "no-store"}
    return Answer(HTTPStatus.NOT_FOUND, b"There is nothing at this address.\n", said)


class CdnOrigin(Server):
    """The CDN on a port of its own; port 0 takes a free one. Published configs name its address as it is here."""

    def __init__(self, client: "S3Client", bucket: str, *, port: int = PORT) -> None:
        super().__init__(Cdn(client, bucket).answer, port=port)
