"""Rows of the ledger that tell what was anchored: docs/reference/ledger.md.

| pk | sk | row |
| --- | --- | --- |
| `TENANT#log#YEAR` | `mailed#SIZE` | that the checkpoint of that size was mailed to the tenant |
| `TENANT#log#YEAR` | `anchor#SIZE` | that it was stamped, and where the stamp is |
| `TENANT#log#YEAR` | `cosignature#SIZE#KEYID` | a witness's signature line |
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from functions.anchors.model import AnchorKind, AnchorRow, CheckpointRef
from functions.clock import from_ms, to_ms
from functions.dynamo import Item, Table
from functions.ids import TenantId

# Above every digit, hexadecimal or not.
LAST = "~"


@dataclass(frozen=True, slots=True)
class Anchors:
    """What was anchored of one tenant's logs; rows are put once, and the first stays."""

    table: Table
    tenant: TenantId

    def enter(self, row: AnchorRow) -> None:
        item: Item = {
            "pk": {"S": self._pk(row.ref.year)},
            "sk": {"S": f"{_prefix(row.kind)}{row.ref.size:012d}"},
            "kind": {"S": row.kind.value},
            "at": {"N": str(to_ms(row.at))},
        }
        self.table.put_new(item if row.key is None else item | {"key": {"S": row.key}})

    def newest(self, kind: AnchorKind, year: int) -> AnchorRow | None:
        """Of the largest tree."""
        prefix = _prefix(kind)
        items = self.table.newest_first(self._pk(year), prefix, prefix + LAST, limit=1)
        return next((_row_of(item, year) for item in items), None)

    def all(self, kind: AnchorKind, year: int) -> Iterator[AnchorRow]:
        """The smallest tree first."""
        prefix = _prefix(kind)
        for item in self.table.oldest_first(self._pk(year), prefix, prefix + LAST):
            yield _row_of(item, year)

    def cosign(self, ref: CheckpointRef, key_id: bytes, line: str, *, at: datetime) -> None:
        item: Item = {
            "pk": {"S": self._pk(ref.year)},
            "sk": {"S": f"{_cosignatures(ref)}{key_id.hex()}"},
            "line": {"S": line},
            "at": {"N": str(to_ms(at))},
        }
        self.table.put_new(item)

    def cosignatures(self, ref: CheckpointRef) -> list[str]:
        """Lines of a note, without their newlines."""
        prefix = _cosignatures(ref)
        return [item["line"]["S"] for item in self.table.oldest_first(self._pk(ref.year), prefix, prefix + LAST)]

    def _pk(self, year: int) -> str:
        return f"{self.tenant}#log#{year}"


def _prefix(kind: AnchorKind) -> str:
    match kind:
        case AnchorKind.MAIL:
            return "mailed#"
        case AnchorKind.RFC3161:
            return "anchor#"


def _cosignatures(ref: CheckpointRef) -> str:
    return f"cosignature#{ref.size:012d}#"


def _row_of(item: Item, year: int) -> AnchorRow:
    size = int(item["sk"]["S"].partition("#")[2])
    key = item["key"]["S"] if "key" in item else None
    return AnchorRow(AnchorKind(item["kind"]["S"]), CheckpointRef(year, size), from_ms(int(item["at"]["N"])), key)
