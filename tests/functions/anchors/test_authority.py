import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.anchors.authority import TimestampAuthority
from functions.anchors.der import with_certificates_in_order
from functions.anchors.model import AuthorityUnavailable, StampRefused
from infra.local.authority import Authority
from infra.local.origins.http import Answer, Request
from infra.local.origins.server import Server
from tests.functions.anchors.judge import verifies

DATA = b"log.example/a\n5\nroot\n"
OTHER = b"log.example/a\n6\nroot\n"
REPLY = "application/timestamp-reply"
Answering = Callable[[Request], Answer]


@contextmanager
def played(answer: Answering, roots: str = "") -> Iterator[TimestampAuthority]:
    with Server(answer) as server:
        yield TimestampAuthority(server.address, roots, seconds=5)


def refused(answer: Answering, now: datetime, says: str, roots: str = "") -> None:
    with played(answer, roots) as client, pytest.raises(StampRefused, match=says):
        client.stamp(DATA, now=now)


@pytest.fixture
def client(authority: Authority) -> TimestampAuthority:
    return TimestampAuthority(authority.address, authority.root)


def test_a_stamp_is_over_the_data_and_openssl_verifies_it(
    authority: Authority, client: TimestampAuthority, now: datetime
) -> None:
    response = client.stamp(DATA, now=now)

    assert verifies(response, DATA, authority.root)
    assert not verifies(response, OTHER, authority.root)
    assert abs(client.check(response, DATA) - now) < timedelta(minutes=1)


def test_the_authoritys_certificate_is_in_the_stamp(client: TimestampAuthority, now: datetime) -> None:
    from rfc3161_client import decode_timestamp_response

    response = client.stamp(DATA, now=now)

    assert len(decode_timestamp_response(response).signed_data.certificates) == 1


def test_an_authority_may_send_its_chain_in_any_order(tmp_path: Path, now: datetime) -> None:
    from rfc3161_client import decode_timestamp_response

    with Authority(tmp_path / "kept", port=0, chain=True) as chained:
        client = TimestampAuthority(chained.address, chained.root)
        response = client.stamp(DATA, now=now)

    with pytest.raises(ValueError, match="InvalidSetOrdering"):
        decode_timestamp_response(response)
    ordered = with_certificates_in_order(response)
    assert len(decode_timestamp_response(ordered).signed_data.certificates) == 2
    assert all(verifies(one, DATA, chained.root) for one in (response, ordered))
    spoiled = response[:-5] + bytes([response[-5] ^ 1]) + response[-4:]
    with pytest.raises(StampRefused, match="not signed"):
        client.check(spoiled, DATA)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=80) | st.lists(st.sampled_from([0x30, 0xA0, 0x80, 0x82, 0x02, 0x00, 0xFF]), max_size=40).map(bytes))
def test_any_bytes_are_refused_by_name_and_not_by_accident(response: bytes) -> None:
    with pytest.raises(StampRefused):
        TimestampAuthority("https://tsa.example").check(response, DATA)


def test_a_stamp_over_something_else_is_refused(client: TimestampAuthority, now: datetime) -> None:
    response = client.stamp(OTHER, now=now)

    with pytest.raises(StampRefused, match="something else"):
        client.check(response, DATA)


def test_an_authority_that_stamps_another_imprint_is_refused(authority: Authority, now: datetime) -> None:
    def answer(request: Request) -> Answer:
        body = request.body.replace(sha256(DATA).digest(), sha256(OTHER).digest())
        return authority.answer(Request("POST", "/", request.headers, body))

    refused(answer, now, "something else")


def test_a_stamp_that_was_made_for_another_query_is_refused(
    authority: Authority, client: TimestampAuthority, now: datetime
) -> None:
    earlier = client.stamp(DATA, now=now)

    refused(lambda _: Answer.of(REPLY, earlier), now, "another query", authority.root)


def test_a_rejection_is_refused(authority: Authority, now: datetime) -> None:
    refused(lambda request: authority.answer(Request("POST", "/", request.headers, b"no query")), now, "PKIStatus 2")


@pytest.mark.parametrize("body", [b"", b"0", b"<html></html>", b"\x30\x80" * 400])
def test_what_is_no_response_is_refused(body: bytes, now: datetime) -> None:
    refused(lambda _: Answer.of(REPLY, body), now, "no time-stamp response")


def test_a_stamp_by_another_authority_is_refused(
    authority: Authority, tmp_path_factory: pytest.TempPathFactory, now: datetime
) -> None:
    with Authority(tmp_path_factory.mktemp("other") / "kept", port=0) as other:
        refused(authority.answer, now, "not signed by", other.root)


@pytest.mark.parametrize("away", [timedelta(hours=1), timedelta(hours=-1)])
def test_a_stamp_by_a_clock_that_is_wrong_is_refused(client: TimestampAuthority, now: datetime, away: timedelta) -> None:
    with pytest.raises(StampRefused, match="clock"):
        client.stamp(DATA, now=now + away)


def test_no_bit_of_a_stamp_changes_what_it_says_without_being_refused(client: TimestampAuthority, now: datetime) -> None:
    response = client.stamp(DATA, now=now)
    at, refusals = client.check(response, DATA), 0

    for position in range(len(response)):
        spoiled = bytearray(response)
        spoiled[position] ^= 1 << position % 8
        try:
            assert client.check(bytes(spoiled), DATA) == at
        except StampRefused:
            refusals += 1

    # A few bytes stand outside of what is signed and say nothing: the version, an algorithm's parameters.
    assert refusals >= len(response) - 30


def test_a_spoiled_signature_is_found_by_the_root_and_by_openssl(
    authority: Authority, client: TimestampAuthority, now: datetime
) -> None:
    spoiled = bytearray(client.stamp(DATA, now=now))
    spoiled[-5] ^= 1

    with pytest.raises(StampRefused, match="not signed"):
        client.check(bytes(spoiled), DATA)
    assert not verifies(bytes(spoiled), DATA, authority.root)
    without_a_root = TimestampAuthority(authority.address)
    assert without_a_root.check(bytes(spoiled), DATA) <= now + timedelta(minutes=1)  # nobody can tell


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, b"", {"Content-Type": REPLY}),
        Answer(429, b"", {"Content-Type": "text/plain"}),
        Answer.of("text/html", "<html>Welcome to our hotel</html>"),
        Answer.of(REPLY, b"0" * 65_537),
        Answer.of(REPLY, b"0" * 10_000_000),
    ],
    ids=["500", "429", "a page", "just too large", "far too large"],
)
def test_an_answer_that_is_no_authoritys_is_asked_for_again_later(answer: Answer, now: datetime) -> None:
    with played(lambda _: answer) as client, pytest.raises(AuthorityUnavailable):
        client.stamp(DATA, now=now)


def test_a_redirect_is_not_followed(authority: Authority, now: datetime) -> None:
    asked: list[Request] = []

    def elsewhere(request: Request) -> Answer:
        asked.append(request)
        return authority.answer(request)

    with Server(elsewhere) as other:
        moved = Answer(307, b"", {"Location": f"{other.address}/", "Content-Type": REPLY})
        with played(lambda _: moved) as client, pytest.raises(AuthorityUnavailable, match="307"):
            client.stamp(DATA, now=now)

    assert asked == []


def test_a_server_that_hangs_is_given_up_on(now: datetime) -> None:
    ended = Event()

    def hang(_: Request) -> Answer:
        ended.wait(30)
        return Answer()

    with Server(hang) as server:
        with pytest.raises(AuthorityUnavailable, match="cannot be reached"):
            TimestampAuthority(server.address, seconds=0.1).stamp(DATA, now=now)
        ended.set()


def test_a_server_that_sends_a_byte_now_and_then_is_given_up_on(now: datetime) -> None:
    ended = Event()

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):  # the client hangs up
            connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: {REPLY}\r\nContent-Length: 60\r\n\r\n".encode())
            while not ended.wait(0.02):
                connection.sendall(b"0")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=drip, args=(listener,))
        thread.start()
        with pytest.raises(AuthorityUnavailable, match="too long"):
            TimestampAuthority(f"http://127.0.0.1:{listener.getsockname()[1]}", seconds=0.2).stamp(DATA, now=now)
        ended.set()
        thread.join()


def test_where_nobody_listens_there_is_no_authority(now: datetime) -> None:
    with Server(lambda _: Answer()) as server:
        client = TimestampAuthority(server.address)

    with pytest.raises(AuthorityUnavailable):
        client.stamp(DATA, now=now)


def test_tls_with_a_certificate_that_nobody_trusts_is_no_authority(now: datetime) -> None:
    from infra.local.recorder.certificate import make_certificate

    with (
        Server(lambda _: Answer(), tls=make_certificate(()).context) as server,
        pytest.raises(AuthorityUnavailable),
    ):
        TimestampAuthority(server.address).stamp(DATA, now=now)


@pytest.mark.parametrize(
    "url",
    [
        "http://tsa.example/",
        "http://127.0.0.1.example/",
        "http://localhost/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "https://user:secret@tsa.example/",
        "https://",
        "tsa.example",
        "",
    ],
)
def test_an_address_that_anybody_on_the_way_could_answer_for_is_none(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        TimestampAuthority(url)


@pytest.mark.parametrize("url", ["https://tsa.example/tsr?kind=1", "http://127.0.0.1:8793", "https://tsa.example:8443/"])
def test_an_address_with_a_path_a_query_or_a_port_is_fine(url: str) -> None:
    assert TimestampAuthority(url).url == url


def test_the_query_is_a_post_of_the_right_kind_to_the_path_of_the_address(authority: Authority, now: datetime) -> None:
    asked: list[Request] = []

    def answer(request: Request) -> Answer:
        asked.append(request)
        return authority.answer(Request("POST", "/", request.headers, request.body))

    with Server(answer) as server:
        TimestampAuthority(f"{server.address}/tsr?kind=1").stamp(DATA, now=now)

    ((method, target, kind),) = [(one.method, one.target, one.headers["content-type"]) for one in asked]
    assert (method, target, kind) == ("POST", "/tsr?kind=1", "application/timestamp-query")


def test_nothing_of_the_data_is_sent_but_its_hash(authority: Authority, now: datetime) -> None:
    asked: list[bytes] = []

    def answer(request: Request) -> Answer:
        asked.append(request.body)
        return authority.answer(request)

    with played(answer) as client:
        client.stamp(DATA, now=now)

    assert sha256(DATA).digest() in asked[0]
    assert b"log.example" not in asked[0]


def test_nothing_that_only_knows_of_anchors_loads_the_time_stamp_library() -> None:
    program = "import sys, functions.anchors.tasks, functions.mail.tasks; sys.exit('rfc3161_client' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
