"""The one place that writes to the register, and the condition that makes it append-only.

| pk | sk | entry |
| --- | --- | --- |
| `TENANT#consent#SHARD` | record id | a consent record; the shard is the last hexadecimal digit of the id, modulo four |
| `TENANT#policy#POLICY` | `v000001` | a policy version |
| `TENANT#config#SITE` | `v000001` | a published banner config |
| `TENANT#erasure` | `SUBJECT#shredded` or `SUBJECT#restricted` | that a subject was erased |
| `TENANT#tamper` | number in the stream | that an entry was changed or removed |
| `TENANT#closing` | `2026` | the last checkpoint of a year's log |

Every entry holds `leaf` (the canonical bytes) and `leaf_hash`; beside them stands what the leaf only commits to.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from functions.dynamo import Item, Table
from functions.errors import AlreadyRecorded
from functions.ids import TenantId
from functions.ledger.kinds import EntryRef
from functions.ledger.leaf import leaf_hash
from functions.ledger.model import Candidate


@dataclass(frozen=True, slots=True)
class Register:
    """The register of one tenant."""

    table: Table
    tenant: TenantId

    def append(self, partition: str, key: str, leaf: bytes, beside: Item) -> None:
        """Enter a leaf under a new key; raises `AlreadyRecorded` and changes nothing when the key is taken."""
        item: Item = {
            **beside,
            "pk": {"S": f"{self.tenant}#{partition}"},
            "sk": {"S": key},
            "leaf": {"B": leaf},
            "leaf_hash": {"B": leaf_hash(leaf)},
        }
        earlier = self.table.put_new(item)
        if earlier is not None:
            raise AlreadyRecorded(earlier)

    def read(self, partition: str, key: str) -> Item | None:
        return self.table.get(f"{self.tenant}#{partition}", key)

    def read_many(self, keys: list[tuple[str, str]], *, consistent: bool = False) -> dict[tuple[str, str], Item]:
        """At most a hundred, by partition and key."""
        found = self.table.get_many([(f"{self.tenant}#{partition}", key) for partition, key in keys], consistent=consistent)
        return {(pk.removeprefix(f"{self.tenant}#"), sk): item for (pk, sk), item in found.items()}

    def newest_first(self, partition: str, *, below: str | None = None, limit: int) -> Iterator[Item]:
        """Entries of a partition from the highest key down, `limit` at the most; `below` is a key to start under."""
        values: dict[str, Any] = {":pk": {"S": f"{self.tenant}#{partition}"}}
        condition = "pk = :pk"
        if below is not None:
            values[":below"] = {"S": below}
            condition += " AND sk < :below"
        request: dict[str, Any] = {
            "TableName": self.table.name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": values,
            "ScanIndexForward": False,
            "ConsistentRead": True,
        }
        # DynamoDB ends a page at 1 MB, whatever the limit, and a config can have a third of that.
        while limit > 0:
            answer = self.table.client.query(**request, Limit=limit)
            yield from answer["Items"]
            limit -= len(answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def leaves(self, refs: Sequence[EntryRef]) -> dict[EntryRef, bytes]:
        """The leaves of entries as they are stored now, strongly consistent; at most a hundred."""
        keys = {(f"{self.tenant}#{ref.partition}", ref.key): ref for ref in refs}
        found = self.table.get_many(list(keys), consistent=True)
        return {keys[key]: item.get("leaf", {}).get("B", b"") for key, item in found.items()}

    def stored(self, partition: str, low: str, high: str) -> Iterator[Candidate]:
        """Entries of a partition whose keys lie between, both included, as they are stored; a page at a time."""
        for item in self.table.oldest_first(f"{self.tenant}#{partition}", low, high):
            leaf, stated = (item.get(name, {}).get("B", b"") for name in ("leaf", "leaf_hash"))
            yield Candidate.of(EntryRef(partition, item["sk"]["S"]), leaf, stated)
