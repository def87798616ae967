import subprocess
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from cryptography.x509 import load_pem_x509_certificate
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimeStampRequest,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from infra.local.authority import Authority
from infra.local.origins.http import Answer, Request

DATA = b"log.example/a\n5\nroot\n"


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[Authority]:
    with Authority(tmp_path / "state" / "authority", port=0) as running:
        yield running


def query(data: bytes = DATA) -> TimeStampRequest:
    return TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()


def posted(authority: Authority, body: bytes, content_type: str = "application/timestamp-query") -> Answer:
    return authority.answer(Request("POST", "/", {"content-type": content_type}, body))


def verifies(response: bytes, data: bytes, root: str, folder: Path) -> bool:
    """By openssl, the foreign judge."""
    (folder / "data").write_bytes(data)
    (folder / "response").write_bytes(response)
    (folder / "root").write_text(root)
    command = ["openssl", "ts", "-verify", "-data", "data", "-in", "response", "-CAfile", "root"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


def test_a_stamp_over_http_is_verified_by_openssl_and_by_the_client_library(authority: Authority, tmp_path: Path) -> None:
    asked = query()
    connection = HTTPConnection("127.0.0.1", authority.server.port)
    connection.request("POST", "/", asked.as_bytes(), {"Content-Type": "application/timestamp-query"})
    answer = connection.getresponse()
    response = answer.read()
    connection.close()

    root = load_pem_x509_certificate(authority.root.encode())
    verifier = VerifierBuilder.from_request(asked).add_root_certificate(root).build()
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/timestamp-reply")
    assert verifier.verify_message(decode_timestamp_response(response), DATA)
    assert verifies(response, DATA, authority.root, tmp_path)
    assert not verifies(response, DATA + b"x", authority.root, tmp_path)


def test_a_stamp_with_its_signature_spoiled_is_verified_by_neither(authority: Authority, tmp_path: Path) -> None:
    asked = query()
    response = bytearray(posted(authority, asked.as_bytes()).body)
    response[-5] ^= 1

    root = load_pem_x509_certificate(authority.root.encode())
    verifier = VerifierBuilder.from_request(asked).add_root_certificate(root).build()
    with pytest.raises(VerificationError):
        verifier.verify_message(decode_timestamp_response(bytes(response)), DATA)
    assert not verifies(bytes(response), DATA, authority.root, tmp_path)


def test_what_is_no_query_is_answered_with_a_rejection(authority: Authority) -> None:
    answer = posted(authority, b"no query")

    assert answer.status == 200
    assert decode_timestamp_response(answer.body).status == PKIStatus.REJECTION


@pytest.mark.parametrize(
    ("body", "content_type", "status"), [(b"x", "text/plain", 415), (b"x" * 65_537, "application/timestamp-query", 413)]
)
def test_what_cannot_be_a_query_is_not_shown_to_openssl(
    authority: Authority, body: bytes, content_type: str, status: int
) -> None:
    assert posted(authority, body, content_type).status == status


def test_key_and_root_outlive_a_restart_and_the_key_is_its_owners_alone(tmp_path: Path) -> None:
    with Authority(tmp_path / "authority", port=0) as first:
        root = first.root
        stamp = posted(first, query().as_bytes()).body

    with Authority(tmp_path / "authority", port=0) as second:
        assert second.root == root
        assert verifies(stamp, DATA, second.root, tmp_path)
        assert second.identity.key.stat().st_mode & 0o777 == 0o600


def test_another_authority_vouches_for_no_stamp_of_this_one(authority: Authority, tmp_path: Path) -> None:
    stamp = posted(authority, query().as_bytes()).body
    with Authority(tmp_path / "other", port=0) as other:
        assert not verifies(stamp, DATA, other.root, tmp_path)


def test_no_two_stamps_have_the_same_serial_number(authority: Authority) -> None:
    stamps = [decode_timestamp_response(posted(authority, query().as_bytes()).body) for _ in range(3)]

    assert len({stamp.tst_info.serial_number for stamp in stamps}) == 3


def test_its_root_can_be_fetched_and_nothing_else(authority: Authority) -> None:
    assert authority.answer(Request("GET", "/root.pem")).body.decode() == authority.root
    assert authority.answer(Request("GET", "/key.pem")).status == 404


def test_without_openssl_it_says_that_it_cannot_stamp(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    assert posted(authority, query().as_bytes()).status == 503
