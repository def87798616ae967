"""Consent records as entries of the register."""

from collections.abc import Iterable
from dataclasses import dataclass

from functions.consents.entry import Entry
from functions.dynamo import Item
from functions.errors import AlreadyRecorded
from functions.ids import RecordId
from functions.register.table import Register

SHARDS = 4


def partition(record: RecordId) -> str:
    """Four partitions a tenant, so that a busy shop is not held to the pace of one."""
    return f"consent#{int(record[-1], 16) % SHARDS}"


def _entry(item: Item) -> Entry:
    return Entry(RecordId(item["sk"]["S"]), item["leaf"]["B"], item["leaf_hash"]["B"], item["sealed"]["B"])


@dataclass(frozen=True, slots=True)
class ConsentRecords:
    """The consent records of one tenant."""

    register: Register

    def append(self, record: RecordId, leaf: bytes, sealed: bytes) -> Entry | None:
        """Enter a record in one write; when the id is taken nothing changes, and the entry that has it comes back."""
        try:
            self.register.append(partition(record), record, leaf, {"sealed": {"B": sealed}})
        except AlreadyRecorded as error:
            return _entry(dict(error.earlier))
        return None

    def read(self, record: RecordId) -> Entry | None:
        item = self.register.read(partition(record), record)
        return None if item is None else _entry(item)

    def read_many(self, records: Iterable[RecordId]) -> dict[RecordId, Entry]:
        """At most a hundred."""
        items = self.register.read_many([(partition(record), record) for record in records])
        return {RecordId(key): _entry(item) for (_, key), item in items.items()}
