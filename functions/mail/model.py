"""A mail, and a letter that waits to become one."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, Self

from functions.ids import TenantId


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one address, as text and as HTML of the same words."""

    to: str
    subject: str
    text: str
    html: str


class Mails(Protocol):
    """Where mails leave."""

    def send(self, mail: Mail) -> None: ...


class LetterKind(StrEnum):
    """What a letter is about."""

    KEY_ISSUED = "key-issued"
    CHECKPOINT = "checkpoint"
    TAMPERING = "tampering"


@dataclass(frozen=True, slots=True)
class Letter:
    """What should be written, by reference: who gets it and what it says is looked up when it is sent."""

    tenant: TenantId
    kind: LetterKind
    about: str

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Self:
        return cls(TenantId.parse(body["tenant"]), LetterKind(body["kind"]), body["about"])

    def to_json(self) -> dict[str, Any]:
        return {"tenant": self.tenant, "kind": self.kind.value, "about": self.about}


class Letters(Protocol):
    """Where letters wait; one that was taken in is sent at least once."""

    def post(self, letter: Letter) -> None: ...
