"""Which accounts there are, for what is done for each of them by schedule."""

from dataclasses import dataclass
from typing import Any

from functions.dynamo import Table
from functions.ids import TenantId

PK = "tenants"
PAGE = 500


@dataclass(frozen=True, slots=True)
class Directory:
    """Rows of the workspace, outside of every tenant: one an account."""

    table: Table

    def enter(self, tenant: TenantId) -> None:
        """The same again changes nothing."""
        self.table.put_new({"pk": {"S": PK}, "sk": {"S": tenant}})

    def page(self, after: TenantId | None = None) -> tuple[list[TenantId], TenantId | None]:
        """Some accounts, and where the next page begins, if there may be one."""
        request: dict[str, Any] = {
            "TableName": self.table.name,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": PK}},
            "Limit": PAGE,
        }
        if after is not None:
            request["ExclusiveStartKey"] = {"pk": {"S": PK}, "sk": {"S": after}}
        answer = self.table.client.query(**request)
        found = [TenantId(item["sk"]["S"]) for item in answer["Items"]]
        return found, found[-1] if "LastEvaluatedKey" in answer and found else None
