"""The authority on a port."""

import logging
from http import HTTPStatus
from pathlib import Path
from typing import Self

from infra.local.authority.identity import Identity
from infra.local.authority.stamping import CannotStamp, stamped
from infra.local.origins.http import TEXT, Answer, Request
from infra.local.origins.server import Server

PORT = 8793
# RFC 3161, 3.4
QUERY = "application/timestamp-query"
REPLY = "application/timestamp-reply"
MAX_BYTES = 64 * 1024
log = logging.getLogger(__name__)


class Authority:
    """Answers time-stamp queries that are posted to it; `/root.pem` is the certificate that its stamps lead to.

    Args:
        folder: where its key and certificates outlive a restart.
        port: 0 takes a free one.
        chain: send the root along in every stamp, as many authorities do.
    """

    def __init__(self, folder: Path, *, port: int = PORT, chain: bool = False) -> None:
        self.server = Server(self.answer, port=port)
        self.folder = folder
        self.chain = chain

    @property
    def address(self) -> str:
        return self.server.address

    @property
    def identity(self) -> Identity:
        return Identity.kept(self.folder)

    @property
    def root(self) -> str:
        """What a verifier must be given, PEM."""
        return self.identity.root

    def answer(self, request: Request) -> Answer:
        match request.method, request.path:
            case "POST", "/":
                return self._stamped(request)
            case "GET" | "HEAD", "/root.pem":
                return Answer.of("application/x-pem-file", self.root)
            case _:
                return Answer.not_found()

    def _stamped(self, request: Request) -> Answer:
        if request.headers.get("content-type", "").partition(";")[0].strip() != QUERY:
            return _refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"A query is {QUERY}.\n")
        if len(request.body) > MAX_BYTES:
            return _refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "That is too long for a query.\n")
        try:
            return Answer.of(REPLY, stamped(request.body, self.identity, chain=self.chain), Cache_Control="no-store")
        except CannotStamp as error:
            log.warning("no time-stamp: %s", error)
            return _refused(HTTPStatus.SERVICE_UNAVAILABLE, "No time-stamp can be made at the moment.\n")

    def start(self) -> Self:
        Identity.kept(self.folder)
        self.server.start()
        return self

    def stop(self) -> None:
        self.server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def _refused(status: HTTPStatus, why: str) -> Answer:
    return Answer(status, why.encode(), {"Content-Type": TEXT, "Cache-Control": "no-store"})
