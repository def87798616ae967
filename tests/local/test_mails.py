from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from functions.mail.model import Mail
from functions.mail.ses import SesMails
from infra.local.mails import MailOutbox
from infra.local.origins.http import Answer, Request
from infra.local.origins.server import Server

MAIL = Mail(
    "ann@example.com", "Добре дошли", "Здравейте", "<!doctype html><html><head></head><body><b>Здравейте</b></body></html>"
)


class Engine:
    """Plays SES: takes every mail, or none."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.refuses = False

    def answer(self, request: Request) -> Answer:
        self.asked.append(request)
        if self.refuses:
            body = b'{"message": "Email address is not verified."}'
            return Answer(400, body, {"Content-Type": "application/json", "x-amzn-ErrorType": "MessageRejected"})
        return Answer.json({"MessageId": "1"})


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def engines_address(engine: Engine) -> Iterator[str]:
    with Server(engine.answer) as server:
        yield server.address


@pytest.fixture
def outbox(engines_address: str) -> Iterator[MailOutbox]:
    with MailOutbox(engines_address, port=0) as running:
        yield running


@pytest.fixture
def ses(outbox: MailOutbox) -> Iterator[SesMails]:
    """The app's own port, with its own client."""
    session = boto3.session.Session("testing", "testing", region_name="eu-central-1")
    client = session.client("sesv2", endpoint_url=outbox.address, config=Config(retries={"max_attempts": 1}))
    yield SesMails(client, "shop@example.com")
    client.close()


def page(outbox: MailOutbox, path: str = "/") -> Answer:
    return outbox.answer(Request("GET", path))


def test_an_empty_outbox_says_so(outbox: MailOutbox) -> None:
    assert "No mail has been sent yet" in page(outbox).body.decode()


def test_a_mail_goes_on_to_the_engine_as_it_is_and_a_copy_stays(outbox: MailOutbox, ses: SesMails, engine: Engine) -> None:
    ses.send(MAIL)

    [mail] = outbox.mails()
    assert (mail.to, mail.sender, mail.subject) == (("ann@example.com",), "shop@example.com", "Добре дошли")
    assert (mail.text, mail.html) == (MAIL.text, MAIL.html)
    [asked] = engine.asked
    assert (asked.method, asked.path) == ("POST", "/v2/email/outbound-emails")
    assert "AWS4-HMAC-SHA256" in asked.headers["authorization"]


def test_a_mail_that_the_engine_refuses_is_refused_and_not_kept(outbox: MailOutbox, ses: SesMails, engine: Engine) -> None:
    engine.refuses = True

    with pytest.raises(ses.client.exceptions.MessageRejected):
        ses.send(MAIL)

    assert outbox.mails() == []


def test_mails_are_shown_newest_first(outbox: MailOutbox, ses: SesMails) -> None:
    ses.send(MAIL)
    ses.send(Mail("bob@example.com", "The <second>", "text", ""))

    shown = page(outbox).body.decode()

    assert "2 mails sent" in shown
    assert shown.index("The &lt;second&gt;") < shown.index("Добре дошли")


def test_the_html_of_a_mail_can_run_nothing(outbox: MailOutbox, ses: SesMails) -> None:
    ses.send(MAIL)

    frame = page(outbox).body.decode()
    part = page(outbox, "/mails/0.html")

    assert '<iframe src="/mails/0.html"' in frame
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in frame
    assert part.headers["Content-Security-Policy"].startswith(
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'"
    )
    assert "<b>Здравейте</b>" in part.body.decode()
    assert page(outbox, "/mails/1.html").status == 404


def test_mails_outlive_a_restart_even_after_a_killed_one_left_half_a_line(engines_address: str, tmp_path: Path) -> None:
    file = tmp_path / "mails.jsonl"
    body = (
        b'{"FromEmailAddress": "a@example.com", "Destination": {"ToAddresses": ["b@example.com"]}, "Content": {"Simple":'
        b' {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Hi\\u2028there"}}}}}'
    )
    send = Request("POST", "/v2/email/outbound-emails", {}, body)
    first = MailOutbox(engines_address, file=file, port=0)
    first.answer(send)
    first.stop()
    with file.open("a", encoding="utf-8") as cut_off:
        cut_off.write('{"at": "20')

    second = MailOutbox(engines_address, file=file, port=0)
    second.answer(send)
    second.stop()
    third = MailOutbox(engines_address, file=file, port=0)
    third.stop()

    assert [mail.text for mail in third.mails()] == ["Hi\u2028there", "Hi\u2028there"]
