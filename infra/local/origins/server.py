"""A web server on 127.0.0.1 with a thread for each connection; what it answers is a function."""

import logging
import socket
import ssl
import sys
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Self

from infra.local.origins.http import Answer, Request

LOOPBACK = "127.0.0.1"
IDLE_SECONDS = 60
log = logging.getLogger(__name__)

Answering = Callable[[Request], Answer]


class Handler(BaseHTTPRequestHandler):
    """Reads a request, asks, writes the answer; keeps the connection."""

    protocol_version = "HTTP/1.1"
    server_version = "consentinel-local"
    sys_version = ""
    timeout = IDLE_SECONDS
    wbufsize = -1
    disable_nagle_algorithm = True
    server: "Listener"

    def reply(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.answer(Request(self.command, self.path, headers, body, self.server.scheme))
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        # RFC 9110, 8.6: neither a 204 nor a 304 announces a length of its own.
        if answer.status not in {204, 304}:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)
        self.wfile.flush()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = reply  # noqa: N815 - names that http.server looks up

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - http.server's signature
        """Say nothing: addresses and cookies of visitors do not belong in a log."""


class Listener(ThreadingHTTPServer):
    """Knows its open connections, so that stopping leaves none behind."""

    request_queue_size = 128

    def __init__(self, port: int, answer: Answering, tls: ssl.SSLContext | None) -> None:
        self.answer = answer
        self.tls = tls
        self.scheme = "https" if tls else "http"
        self.talks: dict[socket.socket, Thread] = {}
        self.lock = Lock()
        super().__init__((LOOPBACK, port), Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        if self.tls:
            # The handshake waits for the connection's own thread: a browser opens some that it never speaks on.
            connection = self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - socketserver's signature
        thread = Thread(target=self.process_request_thread, args=(request, client_address), daemon=True)
        with self.lock:
            self.talks[request] = thread
        thread.start()

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - socketserver's signature
        with self.lock:
            self.talks.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401, ARG002 - socketserver's signature
        """A browser that goes away in the middle is nobody's fault; the rest is told."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            log.error("a request could not be answered", exc_info=error)

    def hang_up(self) -> None:
        with self.lock:
            talks = list(self.talks.items())
        for connection, thread in talks:
            with suppress(OSError):  # gone already
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
            thread.join()


class Server:
    """An origin that can be started and stopped; port 0 takes a free one."""

    def __init__(self, answer: Answering, *, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.listener = Listener(port, answer, tls)
        self.thread = Thread(target=self.listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def port(self) -> int:
        return int(self.listener.server_address[1])

    @property
    def address(self) -> str:
        return f"{self.listener.scheme}://{LOOPBACK}:{self.port}"

    def start(self) -> Self:
        self.thread.start()
        return self

    def stop(self) -> None:
        """Returns when every connection is closed and every thread has ended."""
        if self.thread.is_alive():
            self.listener.shutdown()
            self.thread.join()
        self.listener.hang_up()
        self.listener.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
