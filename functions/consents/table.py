"""Consent records as entries of the register."""

from collections.abc import Iterable
from dataclasses import dataclass

from functions.consents.entry import Entry
from functions.dynamo import Item
from functions.errors import AlreadyRecorded
from functions.ids import RecordId
from functions.ledger.kinds import shard
from functions.register.table import Register


def entry_of(item: Item) -> Entry:
    """A row as an entry; what somebody took out of it is empty, so that it is found out where the entry is checked."""
    leaf, hashed, signature, sealed = (
        item.get(name, {}).get("B", b"") for name in ("leaf", "leaf_hash", "signature", "sealed")
    )
    return Entry(RecordId(item["sk"]["S"]), leaf, hashed, signature, sealed)


@dataclass(frozen=True, slots=True)
class ConsentRecords:
    """The consent records of one tenant."""

    register: Register

    def append(self, entry: Entry) -> Entry | None:
        """Enter a record in one write; when the id is taken nothing changes, and the entry that has it comes back."""
        beside = {"signature": {"B": entry.signature}, "sealed": {"B": entry.sealed}}
        try:
            self.register.append(shard(entry.id), entry.id, entry.leaf, beside)
        except AlreadyRecorded as error:
            return entry_of(dict(error.earlier))
        return None

    def read(self, record: RecordId) -> Entry | None:
        item = self.register.read(shard(record), record)
        return None if item is None else entry_of(item)

    def read_many(self, records: Iterable[RecordId]) -> dict[RecordId, Entry]:
        """At most a hundred."""
        items = self.register.read_many([(shard(record), record) for record in records])
        return {RecordId(key): entry_of(item) for (_, key), item in items.items()}
