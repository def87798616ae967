"""The outbox on a port: SES for the app (AWS_ENDPOINT_URL_SESV2), a page for people."""

import json
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from re import compile as pattern
from typing import Self
from urllib.error import HTTPError
from urllib.request import Request as Outgoing
from urllib.request import urlopen

from infra.local.mails import page
from infra.local.mails.kept import Box, Kept
from infra.local.origins.http import HTML, Answer, Request
from infra.local.origins.server import Server

PORT = 8790
SES = "/v2/email/"
SEND = "/v2/email/outbound-emails"
PART = pattern(r"/mails/(\d{1,9})\.html")
SECONDS = 30
# Of one connection, and so not to be handed on (RFC 9110, 7.6.1); the length is told anew.
OWN = {"connection", "keep-alive", "transfer-encoding", "content-length", "host", "expect"}


class MailOutbox:
    """Hands every SES request on to the engine, and keeps the mails that it took.

    Args:
        engine: address of the engine.
        file: where mails outlive a restart; None keeps them in memory.
        port: 0 takes a free one.
    """

    def __init__(self, engine: str, *, file: Path | None = None, port: int = PORT) -> None:
        self.engine = engine.rstrip("/")
        self.box = Box(file)
        self.server = Server(self.answer, port=port)

    @property
    def address(self) -> str:
        return self.server.address

    def mails(self) -> list[Kept]:
        """In the order of sending."""
        return self.box.read()

    def answer(self, request: Request) -> Answer:
        if request.path.startswith(SES):
            return self._hand_on(request)
        if request.method not in {"GET", "HEAD"}:
            return Answer.only_reading()
        return self._show(request.path)

    def _show(self, path: str) -> Answer:
        mails = self.mails()
        part = PART.fullmatch(path)
        if part and int(part[1]) < len(mails):
            return Answer.of(HTML, page.html_part(mails[int(part[1])]), Content_Security_Policy=page.POLICY)
        match path:
            case "/":
                return Answer.of(HTML, page.render(mails), Cache_Control="no-store")
            case "/mails.json":
                return Answer.json([mail.to_json() for mail in mails])
            case _:
                return Answer.not_found()

    def _hand_on(self, request: Request) -> Answer:
        answer = self._engines_answer(request)
        if request.method == "POST" and request.path == SEND and answer.status == HTTPStatus.OK:
            self.box.keep(Kept.of(json.loads(request.body), datetime.now(UTC).isoformat()))
        return answer

    def _engines_answer(self, request: Request) -> Answer:
        headers = {name: value for name, value in request.headers.items() if name not in OWN}
        outgoing = Outgoing(  # noqa: S310 - the engine's address is the stack's own
            self.engine + request.target, request.body or None, headers, method=request.method
        )
        try:
            with urlopen(outgoing, timeout=SECONDS) as incoming:  # noqa: S310 - as above
                return Answer(incoming.status, incoming.read(), _kept(dict(incoming.headers)))
        except HTTPError as refused:
            with refused:
                return Answer(refused.code, refused.read(), _kept(dict(refused.headers)))

    def start(self) -> Self:
        self.server.start()
        return self

    def stop(self) -> None:
        self.server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def _kept(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in OWN | {"date", "server"}}
