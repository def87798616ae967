"""The few lines that every table on the plain client shares."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

Item = dict[str, Any]
TRIES = 5


class Throttled(Exception):
    """DynamoDB took some of a batch only, time after time; whoever sent it sends it again."""


@dataclass(frozen=True, slots=True)
class Table:
    """A client and the name of one table. Handles that rows can be reached through add a tenant to it."""

    client: "DynamoDBClient"
    name: str

    def put_new(self, item: Item) -> Item | None:
        """Insert unless the key is taken; then nothing changes and the item that has it comes back.

        Raises `Throttled` when a transaction on that key was under way time after time.
        """
        for _ in range(TRIES):
            try:
                self.client.put_item(
                    TableName=self.name,
                    Item=item,
                    ConditionExpression="attribute_not_exists(pk)",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except self.client.exceptions.ConditionalCheckFailedException as error:
                earlier: Item = error.response["Item"]  # type: ignore[typeddict-item]  # present: ALL_OLD was asked for
                return earlier
            except self.client.exceptions.TransactionConflictException:
                continue  # the SDK does not try that again by itself
            return None
        raise Throttled(self.name)

    def update(self, request: dict[str, Any]) -> bool:
        """Change one item where the request's condition holds; tells whether it did.

        Raises `Throttled` when a transaction on that item was under way time after time.
        """
        for _ in range(TRIES):
            try:
                self.client.update_item(TableName=self.name, **request)
            except self.client.exceptions.ConditionalCheckFailedException:
                return False
            except self.client.exceptions.TransactionConflictException:
                continue  # the SDK does not try that again by itself
            return True
        raise Throttled(self.name)

    def get(self, pk: str, sk: str) -> Item | None:
        """Strongly consistent."""
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        return self.client.get_item(TableName=self.name, Key=key, ConsistentRead=True).get("Item")

    def get_many(self, keys: list[tuple[str, str]], *, consistent: bool = False) -> dict[tuple[str, str], Item]:
        """At most a hundred at once; a remainder that was held back is asked for again, and raises `Throttled` in the end."""
        named = [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in dict.fromkeys(keys)]
        wanted: Any = {self.name: {"Keys": named, "ConsistentRead": consistent}}
        found: dict[tuple[str, str], Item] = {}
        for _ in range(TRIES):
            if not (keys and wanted):
                return found
            answer = self.client.batch_get_item(RequestItems=wanted)
            for item in answer["Responses"].get(self.name, []):
                found[item["pk"]["S"], item["sk"]["S"]] = item
            wanted = answer.get("UnprocessedKeys")
        if wanted:
            raise Throttled(self.name)
        return found

    def put_all(self, items: list[Item]) -> None:
        """Put items whose content follows from their keys, at most 25; raises `Throttled` with whatever is still undone."""
        wanted: Any = {self.name: [{"PutRequest": {"Item": item}} for item in items]}
        for _ in range(TRIES):
            if not wanted:
                return
            wanted = self.client.batch_write_item(RequestItems=wanted).get("UnprocessedItems")
        if wanted:
            raise Throttled(self.name)

    def newest_first(self, pk: str, low: str, high: str, *, limit: int) -> list[Item]:
        """Items whose sort key lies between, both included, from the highest down; DynamoDB's page of 1 MB is not a limit."""
        if low > high:
            return []  # DynamoDB refuses bounds the wrong way round
        request: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :low AND :high",
            "ExpressionAttributeValues": {":pk": {"S": pk}, ":low": {"S": low}, ":high": {"S": high}},
            "ScanIndexForward": False,
            "ConsistentRead": True,
        }
        found: list[Item] = []
        while len(found) < limit:
            answer = self.client.query(**request, Limit=limit - len(found))
            found += answer["Items"]
            if "LastEvaluatedKey" not in answer:
                break
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
        return found

    def oldest_first(self, pk: str, low: str, high: str, *, limit: int | None = None) -> Iterator[Item]:
        """Items whose sort key lies between, both included, from the lowest up, a page (of `limit` items at most) at a time."""
        if low > high:
            return
        request: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :low AND :high",
            "ExpressionAttributeValues": {":pk": {"S": pk}, ":low": {"S": low}, ":high": {"S": high}},
            "ConsistentRead": True,
            **({} if limit is None else {"Limit": limit}),
        }
        while True:
            answer = self.client.query(**request)
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
