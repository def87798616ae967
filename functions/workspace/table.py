"""Documents of one tenant: read on the plain client, changed through PynamoDB, whose version attribute refuses lost updates.

The consent path reads a site and a tenant here, so reading needs nothing but the client that is there already.
"""

import json
from dataclasses import dataclass
from typing import Any

from functions.dynamo import Item, Table
from functions.errors import Conflict, NotFound, TooLarge
from functions.ids import TenantId
from functions.workspace.model import MAX_BYTES, PAGE, Document, Page

TAKEN = "There is one by that id already; choose another id, or change the one that is there."
CHANGED = "Somebody else changed this meanwhile; look at it again before you save."


@dataclass(frozen=True, slots=True)
class Workspace:
    """The documents of one tenant."""

    table: Table
    tenant: TenantId

    def read(self, name: str) -> Document:
        """Raises `NotFound`."""
        item = self.table.get(self.tenant, name)
        if item is None:
            raise NotFound("There is nothing here by that name.")
        return _document(item)

    def page(self, prefix: str, *, after: str | None = None, limit: int = PAGE) -> Page:
        """Documents whose name begins with the prefix."""
        request: dict[str, Any] = {
            "TableName": self.table.name,
            "KeyConditionExpression": "pk = :tenant AND begins_with(sk, :prefix)",
            "ExpressionAttributeValues": {":tenant": {"S": self.tenant}, ":prefix": {"S": prefix}},
            "ConsistentRead": True,
            "Limit": limit,
        }
        if after is not None:
            request["ExclusiveStartKey"] = {"pk": {"S": self.tenant}, "sk": {"S": prefix + after}}
        answer = self.table.client.query(**request)
        last = answer.get("LastEvaluatedKey")
        following = last["sk"]["S"].removeprefix(prefix) if last else None
        return Page(tuple(map(_document, answer["Items"])), following)

    def create(self, name: str, body: dict[str, Any]) -> Document:
        """Raises `Conflict` when the name is taken."""
        return self._save(name, body, after=None)

    def update(self, name: str, body: dict[str, Any], *, after: int) -> Document:
        """Replace version `after`; raises `Conflict` when somebody else has replaced it already."""
        return self._save(name, body, after=after)

    def _save(self, name: str, body: dict[str, Any], *, after: int | None) -> Document:
        # PynamoDB costs 40 ms to import, which only a change has to pay.
        from functions.workspace.rows import DocumentTaken, save  # noqa: PLC0415

        text = json.dumps(body, ensure_ascii=False)
        if len(text.encode()) > MAX_BYTES:
            raise TooLarge(f"What should be kept has more than {MAX_BYTES} bytes.")
        try:
            version = save(self.table.name, self.tenant, name, text, after=after)
        except DocumentTaken as error:
            raise Conflict(TAKEN if after is None else CHANGED) from error
        return Document(name, version, body)


def _document(item: Item) -> Document:
    return Document(item["sk"]["S"], int(item["version"]["N"]), json.loads(item["body"]["S"]))
