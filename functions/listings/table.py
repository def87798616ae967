"""Rows of the listings, in the ledger's table, and when a subject last acted on a matter.

| pk | sk | holds |
| --- | --- | --- |
| `TENANT#list#NAME#YEAR` | `MILLISECONDS#ID` | that the record stands in the listing |
| `TENANT#last#SUBJECT` | `policy#POLICY` or `categories#SITE` | `at`: the latest act, Unix milliseconds |
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from functions.clock import from_ms
from functions.dynamo import Item, Table
from functions.ids import SubjectId, TenantId
from functions.listings.model import Row, Rows, Window


@dataclass(frozen=True, slots=True)
class Listings:
    """The listings of one tenant."""

    table: Table
    tenant: TenantId

    def enter(self, names: Iterable[str], row: Row) -> None:
        """Put the record into each listing; again and in any order is the same."""
        year = from_ms(row.at_ms).year
        items = [{"pk": {"S": self._pk(name, year)}, "sk": {"S": str(row)}} for name in names]
        self.table.put_all(items)

    def note_last(self, subject: SubjectId, matter: str, at_ms: int) -> None:
        """The latest act wins, whichever is told first."""
        try:
            self.table.client.put_item(
                TableName=self.table.name,
                Item={**self._last_key(subject, matter), "at": {"N": str(at_ms)}},
                ConditionExpression="attribute_not_exists(pk) OR #at < :at",
                ExpressionAttributeNames={"#at": "at"},
                ExpressionAttributeValues={":at": {"N": str(at_ms)}},
            )
        except self.table.client.exceptions.ConditionalCheckFailedException:
            return  # a later act is noted already

    def last(self, wanted: Iterable[tuple[SubjectId, str]]) -> dict[tuple[SubjectId, str], int]:
        """When each subject last acted on each matter, Unix milliseconds; at most a hundred."""
        keys = {(pk["pk"]["S"], pk["sk"]["S"]): one for one in wanted for pk in [self._last_key(*one)]}
        return {keys[key]: int(item["at"]["N"]) for key, item in self.table.get_many(list(keys)).items()}

    def page(self, name: str, window: Window, *, limit: int) -> Rows:
        """Rows of the window, newest first; an empty year costs one query."""
        found: list[Row] = []
        for year in window.years():
            found += self._rows(name, year, window, limit + 1 - len(found))
            if len(found) > limit:
                break
        return Rows.of(found, limit=limit)

    def _rows(self, name: str, year: int, window: Window, limit: int) -> Iterable[Row]:
        low, high = window.bounds()
        # A row that the page before ended with is between the bounds once more: one more is asked for, and it is left out.
        items = self.table.newest_first(self._pk(name, year), low, high, limit=limit + 1)
        rows = [Row.parse(item["sk"]["S"]) for item in items]
        return [row for row in rows if row is not None and row != window.below][:limit]

    def _pk(self, name: str, year: int) -> str:
        return f"{self.tenant}#list#{name}#{year}"

    def _last_key(self, subject: SubjectId, matter: str) -> Item:
        key: dict[str, Any] = {"pk": {"S": f"{self.tenant}#last#{subject}"}, "sk": {"S": matter}}
        return key
