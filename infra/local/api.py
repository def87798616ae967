"""The API on a port: WSGI in front of the gateway, with sixteen threads."""

import socket
from collections.abc import Callable, Iterable
from http import HTTPStatus
from threading import Thread
from typing import Any, Self

from waitress.server import create_server

from infra.local.gateway import Gateway, Request

LOOPBACK = "127.0.0.1"
PORT = 8787
THREADS = 16
# A connection that a client keeps open keeps the loop going; nothing is lost by leaving it to the end of the process.
STOP_WITHIN_S = 1


class ApiServer:
    """Has its port from the beginning, because configs name it, and the app when it starts; port 0 takes a free one."""

    def __init__(self, *, port: int = PORT) -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self.socket.bind((LOOPBACK, port))
        except OSError:
            self.socket.close()
            raise
        self.address = f"http://{LOOPBACK}:{self.socket.getsockname()[1]}"
        self.server: Any = None
        self.thread = Thread()

    def start(self, gateway: Gateway) -> Self:
        options = {"threads": THREADS, "ident": None, "clear_untrusted_proxy_headers": False}
        self.server = create_server(wsgi(gateway), sockets=[self.socket], **options)  # type: ignore[no-untyped-call]
        self.thread = Thread(target=self.server.run, name="api", daemon=True)
        self.thread.start()
        return self

    def stop(self) -> None:
        """Twice is as good as once."""
        server, self.server = self.server, None
        if server is not None:
            # In the loop's own thread, which must not find its sockets closed while it waits on them.
            server.trigger.pull_trigger(server.close)
            self.thread.join(STOP_WITHIN_S)
        self.socket.close()


def wsgi(gateway: Gateway) -> Callable[[dict[str, Any], Callable[..., object]], Iterable[bytes]]:
    def application(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        response = gateway.answer(request_of(environ))
        status = f"{response.status} {HTTPStatus(response.status).phrase}"
        start_response(status, [*response.headers, ("Content-Length", str(len(response.body)))])
        return [response.body]

    return application


def request_of(environ: dict[str, Any]) -> Request:
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = environ[name]
    return Request(
        method=environ["REQUEST_METHOD"],
        target=environ["REQUEST_URI"],
        headers=headers,
        body=environ["wsgi.input"].read(),
        source_ip=environ["REMOTE_ADDR"],
    )
