"""A document, and what a use case needs of the place where a tenant's documents are."""

from dataclasses import dataclass
from typing import Any, Protocol

PAGE = 50
# A row of DynamoDB has 400 KB at the most, its keys and names included.
MAX_BYTES = 390_000


@dataclass(frozen=True, slots=True)
class Document:
    """One document as it stands; `version` grows by one with each change."""

    name: str
    version: int
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Some documents in order of name, and where the next ones begin."""

    documents: tuple[Document, ...]
    after: str | None


class Documents(Protocol):
    """The documents of one tenant."""

    def read(self, name: str) -> Document:
        """Raises `NotFound`."""

    def page(self, prefix: str, *, after: str | None = None, limit: int = PAGE) -> Page:
        """Documents whose name begins with the prefix."""

    def create(self, name: str, body: dict[str, Any]) -> Document:
        """Raises `Conflict` when the name is taken, `TooLarge` beyond 390,000 bytes of JSON."""

    def update(self, name: str, body: dict[str, Any], *, after: int) -> Document:
        """Replace version `after`; raises `Conflict` when somebody else has replaced it already, `TooLarge` as `create`."""
