import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from functions.consents.model import ActKind, Verification
from functions.cookies.model import Category
from functions.disputes.account import Account, Stamp, Standing, Told, WindowText
from functions.disputes.model import MOST_SUBJECTS, By, Counts, Dispute, DisputeId
from functions.disputes.report import report
from functions.disputes.words import FOLDER, LANGUAGES, Words, clean, language_of, moment
from functions.ids import RecordId, TenantId
from functions.ledger.leaf import members
from functions.schema import Schema
from functions.sections.model import Section
from functions.tenants.model import Tenant
from functions.vault.model import new_subject_id
from tests.support.receipts import BANNER, leaf_of
from tests.support.storefront import uuid7

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
SUBJECT = new_subject_id()
CONTROLLER = {
    "party_name": "Роза и мащерка ЕООД",
    "party_registration": "202020202",
    "party_address": "ул. „Шишман“ 12, София",
    "party_email": "owner@example.com",
    "party_phone": None,
    "party_contact": None,
}
PERSONAL = {"email": "maria@example.com", "name": "Μαρία Ιωάννου", "ip": "192.0.2.0/24", "device": {"user_agent": "Firefox"}}


def told(standing: Standing = Standing.PROVEN, changes: dict[str, Any] | None = None, **others: Any) -> Told:
    record = RecordId(uuid7(AT))
    says = members(leaf_of({**(changes or {}), "id": record}))
    made = Told(record, AT, standing, says, PERSONAL, "Бюлетин", kept=True, signed_at=AT + timedelta(seconds=40))
    return replace(made, **others)


def account(*acts: Told, language: str = "en", **changes: Any) -> Account:
    made = Account(
        dispute=Dispute(DisputeId(uuid7(AT)), By.EMAIL, (SUBJECT,), "Claim 7/2026", "key:1", AT),
        controller=CONTROLLER,
        language=language,
        told=acts,
        windows=(),
        keys=("log.example/receipts+5c1e0a77+AQID",),
        counts=Counts(records=len(acts)),
        made_at=AT,
    )
    return replace(made, **changes)


def read(of: Account) -> str:
    """The words, whichever line they are on."""
    reader = PdfReader(BytesIO(report(of)))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def test_every_language_says_the_same_things_with_the_same_fields() -> None:
    spoken = {language: json.loads((FOLDER / f"{language}.json").read_bytes()) for language in LANGUAGES}

    shapes = {language: shape(words) for language, words in spoken.items()}

    assert shapes["bg"] == shapes["en"]


def shape(words: Any) -> Any:
    match words:
        case dict():
            return {name: shape(inner) for name, inner in words.items()}
        case list():
            return [shape(inner) for inner in words]
        case _:
            return sorted(re.findall(r"\{[a-z_]+\}", words))


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_is_a_word_for_everything_that_a_record_can_say(language: str) -> None:
    words = json.loads((FOLDER / f"{language}.json").read_bytes())
    act = Schema("consents/schemas/submission.json").document()["properties"]["acts"]["items"]
    shown = act["properties"]["shown"]["properties"]

    assert words["act"].keys() == set(ActKind)
    assert words["section"].keys() == set(Section)
    assert words["category"].keys() == set(Category)
    assert words["identity"].keys() == words["identity_long"].keys() == set(Verification)
    assert words["proof"].keys() == words["proof_long"].keys() == set(Standing)
    assert words["layer"].keys() == set(shown["layer"]["enum"])
    assert words["gesture"].keys() == set(shown["gesture"]["enum"])
    assert {f"by_{by}" for by in By} <= words.keys()


def test_an_act_is_told_with_its_text_its_screen_its_identity_and_its_proof() -> None:
    act = told(stamp=Stamp(AT + timedelta(hours=9), confirmed=True))

    text = read(account(act))

    for words in (
        act.id,
        "Agreed",
        "newsletter, site “main”",
        "Бюлетин, version 2",
        act.says["pol"]["sha256"],
        "in this pack: folder texts, under this hash",
        "Μαρία Ιωάννου, maria@example.com",
        "typed by the visitor and checked by nobody",
        "192.0.2.0/24",
        "its checkpoint was signed on 2026-03-01 12:00:40 UTC",
        "A time-stamp authority dated a checkpoint that holds it: 2026-03-01 21:00:00 UTC",
        "log.example/receipts+5c1e0a77+AQID",
        "python verify.py",
        "Page 1 of",
    ):
        assert words in text, words


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_time_stamp_that_nobody_confirmed_is_quoted_and_not_vouched_for(language: str) -> None:
    words, at = Words(language), AT + timedelta(hours=9)
    stamps = [Stamp(at, confirmed=True), Stamp(at, confirmed=False)]

    none, confirmed, quoted = (
        read(account(*(told(stamp=stamp) for stamp in some), language=language)) for some in ([], stamps[:1], stamps)
    )

    assert [words.say("proofs_dated") in text for text in (none, confirmed, quoted)] == [False, True, False]
    assert [words.say("proofs_stamped") in text for text in (none, confirmed, quoted)] == [False, False, True]
    assert words.say("stamped", at=moment(at)) not in confirmed
    assert words.say("stamped", at=moment(at)) in quoted


def test_a_decision_is_told_by_category_with_what_the_window_said() -> None:
    act = told(changes=BANNER)
    texts = {"banner_title": "Your choice", "banner_description": "We ask.", "accept_all": "Yes", "reject_all": "No"}

    text = read(account(act, windows=(WindowText(3, act.says["cfg"]["sha256"], "bg", texts),)))

    for words in (
        "Agreed in part",
        "Consent window no. 3",
        "granted: necessary, performance",
        "not granted: functional, targeting",
        "Your choice We ask. Buttons: Yes · No",
    ):
        assert words in text, words


def asked_about(count: int) -> Dispute:
    return Dispute(DisputeId(uuid7(AT)), By.EMAIL, tuple(new_subject_id() for _ in range(count)), "Claim 7/2026", "key:1", AT)


@pytest.mark.parametrize("name", ["Ann", "W" * 200, "ﷺ" * 200, " ".join(["W" * 23] * 8)])
def test_a_hundred_subjects_and_many_names_are_told_each(name: str) -> None:
    dispute = asked_about(MOST_SUBJECTS)
    acts = [
        told(personal=PERSONAL | {"name": f"{number} {name}"[:200], "email": f"{number}@example.com"}) for number in range(60)
    ]

    text = read(account(*acts, dispute=dispute))

    assert [subject for subject in dispute.subjects if subject not in text] == []
    assert [number for number in range(60) if f"{number}@example.com (" not in text] == []


def test_one_name_of_sixty_subjects_is_told_once_with_how_often() -> None:
    text = read(account(*(told() for _ in range(60)), dispute=asked_about(60)))

    assert text.count("Μαρία Ιωάννου (typed by the visitor, in 60 records)") == 1


@pytest.mark.parametrize("length", [40, 200, 1000])
@pytest.mark.parametrize("sign", ["W", "и", "W" * 23 + " "])
def test_texts_as_long_as_they_may_be_are_told_to_their_end(length: int, sign: str) -> None:
    whole = (sign * length)[: length - 4] + " end"
    names = ("banner_title", "banner_description", "withdraw_note", "accept_all", "reject_all", "customise", "save")
    act = told(changes=BANNER, personal=PERSONAL | {"device": {"user_agent": whole}}, title=whole[-200:])
    window = WindowText(3, act.says["cfg"]["sha256"], "bg", dict.fromkeys(names, whole))
    dispute = replace(asked_about(1), reason=whole)

    text = read(account(act, told(title=whole[-200:]), dispute=dispute, windows=(window,)))

    assert text.count(" end") == len(names) + 4
    assert text.count(sign[0]) >= (len(names) + 4) * whole[-200:].count(sign[0])
    assert text.count(sign[0]) >= (len(names) + 2) * whole.count(sign[0])


@pytest.mark.parametrize("typed", ["{nb}", "\ue000\ue000\ue000", "::placeholder:"])
def test_what_a_visitor_typed_is_never_the_number_of_pages(typed: str) -> None:
    text = read(account(told(personal=PERSONAL | {"name": f"Eve {typed}."})))

    assert f"Eve {clean(typed)}." in text
    assert "Page 1 of 3" in text


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (Standing.LATE, "came in more than 60 seconds after its time"),
        (Standing.PROMISED, "no signed checkpoint held it yet"),
        (Standing.BROKEN, "The proof that the log gives does not hold."),
        (Standing.ALTERED, "is not what was signed when it came in"),
        (Standing.MISSING, "The record is listed, and the register does not have it."),
    ],
)
def test_what_is_not_as_it_should_be_is_said(standing: Standing, words: str) -> None:
    assert words in read(account(told(standing)))


@pytest.mark.parametrize("standing", [Standing.ALTERED, Standing.MISSING])
def test_of_what_was_not_signed_nothing_is_shown(standing: Standing) -> None:
    text = read(account(Told(RecordId(uuid7(AT)), AT, standing)))

    assert "maria@example.com" not in text
    assert "newsletter" not in text


def test_a_text_that_is_not_in_the_pack_an_erased_person_and_lost_records_are_said_so() -> None:
    act = told(kept=False, personal=None, title=None)
    counts = Counts(records=1, lost=2, left_out=3, texts_lost=1)

    text = read(account(act, counts=counts))

    assert "NOT in this pack" in text
    assert "personal data erased" in text
    assert "document “newsletter”, version 2" in text
    assert "Attention: of 2 records listed in the register, there is no receipt" in text
    assert "Left out, being the oldest: 3 records." in text
    assert "cannot be had any more, or are not what their hash says: 1." in text


def test_a_subject_without_acts_has_a_report_too() -> None:
    assert "holds no act of this data subject" in read(account())


def test_the_report_is_in_the_accounts_first_language_that_there_are_words_in() -> None:
    tenant = Tenant(TenantId("rosaandthyme"), "Rosa")

    assert language_of(tenant) == "en"
    assert language_of(replace(tenant, profile={"languages": ["el", "bg", "en"]})) == "bg"
    assert "Доказателства при спор" in read(account(told(), language="bg"))


def test_what_a_visitor_typed_cannot_turn_lines_or_fill_in_fields() -> None:
    act = told(personal=PERSONAL | {"name": "\N{RIGHT-TO-LEFT OVERRIDE}eve\n{at} {0.__class__}"})

    text = read(account(act))

    assert "{at} {0.__class__}" in text
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in text
    assert clean("a\u202eb\tc\x1bd") == "a\ufffdb c\ufffdd"


def test_signs_of_a_name_that_the_fonts_do_not_have_are_in_no_log(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    report(account(told(personal=PERSONAL | {"name": "王小明"})))

    assert [one for one in caplog.records if one.name.startswith("fpdf")] == []
    assert "王" not in "".join(capfd.readouterr())


def test_words_that_a_list_does_not_know_stand_as_they_are() -> None:
    assert Words("en").one("section", "kitchen") == "kitchen"


def test_the_same_account_gives_the_same_report() -> None:
    same = account(told(changes=BANNER))

    assert report(same) == report(same)


def test_no_page_is_wider_than_its_paper_and_no_type_is_tiny() -> None:
    sizes: set[float] = set()

    def visit(_text: str, _cm: Any, _tm: Any, font: Any, size: float) -> None:
        if font is not None and _text.strip():
            sizes.add(size)

    long = told(changes=BANNER, personal=PERSONAL | {"name": "W" * 200})
    for page in PdfReader(BytesIO(report(account(long)))).pages:
        page.extract_text(visitor_text=visit)

    assert min(sizes) >= 9
