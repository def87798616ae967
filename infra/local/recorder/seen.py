"""What was asked of the third parties, in order."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from threading import Condition
from typing import Any, Self

from infra.local.origins.http import Request


@dataclass(frozen=True, slots=True)
class Seen:
    """One request; `target` is path and query, `dest`, `mode` and `purpose` are what the browser said it is for."""

    at: datetime
    method: str
    scheme: str
    host: str
    target: str
    dest: str
    mode: str
    purpose: str
    cookie: str
    referer: str

    @classmethod
    def of(cls, request: Request, at: datetime) -> Self:
        header = request.headers.get
        return cls(
            at=at,
            method=request.method,
            scheme=request.scheme,
            host=request.host,
            target=request.target,
            dest=header("sec-fetch-dest", ""),
            mode=header("sec-fetch-mode", ""),
            purpose=header("sec-purpose", ""),
            cookie=header("cookie", ""),
            referer=header("referer", ""),
        )

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}{self.target}"

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "at": self.at.isoformat(), "url": self.url}


class Book:
    """Requests in the order of their arrival; safe to write from many threads."""

    def __init__(self) -> None:
        self._entries: list[Seen] = []
        self._changed = Condition()

    def enter(self, request: Request) -> None:
        with self._changed:
            self._entries.append(Seen.of(request, datetime.now(UTC)))
            self._changed.notify_all()

    def read(self) -> list[Seen]:
        with self._changed:
            return list(self._entries)

    def clear(self) -> None:
        with self._changed:
            self._entries.clear()

    def wait_until(self, enough: Callable[[list[Seen]], bool], seconds: float) -> list[Seen]:
        """What is there as soon as it is enough, or when the time is up."""
        with self._changed:
            self._changed.wait_for(lambda: enough(self._entries), seconds)
            return list(self._entries)
