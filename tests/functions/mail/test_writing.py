from datetime import UTC, datetime

import pytest

from functions.authority.letters import KEY_ISSUED, key_issued
from functions.authority.model import ApiKey, Role
from functions.ids import TenantId
from functions.mail.model import Letter, LetterKind, Mail
from functions.mail.writing import spoken, written
from functions.tenants.model import Tenant


def key(label: str) -> ApiKey:
    made = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
    return ApiKey("0123456789ab", label, Role.AUDITOR, frozenset(), "digest", made)


def letter(label: str = "Accounting", **profile: object) -> Mail:
    tenant = Tenant(TenantId("aaaaaaaaaaaa"), "Rosa & Thyme", {"contact_email": "owner@example.com"} | profile)
    mail = key_issued(key(label), tenant)
    assert mail is not None
    return mail


def test_what_a_merchant_typed_is_text_in_the_html_and_cannot_start_a_header() -> None:
    mail = letter("<img src=x>\r\nBcc: everybody@example.com {account}")

    assert "<img" not in mail.html
    assert "&lt;img src=x&gt;" in mail.html
    assert "{account}" in mail.text
    assert not any(sign in mail.subject for sign in "\r\n")


@pytest.mark.parametrize(
    ("languages", "word"), [(["bg"], "API ключ"), (["de", "bg"], "API ключ"), (["en"], "API key"), ([], "API key")]
)
def test_a_letter_speaks_the_first_language_of_the_account_that_it_knows(languages: list[str], word: str) -> None:
    assert word in letter(languages=languages).subject


def test_an_account_without_an_address_gets_no_letter() -> None:
    assert key_issued(key("x"), Tenant(TenantId("aaaaaaaaaaaa"), "Rosa")) is None


def test_every_language_says_as_much_as_english() -> None:
    english = KEY_ISSUED["en"]

    for subject, paragraphs in KEY_ISSUED.values():
        assert len(paragraphs) == len(english[1])
        for field in ("{account}", "{label}", "{prefix}", "{role}", "{at}"):
            assert (field in subject + "".join(paragraphs)) == (field in english[0] + "".join(english[1]))


def test_text_and_html_are_the_same_words() -> None:
    mail = written("a@example.com", "en", "Hello {who}", ["One {who}.", "Two."], who="Ann")

    assert mail.subject == "Hello Ann"
    assert mail.text == "One Ann.\n\nTwo.\n"
    assert "<p>One Ann.</p>\n<p>Two.</p>" in mail.html


def test_a_letter_is_read_from_the_queue_as_it_was_written() -> None:
    waiting = Letter(TenantId("aaaaaaaaaaaa"), LetterKind.KEY_ISSUED, "0123456789ab")

    assert Letter.from_json(waiting.to_json()) == waiting


def test_without_a_language_that_it_knows_it_speaks_english() -> None:
    assert spoken(["xx"], KEY_ISSUED) == "en"
