"""Doubles that keep everything in memory; the cases of the tables are run on them too, so that they may stand in for those."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from functions.dynamo import Item
from functions.errors import AlreadyRecorded, Conflict, NotFound, TooLarge
from functions.ids import TenantId
from functions.ledger.leaf import leaf_hash
from functions.workspace.model import MAX_BYTES, PAGE, Document, Page

Rows = dict[tuple[str, str], Item]


@dataclass(frozen=True, slots=True)
class MemoryDocuments:
    """`functions.workspace.model.Documents`."""

    tenant: TenantId
    rows: dict[tuple[str, str], Document] = field(default_factory=dict)

    def read(self, name: str) -> Document:
        try:
            return self.rows[self.tenant, name]
        except KeyError as error:
            raise NotFound("There is nothing here by that name.") from error

    def page(self, prefix: str, *, after: str | None = None, limit: int = PAGE) -> Page:
        names = sorted(name for tenant, name in self.rows if tenant == self.tenant and name.startswith(prefix))
        left = [name for name in names if after is None or name > prefix + after]
        shown = left[:limit]
        following = shown[-1].removeprefix(prefix) if len(left) > limit else None
        return Page(tuple(self.rows[self.tenant, name] for name in shown), following)

    def create(self, name: str, body: dict[str, Any]) -> Document:
        if (self.tenant, name) in self.rows:
            raise Conflict("Somebody else changed this meanwhile; look at it again before you save.")
        return self._put(Document(name, 1, body))

    def update(self, name: str, body: dict[str, Any], *, after: int) -> Document:
        present = self.rows.get((self.tenant, name))
        if present is None or present.version != after:
            raise Conflict("Somebody else changed this meanwhile; look at it again before you save.")
        return self._put(Document(name, after + 1, body))

    def _put(self, document: Document) -> Document:
        if len(json.dumps(document.body, ensure_ascii=False).encode()) > MAX_BYTES:
            raise TooLarge(f"What should be kept has more than {MAX_BYTES} bytes.")
        self.rows[self.tenant, document.name] = document
        return document


@dataclass(frozen=True, slots=True)
class MemoryRegister:
    """`functions.register.table.Register`."""

    tenant: TenantId
    rows: Rows = field(default_factory=dict)

    def append(self, partition: str, key: str, leaf: bytes, beside: Item) -> None:
        pk = f"{self.tenant}#{partition}"
        own: Item = {"pk": {"S": pk}, "sk": {"S": key}, "leaf": {"B": leaf}, "leaf_hash": {"B": leaf_hash(leaf)}}
        item = {**beside, **own}
        earlier = self.rows.setdefault((pk, key), item)
        if earlier is not item:
            raise AlreadyRecorded(earlier)

    def read(self, partition: str, key: str) -> Item | None:
        return self.rows.get((f"{self.tenant}#{partition}", key))

    def read_many(self, keys: list[tuple[str, str]]) -> dict[tuple[str, str], Item]:
        found = {(partition, key): self.read(partition, key) for partition, key in keys}
        return {place: item for place, item in found.items() if item is not None}

    def newest_first(self, partition: str, *, below: str | None = None, limit: int) -> Iterator[Item]:
        pk = f"{self.tenant}#{partition}"
        keys = sorted((key for one, key in self.rows if one == pk and (below is None or key < below)), reverse=True)
        yield from (self.rows[pk, key] for key in keys[:limit])


@dataclass(frozen=True, slots=True)
class MemoryContent:
    """`functions.content.Content`."""

    files: dict[str, bytes] = field(default_factory=dict)

    def keep(self, key: str, content: bytes, _content_type: str) -> None:
        self.files.setdefault(key, content)

    def point(self, key: str, content: bytes, _content_type: str) -> None:
        self.files[key] = content

    def read(self, key: str) -> bytes:
        try:
            return self.files[key]
        except KeyError as error:
            raise NotFound("There is no such text.") from error
