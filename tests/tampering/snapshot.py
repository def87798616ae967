"""Everything that is stored of one tenant, read once and audited from memory as often as somebody likes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from functions.audit.model import Tally
from functions.audit.ports import Scope
from functions.audit.reading import Named
from functions.audit.service import Auditor, State
from functions.dynamo import Item
from functions.ids import TenantId
from functions.ledger.kinds import EntryRef
from tests.tampering.world import World, owner_of, rows

Key = tuple[str, str]
Stored = dict[Key, Item]


def key_of(item: Item) -> Key:
    return item["pk"]["S"], item["sk"]["S"]


@dataclass(frozen=True)
class Snapshot:
    """Rows of register and ledger, and the log's objects by the rest of their keys."""

    tenant: TenantId
    year: int
    folder: str
    now: datetime
    register: Stored
    ledger: Stored
    objects: dict[str, bytes]

    @classmethod
    def of(cls, world: World, *, now: datetime) -> "Snapshot":
        register, ledger = (
            {key_of(item): item for item in rows(table) if owner_of(item) == world.tenant}
            for table in (world.register, world.ledger)
        )
        objects = world.wiring.log_objects
        client = cast("Any", objects.client)
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=objects.bucket, Prefix=f"{world.folder}/")
        keys = [one["Key"] for page in pages for one in page.get("Contents", [])]
        found = {key: objects.read(key) or b"" for key in keys}
        return cls(world.tenant, world.year, world.folder, now, register, ledger, found)

    @property
    def log(self) -> str:
        return f"{self.tenant}#log#{self.year}"

    def of_log(self, prefix: str) -> list[Item]:
        """Rows of the log, in order."""
        keys = sorted(key for key in self.ledger if key[0] == self.log and key[1].startswith(prefix))
        return [self.ledger[key] for key in keys]

    def with_row(self, table: str, key: Key, item: Item | None) -> "Snapshot":
        """With this row where that one was; none takes it away."""
        stored: Stored = {other: row for other, row in getattr(self, table).items() if other != key}
        changed = stored if item is None else stored | {key_of(item): item}
        return replace(self, register=changed) if table == "register" else replace(self, ledger=changed)

    def with_object(self, key: str, content: bytes) -> "Snapshot":
        return replace(self, objects={**self.objects, key: content})

    def audited(self, *, deep: bool, scope: Scope | None = None) -> Tally:
        auditor = Auditor(
            MemoryRows(self), MemoryObjects(self.objects), Named((self.tenant,)), scope or Scope(), State(deep=deep)
        )
        while not auditor.done:
            auditor.step(now=self.now)
        return auditor.state.tally


@dataclass(frozen=True)
class MemoryRows:
    """`functions.audit.ports.Rows`."""

    stored: Snapshot

    def head(self, tenant: str, year: int) -> Item | None:
        return self.stored.ledger.get((f"{tenant}#log#{year}", "head"))

    def batches(self, tenant: str, year: int, *, after: str | None, limit: int) -> list[Item]:
        return [item for item in self._beginning(tenant, year, "batch#") if after is None or item["sk"]["S"] > after][:limit]

    def batch(self, tenant: str, year: int, start: int) -> Item | None:
        return self.stored.ledger.get((f"{tenant}#log#{year}", f"batch#{start:012d}"))

    def last_batch(self, tenant: str, year: int) -> Item | None:
        return next(reversed(self._beginning(tenant, year, "batch#")), None)

    def signed(self, tenant: str, year: int, *, above: int, up_to: int | None = None) -> Iterator[Item]:
        low, high = f"signed#{above + 1:012d}", "signed#~" if up_to is None else f"signed#{up_to:012d}"
        return (item for item in self._beginning(tenant, year, "signed#") if low <= item["sk"]["S"] <= high)

    def anchors(self, tenant: str, year: int) -> Iterator[Item]:
        return iter(self._beginning(tenant, year, "anchor#"))

    def entries(self, tenant: str, refs: Iterable[EntryRef]) -> dict[EntryRef, Item]:
        found = {ref: self.stored.register.get((f"{tenant}#{ref.partition}", ref.key)) for ref in refs}
        return {ref: item for ref, item in found.items() if item is not None}

    def locators(self, tenant: str, refs: Iterable[EntryRef]) -> dict[EntryRef, Item]:
        found = {ref: self.stored.ledger.get((f"{tenant}#located#{ref.partition}", ref.key)) for ref in refs}
        return {ref: item for ref, item in found.items() if item is not None}

    def quarantined(self, tenant: str, refs: Iterable[tuple[EntryRef, int]]) -> set[EntryRef]:
        keys = {(f"{tenant}#quarantine#{year}", str(ref)): ref for ref, own in refs for year in (own, 0)}
        return {keys[key] for key in keys.keys() & self.stored.ledger.keys()}

    def scan(
        self,
        after: dict[str, str] | None,  # noqa: ARG002 - one page has it all
        *,
        segment: int,  # noqa: ARG002 - as above
        segments: int,  # noqa: ARG002 - as above
    ) -> tuple[list[Item], dict[str, str] | None]:
        return list(self.stored.register.values()), None

    def _beginning(self, tenant: str, year: int, prefix: str) -> list[Item]:
        pk, ledger = f"{tenant}#log#{year}", self.stored.ledger
        return [ledger[key] for key in sorted(key for key in ledger if key[0] == pk and key[1].startswith(prefix))]


@dataclass(frozen=True)
class MemoryObjects:
    """`functions.audit.ports.Objects`."""

    objects: dict[str, bytes]

    def read(self, key: str) -> bytes | None:
        return self.objects.get(key)

    def sizes(self, folder: str, *, above: int, up_to: int) -> Iterator[int]:
        return iter(sorted(size for size in self.beyond(folder, above) if size <= up_to))

    def beyond(self, folder: str, size: int) -> Iterator[int]:
        prefix = f"{folder}/checkpoint/"
        names = (key.removeprefix(prefix) for key in self.objects if key.startswith(prefix))
        return (int(name) for name in names if name.isdecimal() and int(name) > size)
