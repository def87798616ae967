"""The few lines that every table on the plain client shares."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """A client and the name of one table. Handles that rows can be reached through add a tenant to it."""

    client: "DynamoDBClient"
    name: str

    def put_new(self, item: Item) -> Item | None:
        """Insert unless the key is taken; then nothing changes and the item that has it comes back."""
        try:
            self.client.put_item(
                TableName=self.name,
                Item=item,
                ConditionExpression="attribute_not_exists(pk)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self.client.exceptions.ConditionalCheckFailedException as error:
            earlier: Item = error.response["Item"]  # type: ignore[typeddict-item]  # present because ALL_OLD was asked for
            return earlier
        return None

    def get(self, pk: str, sk: str) -> Item | None:
        """Strongly consistent."""
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        return self.client.get_item(TableName=self.name, Key=key, ConsistentRead=True).get("Item")

    def get_many(self, keys: list[tuple[str, str]]) -> dict[tuple[str, str], Item]:
        """At most a hundred at once; a throttled remainder is asked for again by what DynamoDB hands back."""
        wanted: Any = {self.name: {"Keys": [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in dict.fromkeys(keys)]}}
        found: dict[tuple[str, str], Item] = {}
        while keys and wanted:
            answer = self.client.batch_get_item(RequestItems=wanted)
            for item in answer["Responses"].get(self.name, []):
                found[item["pk"]["S"], item["sk"]["S"]] = item
            wanted = answer.get("UnprocessedKeys")
        return found
