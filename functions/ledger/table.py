"""Rows of the ledger: heads that are compared and swapped, batches that are inserted, locators. docs/reference/ledger.md."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from functions.clock import from_ms, to_ms
from functions.dynamo import Item, Table
from functions.ids import TenantId
from functions.ledger.kinds import EntryRef
from functions.ledger.model import Batch, Flaw, Head, Located, Reserved, Signed, split
from functions.ledger.tree import Frontier

MOST_READ = 100
MOST_WRITTEN = 25
SIGNED = "signed#"
LARGEST = 10**12 - 1
LOST = frozenset({"ConditionalCheckFailed", "TransactionConflict"})


@dataclass(frozen=True, slots=True)
class LogRows:
    """One log: a tenant's of a year."""

    table: Table
    tenant: TenantId
    year: int

    def head(self) -> Head | None:
        """Strongly consistent; nothing before the first batch."""
        item = self.table.get(self._pk, "head")
        return None if item is None else _head_of(item)

    def commit(self, batch: Batch, *, head: Head) -> bool:
        """Insert the batch and move the head behind it, both or neither; tells whether nobody else was faster."""
        frontier = head.frontier.extended(batch.hashes)
        inserted = {
            "TableName": self.table.name,
            "Item": _item_of(batch, pk=self._pk),
            "ConditionExpression": "attribute_not_exists(pk)",
        }
        moved: dict[str, Any] = {
            "TableName": self.table.name,
            "Key": self._key("head"),
            "UpdateExpression": (
                "SET v = :next, #size = :size, #roots = :roots, #last = :last, #origin = :origin, receipt_vkey = :receipts"
            ),
            "ConditionExpression": "attribute_not_exists(pk)",
            "ExpressionAttributeNames": {name: name[1:] for name in ("#size", "#roots", "#last", "#origin")},
            "ExpressionAttributeValues": {
                ":next": _number(head.v + 1),
                ":size": _number(frontier.size),
                ":roots": {"B": b"".join(frontier.roots)},
                ":last": _number(batch.start),
                ":origin": {"S": head.origin},
                ":receipts": {"S": head.receipts},
            },
        }
        if head.v:
            # What is closed stays as its last checkpoint says.
            moved["ConditionExpression"] = "v = :v AND attribute_not_exists(closed)"
            moved["ExpressionAttributeValues"][":v"] = _number(head.v)
        return self._transacted([{"Put": inserted}, {"Update": moved}])

    def finish(self, v: int) -> None:
        """Note that the batch of that `v` has been followed up; another's later note stays."""
        self._update("SET finished = :v", "attribute_not_exists(finished) OR finished < :v", {":v": _number(v)})

    def reserve(self, size: int, *, at: datetime, head: Head) -> bool:
        """Take the turn to sign a size at a time, if the last turn is still the one that this head tells of."""
        condition, values = "attribute_not_exists(signing_size)", {}
        if head.reserved is not None:
            condition, values = "signing_size = :last", {":last": _number(head.reserved.size)}
        values |= {":size": _number(size), ":at": _number(to_ms(at))}
        return self._update("SET signing_size = :size, signing_at = :at", condition, values)

    def sign(self, signed: Signed) -> None:
        """Note a checkpoint, and that it is the newest unless a larger one was noted meanwhile."""
        self.table.put_all([{**self._key(_signed_key(signed.size)), "at": _number(to_ms(signed.at))}])
        self._update(
            "SET signed_size = :size, signed_at = :at, vkey = :vkey",
            "attribute_not_exists(signed_size) OR signed_size < :size",
            {":size": _number(signed.size), ":at": _number(to_ms(signed.at)), ":vkey": {"S": signed.vkey}},
        )

    def first_signed_above(self, index: int) -> int | None:
        """The size of the first checkpoint that holds the leaf of that index, if there is one yet."""
        found = self.table.oldest_first(self._pk, _signed_key(index + 1), _signed_key(LARGEST), limit=1)
        return next((int(item["sk"]["S"].removeprefix(SIGNED)) for item in found), None)

    def close(self, head: Head) -> bool:
        """Let nothing more in; tells whether the log is still where this head says."""
        return self._update("SET closed = :yes", "v = :v", {":yes": {"BOOL": True}, ":v": _number(head.v)})

    def batch(self, start: int) -> Batch | None:
        item = self.table.get(self._pk, _batch_key(start))
        return None if item is None else _batch_of(item)

    def batches(self, start: int, end: int) -> Iterator[Batch]:
        """Those that begin between, in order; a page at a time."""
        for item in self.table.oldest_first(self._pk, _batch_key(start), _batch_key(end - 1)):
            yield _batch_of(item)

    def cosignatures(self, size: int) -> list[str]:
        """Signature lines that witnesses have added to the checkpoint of that size."""
        low, high = f"cosignature#{size:012d}#", f"cosignature#{size:012d}#~"
        return [item["line"]["S"] for item in self.table.oldest_first(self._pk, low, high)]

    def _update(self, update: str, condition: str, values: dict[str, Any]) -> bool:
        return self.table.update(
            {
                "Key": self._key("head"),
                "UpdateExpression": update,
                "ConditionExpression": condition,
                "ExpressionAttributeValues": values,
            }
        )

    def _transacted(self, items: list[Any]) -> bool:
        try:
            self.table.client.transact_write_items(TransactItems=items)
        except self.table.client.exceptions.TransactionCanceledException as error:
            reasons: Any = error.response.get("CancellationReasons", [])
            if not LOST & {reason.get("Code") for reason in reasons}:
                raise
            return False
        except self.table.client.exceptions.TransactionConflictException:
            return False
        return True

    @property
    def _pk(self) -> str:
        return f"{self.tenant}#log#{self.year}"

    def _key(self, sk: str) -> Any:  # noqa: ANN401 - a key as the client's stubs want it
        return {"pk": {"S": self._pk}, "sk": {"S": sk}}


@dataclass(frozen=True, slots=True)
class Locators:
    """Where the entries of one tenant stand, and which of them were kept out."""

    table: Table
    tenant: TenantId

    def find(self, refs: Iterable[EntryRef]) -> dict[EntryRef, Located]:
        """Strongly consistent, which what is left out of a batch for having a place depends on."""
        keys = {(self._pk(ref), ref.key): ref for ref in refs}
        wanted: list[tuple[str, str]] = list(keys)
        found: dict[EntryRef, Located] = {}
        for start in range(0, len(wanted), MOST_READ):
            items = self.table.get_many(wanted[start : start + MOST_READ], consistent=True)
            found |= {keys[key]: _located_of(item) for key, item in items.items()}
        return found

    def put(self, batch: Batch, *, year: int) -> None:
        """The same again changes nothing: a place is given once."""
        items = [self._item(ref, year, index, batch.start, late=late) for ref, index, late in batch.located()]
        for start in range(0, len(items), MOST_WRITTEN):
            self.table.put_all(items[start : start + MOST_WRITTEN])

    def quarantine(self, ref: EntryRef, flaw: Flaw, *, year: int, now: datetime) -> None:
        """Tell that an entry was kept out, and why."""
        self.table.put_all(
            [
                {
                    "pk": {"S": f"{self.tenant}#quarantine#{year}"},
                    "sk": {"S": str(ref) if ref.possible else sha256(str(ref).encode()).hexdigest()},
                    "why": {"S": flaw.name.lower()},
                    "at": _number(to_ms(now)),
                }
            ]
        )

    def _item(self, ref: EntryRef, year: int, index: int, start: int, *, late: bool) -> Item:
        return {
            "pk": {"S": self._pk(ref)},
            "sk": {"S": ref.key},
            "year": _number(year),
            "index": _number(index),
            "start": _number(start),
            "late": {"BOOL": late},
        }

    def _pk(self, ref: EntryRef) -> str:
        return f"{self.tenant}#located#{ref.partition}"


def _number(value: int) -> dict[str, str]:
    return {"N": str(value)}


def _signed_key(size: int) -> str:
    return f"{SIGNED}{size:012d}"


def _batch_key(start: int) -> str:
    return f"batch#{start:012d}"


def _head_of(item: Item) -> Head:
    signed = None
    if "signed_size" in item:
        signed = Signed(int(item["signed_size"]["N"]), from_ms(int(item["signed_at"]["N"])), item["vkey"]["S"])
    reserved = None
    if "signing_size" in item:
        reserved = Reserved(int(item["signing_size"]["N"]), from_ms(int(item["signing_at"]["N"])))
    return Head(
        origin=item["origin"]["S"],
        receipts=item["receipt_vkey"]["S"],
        v=int(item["v"]["N"]),
        frontier=Frontier(int(item["size"]["N"]), split(item["roots"]["B"])),
        last=int(item["last"]["N"]),
        finished=int(item.get("finished", {"N": "0"})["N"]),
        signed=signed,
        closed="closed" in item,
        reserved=reserved,
    )


def _item_of(batch: Batch, *, pk: str) -> Item:
    late = {"late": {"NS": [str(place) for place in sorted(batch.late)]}} if batch.late else {}
    return {
        "pk": {"S": pk},
        "sk": {"S": _batch_key(batch.start)},
        "hashes": {"B": b"".join(batch.hashes)},
        "refs": {"L": [{"S": str(ref)} for ref in batch.refs]},
        "at": _number(to_ms(batch.at)),
        **late,
    }


def _batch_of(item: Item) -> Batch:
    return Batch(
        start=int(item["sk"]["S"].removeprefix("batch#")),
        hashes=split(item["hashes"]["B"]),
        refs=tuple(EntryRef.parse(ref["S"]) for ref in item["refs"]["L"]),
        at=from_ms(int(item["at"]["N"])),
        late=frozenset(int(place) for place in item.get("late", {"NS": []})["NS"]),
    )


def _located_of(item: Item) -> Located:
    return Located(int(item["year"]["N"]), int(item["index"]["N"]), int(item["start"]["N"]), item["late"]["BOOL"])
