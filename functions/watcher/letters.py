"""What the operator is told when an entry of the register was changed or removed."""

from functions.ids import TenantId
from functions.mail.model import Mail
from functions.mail.writing import written

SUBJECT = "An entry of the register was changed or removed"
PARAGRAPHS = (
    "Somebody changed or removed an entry of the register of the account {tenant}. Nothing of the platform does that.",
    "Both images of the row are kept in the log bucket under kept/{tenant}/{sequence}, where nobody can remove them.",
    "The ledger has a leaf that says it was seen.",
    "What to do: look up in CloudTrail who wrote to the table, take their rights away, and audit the account.",
    "consentinel audit --tenant {tenant}",
)


def tampering_seen(tenant: TenantId, sequence: str, *, operator: str) -> Mail | None:
    """To the operator of the platform; None where none is named."""
    if not operator:
        return None
    return written(operator, "en", SUBJECT, PARAGRAPHS, tenant=tenant, sequence=sequence)
