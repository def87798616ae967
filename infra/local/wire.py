"""Requests and answers of the engine, as they are executed, journaled and executed again."""

import json
import time
from base64 import b64decode, b64encode
from dataclasses import dataclass
from random import SystemRandom
from typing import Any, Self

READING = ("Get", "List", "Describe", "Query", "Scan", "BatchGet", "TransactGet")
KMS_USING = ("Encrypt", "Decrypt", "ReEncrypt", "Generate", "Verify", "Sign")

Environ = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    status: str
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def good(self) -> bool:
        return self.status < "4"


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request with the time and the seed that it is executed with."""

    at: float
    seed: int
    environ: dict[str, str]
    body: bytes

    @classmethod
    def of(cls, environ: Environ) -> Self:
        said = {name: value for name, value in environ.items() if isinstance(value, str)}
        said["RAW_URI"] = said["REQUEST_URI"]  # the name that moto reads it by, for S3 keys with percent signs
        length = int(said.get("CONTENT_LENGTH") or 0)
        return cls(time.time(), SystemRandom().getrandbits(64), said, environ["wsgi.input"].read(length)).without_waiting()

    @classmethod
    def from_entry(cls, entry: list[Any]) -> Self:
        at, seed, environ, body = entry
        return cls(at, seed, environ, b64decode(body))

    def entry(self) -> list[Any]:
        return [self.at, self.seed, self.environ, b64encode(self.body).decode()]

    @property
    def service(self) -> str:
        return self.environ.get("HTTP_X_AMZ_TARGET", "").partition(".")[0].partition("_")[0]

    @property
    def operation(self) -> str:
        return self.environ.get("HTTP_X_AMZ_TARGET", "").partition(".")[2]

    @property
    def receives(self) -> bool:
        return self.operation == "ReceiveMessage"

    @property
    def reads(self) -> bool:
        """Whether it cannot change anything, whatever the answer."""
        if not self.operation:
            return self.environ["REQUEST_METHOD"] in {"GET", "HEAD", "OPTIONS"}
        using = self.service == "TrentService" and self.operation.startswith(KMS_USING)
        return using or self.operation.startswith(READING)

    def without_waiting(self) -> Self:
        """A long poll would hold the lock that the message it waits for has to come through."""
        if not self.receives:
            return self
        body = json.dumps({**json.loads(self.body), "WaitTimeSeconds": 0}).encode()
        return type(self)(self.at, self.seed, {**self.environ, "CONTENT_LENGTH": str(len(body))}, body)
