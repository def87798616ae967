"""A time-stamp authority (RFC 3161) over HTTP: what it is asked, and what of its answers is believed."""

import ssl
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from functions.anchors.der import with_certificates_in_order
from functions.anchors.model import REPLY, AuthorityUnavailable, StampRefused
from functions.clock import monotonic

if TYPE_CHECKING:
    from rfc3161_client import TimeStampResponse

QUERY = "application/timestamp-query"
MAX_BYTES = 64 * 1024
SECONDS = 10
SKEW = timedelta(minutes=5)
GRANTED = 0
SHA256 = "2.16.840.1.101.3.4.2.1"
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class TimestampAuthority:
    """One authority; whatever it answers is checked before anybody keeps it.

    Args:
        url: https, or http on 127.0.0.1; raises `ValueError` for any other. Redirects are not followed, and no proxy is asked.
        roots: certificates (PEM, one behind another) that a stamp must lead to. Without any, the authority's signature is left
            to those who verify; imprint, nonce and time are checked all the same.
        seconds: how long to wait for each part of the answer, and for all of its body.
    """

    url: str
    roots: str = ""
    seconds: float = SECONDS

    def __post_init__(self) -> None:
        _target(self.url)

    def stamp(self, data: bytes, *, now: datetime) -> bytes:
        """The response, DER, over SHA-256 of the data, with the authority's certificate in it.

        Raises:
            AuthorityUnavailable: no answer, or none of an authority.
            StampRefused: the authority would not, or stamped something else, or for another query, or its clock is wrong.
        """
        from rfc3161_client import HashAlgorithm, TimestampRequestBuilder  # noqa: PLC0415 - the consent path stamps nothing

        builder = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256)
        query = builder.nonce(nonce=True).cert_request(cert_request=True).build()
        response = self._ask(query.as_bytes())
        at = self._opened(response, data, nonce=query.nonce)
        if abs(at - now) > SKEW:
            raise StampRefused("The authority's clock is more than five minutes away from ours.")
        return response

    def check(self, response: bytes, data: bytes) -> datetime:
        """When a response that was kept says the data was there. Raises `StampRefused`."""
        return self._opened(response, data, nonce=None)

    def _opened(self, response: bytes, data: bytes, *, nonce: int | None) -> datetime:
        from rfc3161_client import decode_timestamp_response  # noqa: PLC0415 - the consent path stamps nothing

        digest = sha256(data).digest()
        try:
            answer = decode_timestamp_response(with_certificates_in_order(response))
            if answer.status != GRANTED:
                raise StampRefused(f"The authority did not grant a stamp: PKIStatus {answer.status}.")
            info = answer.tst_info
            imprint, at = info.message_imprint, info.gen_time
            stamped, answered = (imprint.hash_algorithm.dotted_string, imprint.message), info.nonce
        except ValueError as error:
            raise StampRefused("The answer is no time-stamp response.") from error
        if stamped != (SHA256, digest):
            raise StampRefused("The stamp is over something else.")
        if nonce is not None and answered != nonce:
            raise StampRefused("The stamp answers another query.")
        if self.roots:
            self._check_signature(answer, digest)
        return at

    def _check_signature(self, answer: "TimeStampResponse", digest: bytes) -> None:
        from cryptography.x509 import load_pem_x509_certificates  # noqa: PLC0415 - the consent path stamps nothing
        from rfc3161_client import VerificationError, VerifierBuilder  # noqa: PLC0415 - the consent path stamps nothing

        roots = load_pem_x509_certificates(self.roots.encode())
        try:
            VerifierBuilder(roots=roots).build().verify(answer, digest)
        except (VerificationError, ValueError) as error:
            raise StampRefused("The stamp is not signed by the authority that should have signed it.") from error

    def _ask(self, query: bytes) -> bytes:
        target = _target(self.url)
        path = (target.path or "/") + (f"?{target.query}" if target.query else "")
        try:
            with closing(self._connection(target)) as connection:
                connection.request("POST", path, query, {"Content-Type": QUERY, "Accept": REPLY})
                answer = connection.getresponse()
                _must_be_a_reply(answer)
                return _body(answer, until=monotonic() + self.seconds)
        except (OSError, HTTPException) as error:
            raise AuthorityUnavailable("The time-stamp authority cannot be reached.") from error

    def _connection(self, target: SplitResult) -> HTTPConnection:
        host = target.hostname or ""
        if target.scheme == "http":
            return HTTPConnection(host, target.port, timeout=self.seconds)
        return HTTPSConnection(host, target.port, timeout=self.seconds, context=ssl.create_default_context())


def _target(url: str) -> SplitResult:
    target = urlsplit(url)
    open_air = target.scheme == "http" and target.hostname == LOOPBACK
    if not (target.hostname and (target.scheme == "https" or open_air)) or target.username is not None or target.port == 0:
        raise ValueError("A time-stamp authority is reached by https, or by http on 127.0.0.1, and without a password.")
    return target


def _must_be_a_reply(answer: HTTPResponse) -> None:
    kind = answer.headers.get_content_type()
    if answer.status != HTTPStatus.OK or kind != REPLY:
        raise AuthorityUnavailable(f"The time-stamp authority answered {answer.status} and no time-stamp reply.")


def _body(answer: HTTPResponse, *, until: float) -> bytes:
    """All of it; a server that sends a byte now and then does not hold us for ever."""
    body = b""
    while piece := answer.read1(MAX_BYTES + 1 - len(body)):
        body += piece
        if monotonic() > until:
            raise AuthorityUnavailable("The time-stamp authority takes too long.")
    if len(body) > MAX_BYTES:
        raise AuthorityUnavailable("The time-stamp authority's answer is too large.")
    return body
