"""Rows of the vault, and the traces by which everything about a subject is found without opening anything.

| pk | sk | holds |
| --- | --- | --- |
| `TENANT#root` | `root` | the root key, wrapped by KMS |
| `TENANT#subject#SID` | `key` | the subject's key or the mark in its place, see below |
| `TENANT#email#LOOKUP` | `subject` | the verified subject of a canonical e-mail address |
| `TENANT#email#LOOKUP` | `at#MILLISECONDS#ID` | a record with this address in lower case: its `id`, `sid`, `verified` |
| `TENANT#withheld#LOOKUP` | `SID` | that a restricted subject had this address; for the dispute path alone |
| `TENANT#until` | `YYYY-MM-DD#SID` | when a restriction is over, or a retiring subject is looked at again |

A key is `wrapped` by the root, with the `lookup` of the address that the subject was verified by, and `retiring` when no more
acts of the subject are taken. A mark says `how`, `why` and `done`, and has `erased_at`, or `until` and `restricted`: the key,
encrypted by KMS for the dispute path.

A trace stands beside the subject's key and names a row elsewhere: `lookup#LOOKUP#at#MILLISECONDS#ID`, `withheld#LOOKUP`,
`until#YYYY-MM-DD`. Row and trace are put in one transaction, and a trace is deleted after its row.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from functions.dynamo import TRIES, Item, Table, Throttled
from functions.errors import NotFound
from functions.ids import SubjectId, TenantId

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Rows:
    """Where things stand in one tenant's vault."""

    table: Table
    tenant: TenantId

    def subject(self, subject: SubjectId) -> str:
        return f"{self.tenant}#subject#{subject}"

    def email(self, lookup: str) -> str:
        return f"{self.tenant}#email#{lookup}"

    def withheld(self, lookup: str) -> str:
        return f"{self.tenant}#withheld#{lookup}"

    @property
    def until(self) -> str:
        return f"{self.tenant}#until"

    def key(self, subject: SubjectId) -> Item:
        """The row of a subject's key or of what took its place; raises `NotFound` for one who never was."""
        item = self.table.get(self.subject(subject), "key")
        if item is None:
            raise NotFound("There is no such data subject.")
        return item

    def traced(self, subject: SubjectId, trace: str) -> Key:
        """The row that a trace names."""
        kind, _, rest = trace.partition("#")
        match kind:
            case "lookup":
                lookup, _, sort = rest.partition("#")
                return self.email(lookup), sort
            case "withheld":
                return self.withheld(rest), subject
            case "until":
                return self.until, f"{rest}#{subject}"
            case _:
                raise LookupError("The vault has no traces of that kind.")

    def put(self, subject: SubjectId, trace: str, **beside: Any) -> list[Any]:  # noqa: ANN401 - values as DynamoDB writes them
        """A row and its trace, as parts of a transaction."""
        pk, sk = self.traced(subject, trace)
        row = {"pk": {"S": pk}, "sk": {"S": sk}, **beside}
        mark = {"pk": {"S": self.subject(subject)}, "sk": {"S": trace}}
        return [{"Put": {"TableName": self.table.name, "Item": item}} for item in (row, mark)]

    def while_has(self, subject: SubjectId, attribute: str) -> Any:  # noqa: ANN401 - as the client's stubs want it
        """The part of a transaction that demands that a subject's key row still has an attribute."""
        check = {
            "TableName": self.table.name,
            "Key": {"pk": {"S": self.subject(subject)}, "sk": {"S": "key"}},
            "ConditionExpression": "attribute_exists(#attribute)",
            "ExpressionAttributeNames": {"#attribute": attribute},
        }
        return {"ConditionCheck": check}

    def transact(self, parts: list[Any]) -> bool:
        """All or nothing; tells whether the condition, which stands in the first part, held."""
        try:
            self.table.client.transact_write_items(TransactItems=parts)
        except self.table.client.exceptions.TransactionCanceledException as error:
            if error.response["CancellationReasons"][0].get("Code") != "ConditionalCheckFailed":
                raise  # somebody else writes at this moment; whoever asked asks again
            return False
        return True

    def delete_all(self, keys: Iterable[Key]) -> None:
        """At most 25; what is gone already is no error. Raises `Throttled` with whatever is still undone."""
        named = [{"DeleteRequest": {"Key": {"pk": {"S": pk}, "sk": {"S": sk}}}} for pk, sk in keys]
        wanted: Any = {self.table.name: named} if named else {}
        for _ in range(TRIES):
            if not wanted:
                return
            wanted = self.table.client.batch_write_item(RequestItems=wanted).get("UnprocessedItems")
        if wanted:
            raise Throttled(self.table.name)
