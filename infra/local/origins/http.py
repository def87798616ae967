"""A request and its answer, apart from sockets, so that what an origin answers can be looked at by values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Self
from urllib.parse import unquote, urlsplit

HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Request:
    """As it came in; the names of `headers` are in lower case, `target` is path and query as sent."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    scheme: str = "http"

    @property
    def path(self) -> str:
        """Without the query, percent signs resolved."""
        return unquote(urlsplit(self.target).path)

    @property
    def host(self) -> str:
        """The host asked for, without the port."""
        return self.headers.get("host", "").rpartition("@")[2].partition(":")[0].lower()


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes out; the server adds the length."""

    status: int = HTTPStatus.OK
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, content_type: str, body: bytes | str, **headers: str) -> Self:
        """Keywords are header names with `_` for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(HTTPStatus.OK, body.encode() if isinstance(body, str) else body, {"Content-Type": content_type, **named})

    @classmethod
    def json(cls, document: object) -> Self:
        return cls.of(JSON, json.dumps(document, ensure_ascii=False), Cache_Control="no-store")

    @classmethod
    def not_found(cls) -> Self:
        return cls(
            HTTPStatus.NOT_FOUND,
            b"There is nothing at this address.\n",
            {"Content-Type": TEXT, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"},
        )

    @classmethod
    def only_reading(cls) -> Self:
        headers = {"Content-Type": TEXT, "Allow": "GET, HEAD"}
        return cls(HTTPStatus.METHOD_NOT_ALLOWED, b"This address can only be read.\n", headers)
