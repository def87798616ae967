"""Taking a subject's key away: for good, or from everybody but the dispute path.

Each step may be repeated and leaves the next one possible: whoever was stopped between any two calls begins at the first again.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from functions.clock import from_ms, to_ms
from functions.dynamo import Item
from functions.errors import Gone
from functions.ids import SubjectId
from functions.vault.mark import How, Mark, Why
from functions.vault.model import TenantKeys
from functions.vault.rows import Rows

if TYPE_CHECKING:
    from mypy_boto3_kms.client import KMSClient

MOST_DELETED = 25


@dataclass(frozen=True, slots=True)
class Shredder:
    """The keys of one tenant's subjects, where they end; `dispute_key` is one that this side can only encrypt under."""

    rows: Rows
    keys: TenantKeys
    kms: "KMSClient"
    dispute_key: str

    def mark(self, subject: SubjectId) -> Mark | None:
        """What stands where the key stood, None while it is there; raises `NotFound` for one who never was."""
        return _mark_of(self.rows.key(subject))

    def shred(self, subject: SubjectId, *, why: Why, now: datetime) -> Mark:
        """Destroy the key; from here on no copy of anything that was sealed for the subject can be opened.

        The mark that is there already stays as it is, but for one of a restriction, which this ends. Raises `NotFound`.
        """
        values = {":at": {"N": str(to_ms(now))}, ":how": {"S": How.SHREDDED}, ":why": {"S": why}}
        update = "SET erased_at = :at, how = :how, why = :why REMOVE #wrapped, restricted, retiring, #until, done"
        condition = "attribute_exists(pk) AND attribute_not_exists(erased_at)"
        if self._update(subject, update, condition, values, names={"#wrapped": "wrapped", "#until": "until"}):
            return Mark(How.SHREDDED, why)
        return self._present(subject)

    def restrict(self, subject: SubjectId, *, why: Why, until: datetime) -> Mark:
        """Encrypt the key for the dispute path in place of the one that everybody opens by, and have it ended when it is due.

        Raises:
            Gone: there is no key any more to be kept.
            NotFound: there never was.
        """
        item = self.rows.key(subject)
        if "wrapped" in item and self._restricted(subject, item, why=why, until=until):
            return Mark(How.RESTRICTED, why, until)
        mark = self._present(subject)
        if mark.how is How.SHREDDED:
            raise Gone("That data subject was erased.")
        return mark

    def retire(self, subject: SubjectId, *, until: date) -> None:
        """Take no more acts of the subject, so that it can be looked at in peace on that day whether the proof may go.

        What was done within the last moments is not in any listing yet, and a key that is destroyed does not come back.
        """
        retired = {
            "TableName": self.rows.table.name,
            "Key": self._key(subject),
            "UpdateExpression": "SET retiring = :day",
            "ConditionExpression": "attribute_exists(#wrapped) AND attribute_not_exists(retiring)",
            "ExpressionAttributeNames": {"#wrapped": "wrapped"},
            "ExpressionAttributeValues": {":day": {"S": until.isoformat()}},
        }
        self.rows.transact([{"Update": retired}, *self.rows.put(subject, f"until#{until}")])

    def is_retiring(self, subject: SubjectId) -> bool:
        return "retiring" in self.rows.key(subject)

    def reinstate(self, subject: SubjectId) -> None:
        """Take acts of the subject again: their proof is needed after all."""
        self._update(subject, "REMOVE retiring", "attribute_exists(#wrapped)", {}, names={"#wrapped": "wrapped"})
        self._forget(subject, self._traces(subject, "until"))

    def withhold(self, subject: SubjectId) -> None:
        """Let the dispute path find a restricted subject by what everybody has found them by until now."""
        verified = self._verified(subject)
        lookups = {trace.split("#")[1] for trace in self._traces(subject, "lookup")} | ({verified} if verified else set())
        for lookup in sorted(lookups):
            # A restriction that was ended meanwhile leaves nothing behind.
            parts = self.rows.put(subject, f"withheld#{lookup}")
            self.rows.transact([self.rows.while_has(subject, "restricted"), *parts])

    def forget_lookups(self, subject: SubjectId) -> None:
        """Nobody finds the subject any more by an address; somebody else's row of the same address stays."""
        verified = self._verified(subject)
        if verified is not None:
            self._delete_verified(subject, verified)
        self._forget(subject, self._traces(subject, "lookup"))

    def forget(self, subject: SubjectId) -> None:
        """Nobody finds the subject any more by an address, the dispute path included."""
        self.forget_lookups(subject)
        self._forget(subject, self._traces(subject, "withheld"))

    def finish(self, subject: SubjectId, mark: Mark) -> None:
        """Note that nothing is left to do, unless a restriction was ended meanwhile; what was ended is not due any more."""
        values = {":yes": {"BOOL": True}, ":how": {"S": mark.how}}
        self._update(subject, "SET done = :yes REMOVE #lookup", "how = :how", values, names={"#lookup": "lookup"})
        if mark.how is How.SHREDDED:
            self._forget(subject, self._traces(subject, "until"))

    def due(self, day: date) -> Iterator[SubjectId]:
        """Who is to be looked at on that day or was before: their restriction is over, or they are retiring."""
        for item in self.rows.table.oldest_first(self.rows.until, "0", f"{day}#~"):
            yield SubjectId(item["sk"]["S"].partition("#")[2])

    def _restricted(self, subject: SubjectId, item: Item, *, why: Why, until: datetime) -> bool:
        key = self.keys.unwrap(item["wrapped"]["B"], about=subject)
        context = {"tenant": self.rows.tenant, "subject": subject}
        sealed = self.kms.encrypt(KeyId=self.dispute_key, Plaintext=key, EncryptionContext=context)["CiphertextBlob"]
        replaced = {
            "TableName": self.rows.table.name,
            "Key": self._key(subject),
            "UpdateExpression": "SET restricted = :key, how = :how, why = :why, #until = :until REMOVE #wrapped",
            "ConditionExpression": "attribute_exists(#wrapped)",
            "ExpressionAttributeNames": {"#wrapped": "wrapped", "#until": "until"},
            "ExpressionAttributeValues": {
                ":key": {"B": sealed},
                ":how": {"S": How.RESTRICTED},
                ":why": {"S": why},
                ":until": {"N": str(to_ms(until))},
            },
        }
        return self.rows.transact([{"Update": replaced}, *self.rows.put(subject, f"until#{until.date()}")])

    def _present(self, subject: SubjectId) -> Mark:
        mark = self.mark(subject)
        if mark is None:
            raise LookupError("A key that was taken away is there again.")
        return mark

    def _verified(self, subject: SubjectId) -> str | None:
        lookup: str | None = self.rows.key(subject).get("lookup", {}).get("S")
        return lookup

    def _traces(self, subject: SubjectId, kind: str) -> Iterator[str]:
        for item in self.rows.table.oldest_first(self.rows.subject(subject), f"{kind}#", f"{kind}#~"):
            yield item["sk"]["S"]

    def _forget(self, subject: SubjectId, traces: Iterable[str]) -> None:
        left = iter(traces)
        while some := list(islice(left, MOST_DELETED)):
            # The traces last: they are what a second try goes by.
            self.rows.delete_all(self.rows.traced(subject, trace) for trace in some)
            self.rows.delete_all((self.rows.subject(subject), trace) for trace in some)

    def _delete_verified(self, subject: SubjectId, lookup: str) -> None:
        client = self.rows.table.client
        try:
            client.delete_item(
                TableName=self.rows.table.name,
                Key={"pk": {"S": self.rows.email(lookup)}, "sk": {"S": "subject"}},
                ConditionExpression="sid = :sid",
                ExpressionAttributeValues={":sid": {"S": subject}},
            )
        except client.exceptions.ConditionalCheckFailedException:
            return  # it is gone, or somebody else's by now

    def _update(
        self, subject: SubjectId, update: str, condition: str, values: dict[str, Any], *, names: dict[str, str]
    ) -> bool:
        return self.rows.table.update(
            {
                "Key": self._key(subject),
                "UpdateExpression": update,
                "ConditionExpression": condition,
                "ExpressionAttributeNames": names,
                **({"ExpressionAttributeValues": values} if values else {}),
            }
        )

    def _key(self, subject: SubjectId) -> Any:  # noqa: ANN401 - a key as the client's stubs want it
        return {"pk": {"S": self.rows.subject(subject)}, "sk": {"S": "key"}}


def _mark_of(item: Item) -> Mark | None:
    if "how" not in item:
        return None
    until = from_ms(int(item["until"]["N"])) if "until" in item else None
    return Mark(How(item["how"]["S"]), Why(item["why"]["S"]), until, done="done" in item)
