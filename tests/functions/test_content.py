from hashlib import sha256
from typing import Any, Protocol

import pytest
from botocore.stub import Stubber

from functions.content import IMMUTABLE, POINTER, Content, hexdigest
from functions.errors import NotFound
from tests.support.aws import Account, Aws
from tests.support.memory import MemoryContent


class Files(Protocol):
    def keep(self, key: str, content: bytes, content_type: str, /) -> None: ...
    def point(self, key: str, content: bytes, content_type: str, /) -> None: ...
    def read(self, key: str) -> bytes: ...


@pytest.fixture(params=["s3", "memory"])
def content(request: pytest.FixtureRequest, aws: Aws) -> Files:
    return aws.content if request.param == "s3" else MemoryContent()


def test_what_is_kept_is_read_and_a_second_time_changes_nothing(content: Files, tenant: Account) -> None:
    content.keep(f"t/{tenant.id}.md", "съгласие".encode(), "text/markdown")
    content.keep(f"t/{tenant.id}.md", b"forged", "text/markdown")

    assert content.read(f"t/{tenant.id}.md").decode() == "съгласие"


def test_a_pointer_shows_the_newest(content: Files, tenant: Account) -> None:
    content.point(f"s/{tenant.id}/current.json", b"1", "application/json")
    content.point(f"s/{tenant.id}/current.json", b"2", "application/json")

    assert content.read(f"s/{tenant.id}/current.json") == b"2"


def test_what_is_not_there_is_not_found(content: Files, tenant: Account) -> None:
    with pytest.raises(NotFound):
        content.read(f"t/{tenant.id}.md")


def test_the_cdn_is_told_how_long_each_may_be_cached_and_what_it_is(aws: Aws, tenant: Account) -> None:
    content: Content = aws.content
    content.keep(f"t/{tenant.id}.md", b"text", "text/markdown; charset=utf-8")
    content.point(f"s/{tenant.id}/current.json", b"{}", "application/json")

    kept = aws.s3.head_object(Bucket=content.bucket, Key=f"t/{tenant.id}.md")
    pointer = aws.s3.head_object(Bucket=content.bucket, Key=f"s/{tenant.id}/current.json")

    assert (kept["CacheControl"], kept["ContentType"]) == (IMMUTABLE, "text/markdown; charset=utf-8")
    assert (pointer["CacheControl"], pointer["ContentType"]) == (POINTER, "application/json")
    assert "immutable" in IMMUTABLE
    assert POINTER == "public, max-age=60"


def test_a_bucket_that_is_not_there_is_our_fault_and_rises(aws: Aws) -> None:
    nowhere = Content(aws.s3, "no-such-bucket")

    with pytest.raises(aws.s3.exceptions.NoSuchBucket):
        nowhere.keep("t/a.md", b"", "text/markdown")


def test_a_put_that_met_another_is_made_again_because_the_other_may_fail(aws: Aws) -> None:
    client: Any = aws.session.create_client("s3")
    written = {"Bucket": "b", "Key": "t/a.md", "Body": b"x", "ContentType": "text/markdown", "CacheControl": IMMUTABLE}
    with Stubber(client) as s3:
        s3.add_client_error("put_object", "ConditionalRequestConflict", http_status_code=409)
        s3.add_response("put_object", {}, written)

        Content(client, "b").keep("t/a.md", b"x", "text/markdown")

        s3.assert_no_pending_responses()


def test_the_digest_is_sha_256_in_hexadecimal() -> None:
    assert hexdigest(b"abc") == sha256(b"abc").hexdigest() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
