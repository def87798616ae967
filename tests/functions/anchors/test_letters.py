from string import Formatter

import pytest

from functions.anchors.letters import CHECKPOINT, checkpoint_of_the_day
from functions.anchors.model import CheckpointRef, SignedCheckpoint
from functions.ids import TenantId
from functions.ledger.checkpoint import Checkpoint, opened
from functions.ledger.note import Signer
from functions.mail.model import Letter, LetterKind, Mail
from functions.tenants.model import Tenant
from tests.functions.anchors.conftest import KEY

SIGNER = Signer("log.example/0d2f", KEY)
NOTE = SIGNER.sign(Checkpoint("log.example/0d2f", 1204, bytes(32), 1_764_090_000).text)
CHECKPOINT_1204 = SignedCheckpoint(CheckpointRef(2026, 1204), NOTE)


def letter(name: str = "Rosa & Thyme", **profile: object) -> Mail:
    tenant = Tenant(TenantId("aaaaaaaaaaaa"), name, {"contact_email": "owner@example.com"} | profile)
    mail = checkpoint_of_the_day(CHECKPOINT_1204, tenant)
    assert mail is not None
    return mail


@pytest.mark.parametrize("language", CHECKPOINT)
def test_the_note_stands_in_the_text_as_it_was_signed_and_verifies_when_it_is_cut_out(language: str) -> None:
    mail = letter(languages=[language])

    cut_out = mail.text.partition("-" * 20 + "\n")[2]

    assert cut_out == NOTE
    assert opened(cut_out.encode(), SIGNER.verifier).size == 1204


def test_the_html_shows_the_note_too_and_ends_as_it_should() -> None:
    mail = letter()

    assert f"{NOTE}</pre>\n</body>\n</html>\n" in mail.html


@pytest.mark.parametrize(
    ("languages", "words"),
    [
        (["bg"], "Запазете това писмо"),
        (["de", "bg"], "Запазете това писмо"),
        (["en"], "Keep this mail"),
        ([], "Keep this mail"),
    ],
)
def test_it_says_in_the_accounts_language_what_it_is_good_for(languages: list[str], words: str) -> None:
    mail = letter(languages=languages)

    assert mail.to == "owner@example.com"
    assert words in mail.subject
    assert words in mail.text
    assert "1204" in mail.subject
    assert "2026" in mail.text


def test_what_a_merchant_typed_is_text_and_cannot_pass_for_a_checkpoint() -> None:
    mail = letter("<b>\n" + "-" * 20 + "\nlog.example/forged\n9\n{account}")

    assert "<b>" not in mail.html
    assert "{account}" in mail.text
    assert mail.text.partition("\n" + "-" * 20 + "\n")[2] == NOTE


def test_an_account_without_an_address_gets_no_letter() -> None:
    assert checkpoint_of_the_day(CHECKPOINT_1204, Tenant(TenantId("aaaaaaaaaaaa"), "Rosa")) is None


def test_every_language_says_as_much_as_english() -> None:
    def fields(text: str) -> set[str | None]:
        return {field for _, field, _, _ in Formatter().parse(text) if field is not None}

    english = CHECKPOINT["en"]

    for subject, paragraphs in CHECKPOINT.values():
        assert fields(subject) == fields(english[0])
        assert [fields(one) for one in paragraphs] == [fields(one) for one in english[1]]


def test_the_letter_waits_by_reference() -> None:
    waiting = Letter(TenantId("aaaaaaaaaaaa"), LetterKind.CHECKPOINT, str(CheckpointRef(2026, 1204)))

    read = Letter.from_json(waiting.to_json())

    assert read.to_json() == {"tenant": "aaaaaaaaaaaa", "kind": "checkpoint", "about": "2026 1204"}
    assert CheckpointRef.parse(read.about) == CheckpointRef(2026, 1204)


@pytest.mark.parametrize("about", ["", "2026", "2026 x", "2026 1 2", "ffffffffffff"])
def test_a_reference_to_nothing_is_refused(about: str) -> None:
    with pytest.raises(ValueError, match=r"unpack|invalid literal"):
        CheckpointRef.parse(about)
