"""The tenant's wrapped root, subject keys, and who an e-mail address is; the rows stand in `rows.py`."""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.dynamo import Item, Table
from functions.errors import Gone, NotFound
from functions.ids import RecordId, SubjectId, TenantId
from functions.vault.model import Subject, TenantKeys
from functions.vault.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mypy_boto3_kms.client import KMSClient


@dataclass(frozen=True, slots=True)
class RootKeys:
    """Where tenants' root keys come from; each is unwrapped once per container by its caller's cache."""

    table: Table
    kms: "KMSClient"
    kms_key: str

    def create(self, tenant: TenantId) -> TenantKeys:
        """Make the root of a new tenant; a second call gives the first one's."""
        context = {"tenant": tenant}
        made = self.kms.generate_data_key(KeyId=self.kms_key, KeySpec="AES_256", EncryptionContext=context)
        item = {"pk": {"S": f"{tenant}#root"}, "sk": {"S": "root"}, "wrapped": {"B": made["CiphertextBlob"]}}
        if self.table.put_new(item) is not None:
            return self.unwrap(tenant)
        return TenantKeys(tenant, made["Plaintext"])

    def unwrap(self, tenant: TenantId) -> TenantKeys:
        """Raises `NotFound` for a tenant that does not exist."""
        item = self.table.get(f"{tenant}#root", "root")
        if item is None:
            raise NotFound("There is no such tenant.")
        opened = self.kms.decrypt(CiphertextBlob=item["wrapped"]["B"], EncryptionContext={"tenant": tenant})
        return TenantKeys(tenant, opened["Plaintext"])


@dataclass(frozen=True, slots=True)
class Vault:
    """The subjects of one tenant."""

    table: Table
    keys: TenantKeys

    def admit(self, subject: SubjectId, *, lookup: str | None = None) -> Subject:
        """The subject, with a key made now if they are new; one write, and no read even when they are known.

        Args:
            subject: who it is.
            lookup: of the verified address that they were found by, so that erasing them finds it too.

        Raises:
            Gone: the subject was erased.
        """
        key = os.urandom(32)
        item: Item = {
            "pk": {"S": self._pk(subject)},
            "sk": {"S": "key"},
            "wrapped": {"B": self.keys.wrap(key, about=subject)},
            **({"lookup": {"S": lookup}} if lookup else {}),
        }
        earlier = self.table.put_new(item)
        return Subject(subject, key) if earlier is None else self._unwrap(subject, earlier)

    def subject(self, subject: SubjectId) -> Subject:
        """Raises `Gone` for one who was erased or never was."""
        item = self.table.get(self._pk(subject), "key")
        if item is None:
            raise Gone("The records of this browser were erased.")
        return self._unwrap(subject, item)

    def subjects(self, ids: "Iterable[SubjectId]") -> dict[SubjectId, Subject]:
        """Those that still have a key, at most a hundred."""
        found = self.table.get_many([(self._pk(subject), "key") for subject in ids], consistent=True)
        opened = {}
        for (pk, _), item in found.items():
            subject = SubjectId(pk.rpartition("#")[2])
            if "wrapped" in item:
                opened[subject] = self._opened(subject, item)
        return opened

    def verified_subject(self, email: str, *, otherwise: SubjectId) -> SubjectId:
        """Who a verified address belongs to; whoever comes first with a new address stays its subject."""
        item = {"pk": {"S": self._email_pk(email)}, "sk": {"S": "subject"}, "sid": {"S": otherwise}}
        earlier = self.table.put_new(item)
        return otherwise if earlier is None else SubjectId(earlier["sid"]["S"])

    def note_email(self, email: str, *, subject: SubjectId, record: RecordId, at_ms: int, verified: bool) -> None:
        """Make a record findable by the address in it, whatever the case; the same note again changes nothing.

        Of a subject who was erased nothing is noted, however late the note comes.
        """
        trace = f"lookup#{self.keys.lookup('email', email.lower())}#at#{at_ms:013d}#{record}"
        beside = {"id": {"S": record}, "sid": {"S": subject}, "verified": {"BOOL": verified}}
        self.rows.transact([self.rows.while_has(subject, "wrapped"), *self.rows.put(subject, trace, **beside)])

    def records_with(self, email: str, low: str, high: str, *, limit: int) -> list[str]:
        """Sort keys between, both included, of the records with the address in any case, `MILLISECONDS#ID`, newest first."""
        items = self.table.newest_first(self._email_pk(email.lower()), f"at#{low}", f"at#{high}", limit=limit)
        return [item["sk"]["S"].removeprefix("at#") for item in items]

    def _unwrap(self, subject: SubjectId, item: Item) -> Subject:
        if "wrapped" not in item or "retiring" in item:
            raise Gone("The records of this browser were erased.")
        return self._opened(subject, item)

    def _opened(self, subject: SubjectId, item: Item) -> Subject:
        return Subject(subject, self.keys.unwrap(item["wrapped"]["B"], about=subject))

    @property
    def rows(self) -> Rows:
        return Rows(self.table, self.keys.tenant)

    def _pk(self, subject: SubjectId) -> str:
        return self.rows.subject(subject)

    def _email_pk(self, email: str) -> str:
        return self.rows.email(self.keys.lookup("email", email))
