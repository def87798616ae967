import logging
from http.client import HTTPConnection, RemoteDisconnected
from socket import create_connection
from threading import Event

import pytest

from infra.local.origins.http import Answer, Request
from infra.local.origins.server import Server


def echoed(request: Request) -> Answer:
    return Answer.of("text/plain", f"{request.method} {request.path} {request.body.decode()}")


def test_requests_on_one_connection_are_answered_in_turn() -> None:
    with Server(echoed) as server:
        connection = HTTPConnection("127.0.0.1", server.port)
        connection.request("POST", "/a%20b?c", b"hello")
        first = connection.getresponse().read()
        connection.request("GET", "/d")
        second = connection.getresponse().read()
        connection.close()

    assert (first, second) == (b"POST /a b hello", b"GET /d ")


def test_head_is_answered_with_the_length_and_without_the_body() -> None:
    with Server(echoed) as server, create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"HEAD /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = connection.makefile("rb").read()

    assert b"Content-Length: 8\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")


def test_stopping_hangs_up_on_who_is_still_connected() -> None:
    server = Server(echoed).start()
    connection = HTTPConnection("127.0.0.1", server.port)
    connection.request("GET", "/")
    connection.getresponse().read()

    server.stop()

    assert connection.sock.recv(1) == b""
    connection.close()


def test_a_slow_answer_holds_up_nobody_else() -> None:
    release = Event()

    def answer(request: Request) -> Answer:
        if request.path == "/slow":
            release.wait(10)
        return echoed(request)

    with Server(answer) as server:
        slow, quick = HTTPConnection("127.0.0.1", server.port), HTTPConnection("127.0.0.1", server.port, timeout=5)
        slow.request("GET", "/slow")
        quick.request("GET", "/quick")
        assert quick.getresponse().read() == b"GET /quick "
        release.set()
        assert slow.getresponse().read() == b"GET /slow "
        slow.close()
        quick.close()


def test_a_request_that_cannot_be_answered_is_told_and_the_next_one_is_answered(caplog: pytest.LogCaptureFixture) -> None:
    def answer(request: Request) -> Answer:
        if request.path == "/bad":
            raise LookupError("a mistake of ours")
        return echoed(request)

    with Server(answer) as server, caplog.at_level(logging.ERROR):
        connection = HTTPConnection("127.0.0.1", server.port)
        connection.request("GET", "/bad")
        with pytest.raises(RemoteDisconnected):
            connection.getresponse()
        connection.close()
        connection.request("GET", "/good")
        assert connection.getresponse().read() == b"GET /good "
        connection.close()

    assert "a mistake of ours" in caplog.text


def test_a_server_listens_on_this_machine_only() -> None:
    with Server(echoed) as server:
        assert server.listener.server_address[0] == "127.0.0.1"
        assert server.address == f"http://127.0.0.1:{server.port}"
