"""The dispute path: who had an address, and what was kept of a restricted subject for legal claims (GDPR Art. 17(3)(e))."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.errors import Gone
from functions.ids import SubjectId
from functions.vault.model import Subject, TenantKeys
from functions.vault.rows import Rows

if TYPE_CHECKING:
    from mypy_boto3_kms.client import KMSClient


@dataclass(frozen=True, slots=True)
class Disputes:
    """The subjects of one tenant for whoever may decrypt under the dispute key; nobody else's role can."""

    rows: Rows
    keys: TenantKeys
    kms: "KMSClient"
    dispute_key: str

    def open_restricted(self, subject: SubjectId) -> Subject:
        """Raises `Gone` for one who is not restricted, `NotFound` for one who never was."""
        item = self.rows.key(subject)
        if "restricted" not in item:
            raise Gone("Nothing is kept of that data subject for a dispute.")
        opened = self.kms.decrypt(
            KeyId=self.dispute_key,
            CiphertextBlob=item["restricted"]["B"],
            EncryptionContext={"tenant": self.rows.tenant, "subject": subject},
        )
        return Subject(subject, opened["Plaintext"])

    def subjects_with(self, email: str) -> list[SubjectId]:
        """Everybody who has the address or had it before they were restricted, claimed and verified alike."""
        exact, lower = (self.keys.lookup("email", one) for one in (email, email.lower()))
        verified = self.rows.table.get(self.rows.email(exact), "subject")
        found = {verified["sid"]["S"]} if verified else set()
        found |= {item["sid"]["S"] for item in self.rows.table.oldest_first(self.rows.email(lower), "at#", "at#~")}
        for lookup in {exact, lower}:
            found |= {item["sk"]["S"] for item in self.rows.table.oldest_first(self.rows.withheld(lookup), "-", "~")}
        return sorted(map(SubjectId, found))
