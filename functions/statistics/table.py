"""Rows of the statistics, in the ledger's table.

| pk | sk | holds |
| --- | --- | --- |
| `TENANT#statistics` | `current` | `v`, `generation`, `building`, `swept`: which counters are read, and which are being made |
| `TENANT#statistics#GENERATION` | `DAY#SITE` | counters, an attribute each |
| `TENANT#applied#statistics#GENERATION` | `YEAR#START#PART` | that this part of a batch is counted |
| `TENANT#decided#GENERATION#DAY#SITE` | `SUBJECT#MATTER` | a visitor's last: `at`, `id`, `counts`; gone after `expires` |
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.dynamo import Item, Table
from functions.ids import RecordId, TenantId
from functions.statistics.days import Period
from functions.statistics.model import KEPT, Change, Decision, Generations, Part, Sheet, Visit

PAGE = 25
CONDITION = "ConditionalCheckFailed"
LOST = frozenset({CONDITION, "TransactionConflict"})
ABSENT = {"ConditionExpression": "attribute_not_exists(pk)"}


@dataclass(frozen=True, slots=True)
class StatisticsRows:
    """The statistics of one tenant."""

    table: Table
    tenant: TenantId

    def generations(self) -> Generations:
        item = self.table.get(f"{self.tenant}#statistics", "current")
        return Generations() if item is None else _generations_of(item)

    def move(self, was: Generations, to: Generations) -> bool:
        """Tells whether they still were what they were thought to be."""
        numbers = {"v": to.v, "generation": to.current, "building": to.building, "swept": to.swept}
        item = self._current | {name: _number(value) for name, value in numbers.items() if value is not None}
        try:
            self.table.client.put_item(TableName=self.table.name, Item=item, **_still(was))
        except self.table.client.exceptions.ConditionalCheckFailedException:
            return False
        except self.table.client.exceptions.TransactionConflictException:
            return False  # a part is being counted by what they were; whoever moves them looks again
        return True

    def before(self, part: Part, *, generation: int) -> dict[Visit, Decision] | None:
        """The last decisions of a part's visits so far, strongly consistent; nothing when the part is counted."""
        marker = self._marker(part, generation)
        keys = {_key(self._visit(visit, generation)): visit for visit in part.visits}
        found = self.table.get_many([_key(marker), *keys], consistent=True)
        if _key(marker) in found:
            return None
        return {keys[key]: _decision_of(item) for key, item in found.items()}

    def add(
        self,
        part: Part,
        change: Change,
        before: Mapping[Visit, Decision],
        *,
        generation: int,
        among: Generations,
        now: datetime,
    ) -> bool:
        """Count the part, all of it or nothing; tells whether it is counted, by this or another.

        Nothing is changed unless the generations are still these, and the visits' last decisions still those of `before`.
        """
        items: list[Any] = [
            {"Put": {"TableName": self.table.name, "Item": self._marker(part, generation), **ABSENT}},
            {"ConditionCheck": {"TableName": self.table.name, "Key": self._current, **_still(among)}},
            *(self._noted(visit, new, before.get(visit), generation, now) for visit, new in change.last.items()),
            *(self._added(sheet, counts, generation) for sheet, counts in change.added.items()),
        ]
        try:
            self.table.client.transact_write_items(TransactItems=items)
        except self.table.client.exceptions.TransactionCanceledException as error:
            reasons: Any = error.response.get("CancellationReasons", [])
            codes = [reason.get("Code") for reason in reasons]
            if not LOST & set(codes):
                raise
            return bool(codes[0] == CONDITION)
        except self.table.client.exceptions.TransactionConflictException:
            return False
        return True

    def sheets(self, period: Period, *, generation: int) -> Iterator[tuple[Sheet, dict[str, int]]]:
        """In order of day and site, a page at a time."""
        for item in self.table.oldest_first(self._sheets(generation), f"{period.first}#", f"{period.last}#~"):
            counters = {name: int(value["N"]) for name, value in item.items() if name not in {"pk", "sk"}}
            yield Sheet.parse(item["sk"]["S"]), counters

    def delete(self, generation: int) -> None:
        """Everything of a generation, page by page; a sheet goes after its visitors, so that what is left can be found."""
        for item in self.table.oldest_first(self._sheets(generation), "0", "~"):
            self._empty(f"{self.tenant}#decided#{generation}#{item['sk']['S']}")
        self._empty(self._sheets(generation))
        self._empty(f"{self.tenant}#applied#statistics#{generation}")

    def _empty(self, pk: str) -> None:
        request: dict[str, Any] = {
            "TableName": self.table.name,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": pk}},
            "ProjectionExpression": "pk, sk",
            "ConsistentRead": True,
            "Limit": PAGE,
        }
        # What was held back is still there, and so found again.
        while keys := self.table.client.query(**request)["Items"]:
            deletions: Any = [{"DeleteRequest": {"Key": key}} for key in keys]
            self.table.client.batch_write_item(RequestItems={self.table.name: deletions})

    def _noted(self, visit: Visit, new: Decision, was: Decision | None, generation: int, now: datetime) -> Item:
        item = self._visit(visit, generation) | {
            "at": _number(new.at_ms),
            "id": {"S": new.record},
            "counts": {"SS": sorted(new.counts)},
            "expires": _number(int((max(visit.sheet.ends_at, now) + KEPT).timestamp())),
        }
        if was is None:
            return {"Put": {"TableName": self.table.name, "Item": item, **ABSENT}}
        still = {"ConditionExpression": "id = :was", "ExpressionAttributeValues": {":was": {"S": was.record}}}
        return {"Put": {"TableName": self.table.name, "Item": item, **still}}

    def _added(self, sheet: Sheet, counts: Mapping[str, int], generation: int) -> Item:
        names = sorted(counts)
        return {
            "Update": {
                "TableName": self.table.name,
                "Key": {"pk": {"S": self._sheets(generation)}, "sk": {"S": str(sheet)}},
                "UpdateExpression": "ADD " + ", ".join(f"#{place} :{place}" for place in range(len(names))),
                "ExpressionAttributeNames": {f"#{place}": name for place, name in enumerate(names)},
                "ExpressionAttributeValues": {f":{place}": _number(counts[name]) for place, name in enumerate(names)},
            }
        }

    @property
    def _current(self) -> Item:
        return {"pk": {"S": f"{self.tenant}#statistics"}, "sk": {"S": "current"}}

    def _sheets(self, generation: int) -> str:
        return f"{self.tenant}#statistics#{generation}"

    def _marker(self, part: Part, generation: int) -> Item:
        return {"pk": {"S": f"{self.tenant}#applied#statistics#{generation}"}, "sk": {"S": str(part)}}

    def _visit(self, visit: Visit, generation: int) -> Item:
        pk = f"{self.tenant}#decided#{generation}#{visit.sheet}"
        return {"pk": {"S": pk}, "sk": {"S": f"{visit.subject}#{visit.matter}"}}


def _still(generations: Generations) -> dict[str, Any]:
    if generations.v == 0:
        return ABSENT
    return {"ConditionExpression": "v = :v", "ExpressionAttributeValues": {":v": _number(generations.v)}}


def _generations_of(item: Item) -> Generations:
    building = int(item["building"]["N"]) if "building" in item else None
    return Generations(int(item["v"]["N"]), int(item["generation"]["N"]), building, int(item["swept"]["N"]))


def _decision_of(item: Item) -> Decision:
    return Decision(int(item["at"]["N"]), RecordId(item["id"]["S"]), frozenset(item["counts"]["SS"]))


def _key(item: Item) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


def _number(value: int) -> dict[str, str]:
    return {"N": str(value)}
