"""The recorder on its two ports."""

from collections.abc import Callable, Iterable
from typing import Self

from infra.local.origins.http import HTML, Answer, Request
from infra.local.origins.server import LOOPBACK, Server
from infra.local.recorder import answers, page
from infra.local.recorder.certificate import make_certificate
from infra.local.recorder.seen import Book, Seen

# What Chromium calls on its own account; no page asked for it.
BROWSERS_OWN = ("accounts.google.com", "content-autofill.googleapis.com", "update.googleapis.com", "clients2.google.com")


class Recorder:
    """Every third party at once, over HTTP and over TLS; `/__seen` on either port shows what was asked, and is not recorded.

    Args:
        http_port: 0 takes a free one.
        https_port: 0 takes a free one.
        hosts: names for the certificate, for clients that look at it; wildcards may be among them.
    """

    def __init__(self, *, http_port: int = 0, https_port: int = 0, hosts: Iterable[str] = ("*.test",)) -> None:
        certificate = make_certificate(hosts)
        self.spki = certificate.spki
        self.book = Book()
        self.http = Server(self.answer, port=http_port)
        self.https = Server(self.answer, port=https_port, tls=certificate.context)

    @property
    def http_port(self) -> int:
        return self.http.port

    @property
    def https_port(self) -> int:
        return self.https.port

    @property
    def address(self) -> str:
        """Of the page for people."""
        return f"{self.http.address}/__seen"

    def chromium_arguments(self) -> list[str]:
        """Make a Chromium believe that every host but this machine's own ports is here. Takes a `--user-data-dir` beside it."""
        rules = [f"MAP {host} ~NOTFOUND" for host in BROWSERS_OWN]
        rules += [f"MAP *:80 {LOOPBACK}:{self.http_port}", f"MAP *:443 {LOOPBACK}:{self.https_port}"]
        return [f"--host-resolver-rules={','.join(rules)}", f"--ignore-certificate-errors-spki-list={self.spki}"]

    def seen(self) -> list[Seen]:
        """In the order of arrival."""
        return self.book.read()

    def wait_until(self, enough: Callable[[list[Seen]], bool], *, seconds: float = 10) -> list[Seen]:
        """What has been seen as soon as it is enough, or when the time is up."""
        return self.book.wait_until(enough, seconds)

    def clear(self) -> None:
        self.book.clear()

    def answer(self, request: Request) -> Answer:
        match request.path:
            case "/__seen":
                return Answer.of(HTML, page.render(self.seen(), self.chromium_arguments()), Cache_Control="no-store")
            case "/__seen.json":
                return Answer.json([one.to_json() for one in self.seen()])
            case _:
                self.book.enter(request)
                return answers.answer(request)

    def start(self) -> Self:
        self.http.start()
        self.https.start()
        return self

    def stop(self) -> None:
        self.http.stop()
        self.https.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
