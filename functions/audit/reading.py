"""What is stored, read for the audit: the one reader that scans the register. Nothing here writes."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from cachetools import LRUCache

from functions.audit.ports import Position
from functions.audit.rows import BATCH, SIGNED, Item
from functions.dynamo import Table
from functions.ids import TenantId
from functions.ledger.kinds import EntryRef
from functions.ledger.objects import LogObjects
from functions.tenants.directory import PK as TENANTS
from functions.tenants.directory import Directory

if TYPE_CHECKING:
    from functions.wiring import Wiring

MOST_READ = 100
SIZE = re.compile(r"[1-9][0-9]{0,17}")
# Longer than DynamoDB has keys; whoever changed a batch may have put any reference into it.
LONGEST_PK, LONGEST_SK = 2048, 1024
REMEMBERED = 5000


@dataclass(frozen=True, slots=True)
class StoredRows:
    """Rows of register and ledger, strongly consistent."""

    register: Table
    ledger: Table

    def head(self, tenant: str, year: int) -> Item | None:
        return self.ledger.get(_log(tenant, year), "head")

    def batches(self, tenant: str, year: int, *, after: str | None, limit: int) -> list[Item]:
        """In order, from behind that sort key; none at the end."""
        start = {"ExclusiveStartKey": _key(_log(tenant, year), after)} if after else {}
        found: list[Item] = self._beginning(tenant, year, BATCH, Limit=limit, **start)["Items"]
        return found

    def batch(self, tenant: str, year: int, start: int) -> Item | None:
        return self.ledger.get(_log(tenant, year), f"{BATCH}{start:012d}")

    def last_batch(self, tenant: str, year: int) -> Item | None:
        found: list[Item] = self._beginning(tenant, year, BATCH, Limit=1, ScanIndexForward=False)["Items"]
        return found[0] if found else None

    def signed(self, tenant: str, year: int, *, above: int, up_to: int | None = None) -> Iterator[Item]:
        """That there are checkpoints of those sizes, in order; without an end, whatever else stands there too."""
        last = "~" if up_to is None else f"{up_to:012d}"
        return self.ledger.oldest_first(_log(tenant, year), f"{SIGNED}{above + 1:012d}", f"{SIGNED}{last}")

    def anchors(self, tenant: str, year: int) -> Iterator[Item]:
        start: dict[str, Any] = {}
        while True:
            answer = self._beginning(tenant, year, "anchor#", **start)
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def entries(self, tenant: str, refs: Iterable[EntryRef]) -> dict[EntryRef, Item]:
        keys = {(f"{tenant}#{ref.partition}", ref.key): ref for ref in refs}
        return {keys[key]: item for key, item in _many(self.register, list(keys)).items()}

    def locators(self, tenant: str, refs: Iterable[EntryRef]) -> dict[EntryRef, Item]:
        keys = {(f"{tenant}#located#{ref.partition}", ref.key): ref for ref in refs}
        return {keys[key]: item for key, item in _many(self.ledger, list(keys)).items()}

    def quarantined(self, tenant: str, refs: Iterable[tuple[EntryRef, int]]) -> set[EntryRef]:
        """Those with a row under that year, or under the year 0 of what has none."""
        keys = {(f"{tenant}#quarantine#{year}", str(ref)): ref for ref, own in refs for year in (own, 0)}
        return {keys[key] for key in _many(self.ledger, list(keys))}

    def scan(self, after: Position | None, *, segment: int, segments: int) -> tuple[list[Item], Position | None]:
        """A page of the whole register, and where the next begins."""
        request: dict[str, Any] = {"Segment": segment, "TotalSegments": segments, "Limit": MOST_READ}
        if after:
            request["ExclusiveStartKey"] = _key(after["pk"], after["sk"])
        answer = self.register.client.scan(TableName=self.register.name, ConsistentRead=True, **request)
        last = answer.get("LastEvaluatedKey")
        return answer["Items"], {"pk": last["pk"]["S"], "sk": last["sk"]["S"]} if last else None

    def _beginning(self, tenant: str, year: int, prefix: str, **more: object) -> Any:  # noqa: ANN401 - as the client answers
        query: Any = self.ledger.client.query
        return query(
            TableName=self.ledger.name,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues={":pk": {"S": _log(tenant, year)}, ":prefix": {"S": prefix}},
            ConsistentRead=True,
            **more,
        )


@dataclass(frozen=True, slots=True)
class StoredObjects:
    """The log bucket, and which checkpoints it has."""

    objects: LogObjects
    page: int = 1000

    def read(self, key: str) -> bytes | None:
        """Nothing for a key that there cannot be, either."""
        try:
            return self.objects.read(key)
        except ClientError as error:
            if error.response["Error"]["Code"] not in {"KeyTooLongError", "InvalidArgument"}:
                raise
            return None

    def sizes(self, folder: str, *, above: int, up_to: int) -> Iterator[int]:
        """Of the checkpoints between, in order.

        Keys are listed as texts, 1000 before 2: so those of each length by themselves, and only as far as is asked.
        """
        for digits in range(len(str(above + 1)), len(str(up_to)) + 1):
            # Among the names, 10 is the one before 100.
            after = above if len(str(above)) == digits else 10 ** (digits - 2)
            for name in self._names(folder, after=after, last=str(min(up_to, 10**digits - 1))):
                if len(name) == digits and above < int(name) <= up_to:
                    yield int(name)

    def beyond(self, folder: str, size: int) -> Iterator[int]:
        """Checkpoints of larger trees, in no order; lists all of them."""
        return (int(name) for name in self._names(folder, after=None, last="~") if int(name) > size)

    def _names(self, folder: str, *, after: int | None, last: str) -> Iterator[str]:
        """Names that are sizes, as texts, from behind one until their beginning is beyond another."""
        prefix = f"{folder}/checkpoint/"
        start = prefix if after is None else f"{prefix}{after}"
        while True:
            answer: Any = self.objects.client.list_objects_v2(
                Bucket=self.objects.bucket, Prefix=prefix, StartAfter=start, MaxKeys=self.page
            )
            names = [one["Key"].removeprefix(prefix) for one in answer.get("Contents", [])]
            for name in names:
                if name[: len(last)] > last:
                    return
                if SIZE.fullmatch(name):
                    yield name
            if not answer.get("IsTruncated"):
                return
            start = prefix + names[-1]


@dataclass(frozen=True, slots=True)
class Named:
    """The accounts that were asked about, and nobody else's."""

    tenants: tuple[TenantId, ...]

    def after(self, tenant: str | None) -> str | None:
        return next((one for one in sorted(self.tenants) if tenant is None or one > tenant), None)

    def asked(self, tenant: str) -> bool:
        return tenant in self.tenants

    def has(self, tenant: str) -> bool:
        return tenant in self.tenants


@dataclass(frozen=True, slots=True)
class Everybody:
    """All accounts of the directory."""

    directory: Directory
    _known: LRUCache[str, bool] = field(default_factory=lambda: LRUCache(REMEMBERED))

    def after(self, tenant: str | None) -> str | None:
        page, _ = self.directory.page(TenantId(tenant) if tenant else None)
        return page[0] if page else None

    def asked(self, tenant: str) -> bool:  # noqa: ARG002 - everybody is
        return True

    def has(self, tenant: str) -> bool:
        if tenant not in self._known:
            self._known[tenant] = bool(tenant) and self.directory.table.get(TENANTS, tenant) is not None
        return self._known[tenant]


def stored(wiring: "Wiring") -> tuple[StoredRows, StoredObjects]:
    settings = wiring.settings
    rows = StoredRows(Table(wiring.dynamodb, settings.register_table), Table(wiring.dynamodb, settings.ledger_table))
    return rows, StoredObjects(wiring.log_objects)


def _log(tenant: str, year: int) -> str:
    return f"{tenant}#log#{year}"


def _key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _many(table: Table, keys: list[tuple[str, str]]) -> dict[tuple[str, str], Item]:
    found: dict[tuple[str, str], Item] = {}
    possible = [key for key in keys if key[1] and len(key[0].encode()) <= LONGEST_PK and len(key[1].encode()) <= LONGEST_SK]
    for start in range(0, len(possible), MOST_READ):
        found |= table.get_many(possible[start : start + MOST_READ], consistent=True)
    return found
