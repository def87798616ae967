"""What a merchant is told about their account's keys."""

from functions.authority.model import ApiKey
from functions.mail.model import Mail
from functions.mail.writing import spoken, written
from functions.tenants.model import Tenant

KEY_ISSUED = {
    "en": (
        "A new API key for {account}",
        (
            "A new API key was made for your Consentinel account {account} on {at}: “{label}” ({prefix}…), role {role}.",
            "If that was you or a colleague, there is nothing to do.",
            "If nobody you know made it, revoke it now: DELETE /v1/admin/keys/{prefix}. A revoked key is dead within a minute.",
        ),
    ),
    "bg": (
        "Нов API ключ за {account}",
        (
            "На {at} за вашия акаунт {account} в Consentinel беше създаден нов API ключ: „{label}“ ({prefix}…), роля {role}.",
            "Ако това сте били вие или ваш колега, не е нужно да правите нищо.",
            "Ако не знаете кой го е създал, отменете го: DELETE /v1/admin/keys/{prefix}. До минута той спира да работи.",
        ),
    ),
}


def key_issued(key: ApiKey, tenant: Tenant) -> Mail | None:
    """To the account's contact address; None where it has none."""
    address = tenant.profile.get("contact_email")
    if not address:
        return None
    language = spoken(tenant.profile.get("languages", []), KEY_ISSUED)
    subject, paragraphs = KEY_ISSUED[language]
    return written(
        address,
        language,
        subject,
        paragraphs,
        account=tenant.name,
        label=key.label,
        prefix=key.prefix,
        role=key.role.value,
        at=f"{key.created_at:%Y-%m-%d %H:%M} UTC",
    )
