"""The one thing that the time-stamp library is stricter about than authorities are: the order of certificates."""

from collections.abc import Iterator
from dataclasses import dataclass

_SEQUENCE = 0x30
_CONTEXT_0 = 0xA0
_LONG = 0x80
# Version, digest algorithms and content stand before the certificates (RFC 5652, 5.1).
_BEFORE = 3


@dataclass(frozen=True, slots=True)
class _Element:
    """A DER element: its tag, where it begins, where its content does, and where both end."""

    tag: int
    start: int
    content: int
    end: int


def with_certificates_in_order(response: bytes) -> bytes:
    """The same time-stamp response with the set of its certificates in DER order (X.690, 11.6), which no signature covers.

    Many authorities, openssl's among them, send their chain in another. Raises `ValueError` for what is not DER.
    """
    parts = list(_children(response, _element(response, 0, len(response))))
    if len(parts) < 2:  # noqa: PLR2004 - status and token
        return response  # a rejection has no token
    signed = _inside(response, _inside(response, parts[1], _CONTEXT_0, skip=1), _SEQUENCE, skip=0)
    certificates = [one for one in list(_children(response, signed))[_BEFORE:] if one.tag == _CONTEXT_0]
    if not certificates:
        return response
    known = certificates[0]
    ordered = sorted(response[one.start : one.end] for one in _children(response, known))
    return response[: known.content] + b"".join(ordered) + response[known.end :]


def _inside(der: bytes, outer: _Element, tag: int, *, skip: int) -> _Element:
    """One of an element's children; raises `ValueError` unless it is of that tag."""
    for place, child in enumerate(_children(der, outer)):
        if place == skip and child.tag == tag:
            return child
    raise ValueError("An element is not where it should be.")


def _children(der: bytes, outer: _Element) -> Iterator[_Element]:
    at = outer.content
    while at < outer.end:
        child = _element(der, at, outer.end)
        yield child
        at = child.end


def _element(der: bytes, at: int, limit: int) -> _Element:
    """X.690, 8.1: one byte of tag, a definite length, as many bytes of content; raises `ValueError`."""
    if at + 2 > limit:
        raise ValueError("An element is cut off.")
    length, content = der[at + 1], at + 2
    if length & _LONG:
        digits = length & ~_LONG
        length, content = int.from_bytes(der[content : content + digits], "big"), content + digits
    if content + length > limit:
        raise ValueError("An element is longer than what it stands in.")
    return _Element(der[at], at, content, content + length)
