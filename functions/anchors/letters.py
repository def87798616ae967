"""The day's checkpoint in the tenant's own mailbox, where nobody else can take it back."""

from dataclasses import replace
from html import escape

from functions.anchors.model import SignedCheckpoint
from functions.mail.model import Mail
from functions.mail.writing import spoken, written
from functions.tenants.model import Tenant

CHECKPOINT = {
    "en": (
        "Keep this mail: your consent register of {year}, {size} entries",
        (
            "This is the signed state of the consent register of {account}: {size} entries in the log of {year}.",
            "Keep this mail: with it anybody can show later that the register was not rewritten.",
            "Whoever changes, drops or back-dates one of these entries gets another root hash than the one below.",
            "That goes for the operator of Consentinel too.",
            "To check a consent receipt against it, save what follows the dashed line as a file: it holds no personal data.",
            "consentinel verify RECEIPT --checkpoint FILE",
        ),
    ),
    "bg": (
        "Запазете това писмо: регистърът на съгласията ви за {year} г., записи: {size}",
        (
            "Това е подписаното състояние на регистъра на съгласията на {account} за {year} г. Брой записи: {size}.",
            "Запазете това писмо: с него всеки може по-късно да покаже, че регистърът не е пренаписван.",
            "Който промени, изтрие или антидатира някой от тези записи, получава друг коренов хеш от посочения по-долу.",
            "Това важи и за оператора на Consentinel.",
            "За да проверите с него разписка за съгласие, запишете във файл каквото следва чертата: в него няма лични данни.",
            "consentinel verify РАЗПИСКА --checkpoint ФАЙЛ",
        ),
    ),
}
RULE = "-" * 20
BLOCK = '<pre style="white-space: pre-wrap; overflow-wrap: anywhere">{note}</pre>\n</body>'


def checkpoint_of_the_day(checkpoint: SignedCheckpoint, tenant: Tenant) -> Mail | None:
    """To the account's contact address, with the note as it was signed; None where there is no address."""
    address = tenant.profile.get("contact_email")
    if not address:
        return None
    language = spoken(tenant.profile.get("languages", []), CHECKPOINT)
    subject, paragraphs = CHECKPOINT[language]
    year, size = str(checkpoint.ref.year), str(checkpoint.ref.size)
    mail = written(address, language, subject, paragraphs, account=tenant.name, year=year, size=size)
    return replace(
        mail,
        text=f"{mail.text}\n{RULE}\n{checkpoint.note}",
        html=mail.html.replace("</body>", BLOCK.format(note=escape(checkpoint.note, quote=False))),
    )
