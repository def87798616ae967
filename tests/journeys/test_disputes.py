"""Somebody has to judge: one ZIP with everything about a data subject, which anybody can check."""

import json
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zipfile import ZipFile

import pytest
import requests
from cryptography.x509 import load_pem_x509_certificates
from pypdf import PdfReader

from functions.anchors.tasks import anchor_logs
from functions.cli import verify
from functions.disputes.model import DisputeId
from functions.disputes.tasks import make
from functions.erasures.tasks import eraser
from functions.ids import SubjectId
from functions.settings import Settings
from functions.vault.mark import Why
from infra.local.authority import Authority
from tests.support.aws import Aws
from tests.support.http import Answer
from tests.support.storefront import Shop, answered, decision, identity_token, leaf_of, uuid7
from tests.support.streams import Stream

EMAIL, NAME = "ann@example.com", "Ann Lee"
IDENTITY = {"email": EMAIL, "name": NAME}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with Authority(tmp_path_factory.mktemp("authority") / "kept", port=0) as running:
        yield running


class Court:
    """Asks for packs, has them made as the queue does, and fetches them."""

    def __init__(self, shop: Shop, stream: Stream, app: ModuleType, now: datetime) -> None:
        self.shop, self.stream, self.app, self.now = shop, stream, app, now

    def ask(self, **body: Any) -> Answer:
        return self.shop.call("POST", "/disputes", {"id": uuid7(self.now), "reason": "Claim 7/2026", **body})

    def waiting(self) -> list[str]:
        return self.stream.queue(self.app.wiring.settings.dispute_queue)

    def deliver(self, body: str) -> dict[str, Any]:
        record = {"messageId": "1", "body": body, "eventSource": "aws:sqs", "receiptHandle": "1"}
        answer: dict[str, Any] = self.app.dispute({"Records": [record]}, None)
        return answer

    def made(self, **body: Any) -> "Pack":
        asked = self.ask(**body)
        assert asked.status == 202, asked.text
        for message in self.waiting():
            assert self.deliver(message) == {"batchItemFailures": []}
        return self.fetch(asked.json["id"])

    def fetch(self, dispute: str) -> "Pack":
        found = self.shop.call("GET", f"/disputes/{dispute}").json
        assert found["state"] == "ready", found
        return Pack(found, fetched(found["link"]))


def fetched(link: str) -> bytes:
    """As a browser follows it: nothing but what the link says is known."""
    answer = requests.get(link, timeout=10)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    return answer.content


class Pack:
    """A pack that was fetched, and what was said of it."""

    def __init__(self, shown: dict[str, Any], raw: bytes) -> None:
        self.shown, self.raw = shown, raw
        with ZipFile(BytesIO(raw)) as archive:
            self.files = {name: archive.read(name) for name in archive.namelist()}

    @property
    def receipts(self) -> list[dict[str, Any]]:
        return [json.loads(content) for path, content in sorted(self.files.items()) if path.startswith("records/")]

    def checked(self, **brought: Any) -> verify.Verdict:
        return verify.check(self.raw, verify.Brought(**brought))


@pytest.fixture
def court(shop: Shop, stream: Stream, app: ModuleType, now: datetime) -> Court:
    return Court(shop, stream, app, now)


def acted(court: Court, *, identity: dict[str, str] | None = None) -> SubjectId:
    """A subject with a decision in the window, and an answer in the checkout; both are in the signed log."""
    shop, browser = court.shop, court.shop.browser()
    shop.publish_policy("terms", "contract_terms", {"bg": "# Условия\n\nПлащате.\n"})
    answer = browser.submit(decision(shop, court.now, "performance"), identity=identity or IDENTITY)
    assert browser.submit(answered("terms", court.now), identity=identity or IDENTITY).status == 201
    sign(court)
    return SubjectId(leaf_of(answer)["sid"])


def sign(court: Court) -> None:
    assert court.stream.deliver() == []
    court.app.wiring.signing(court.shop.tenant, court.now.year).sign(now=court.now)


def text_of(pdf: bytes) -> str:
    """Its words, whichever line they are on."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


def test_a_pack_is_everything_about_a_subject_and_its_own_verifier_says_that_it_holds(court: Court, tmp_path: Path) -> None:
    acted(court)

    pack = court.made(email="Ann@EXAMPLE.com".replace("Ann", "ann"))

    assert pack.shown["made"]["counts"] == {
        "records": 2, "opened": 2, "proven": 2, "lost": 0, "left_out": 0, "texts": 2, "texts_lost": 0, "anchors": 0,
    }  # fmt: skip
    assert (pack.shown["made"]["size"], pack.shown["made"]["sha256"]) == (
        len(pack.raw),
        sha256(pack.raw).hexdigest(),
    )
    kinds = {path.partition("/")[0] for path in pack.files}
    assert kinds == {"report.pdf", "records", "texts", "windows", "keys.txt", "verify.py", "verify.html", "manifest.json"}
    assert all(receipt["opening"]["personal"]["email"] == EMAIL for receipt in pack.receipts)
    assert {key for receipt in pack.receipts for key in receipt["keys"].values()} == set(
        pack.files["keys.txt"].decode().split()
    )
    (tmp_path / "pack.zip").write_bytes(pack.raw)
    (tmp_path / "verify.py").write_bytes(pack.files["verify.py"])
    run = subprocess.run(
        [sys.executable, "-I", "verify.py", "pack.zip"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout.splitlines()[0][:8]) == (0, "VERIFIED")


def test_a_pack_is_refused_after_one_change_of_any_file(court: Court) -> None:
    acted(court)
    pack = court.made(email=EMAIL)

    for spoilt in pack.files.keys() - {"manifest.json"}:
        content = pack.files[spoilt]
        files = pack.files | {spoilt: content[:-3] + bytes([content[-3] ^ 1]) + content[-2:]}
        into = BytesIO()
        with ZipFile(into, "w") as archive:
            for name, one in files.items():
                archive.writestr(name, one)

        try:
            verdict = verify.check(into.getvalue(), verify.Brought())
        except verify.Unreadable:
            continue  # a record that is no JSON any more
        assert verdict.exit_code == 1, spoilt


def test_texts_and_windows_are_the_bytes_that_were_published(court: Court) -> None:
    acted(court)

    pack = court.made(email=EMAIL)

    says = [json.loads(receipt["leaf"]) for receipt in pack.receipts]
    (text,) = [pack.files[f"texts/{one['pol']['sha256']}.md"] for one in says if "pol" in one]
    (window,) = [pack.files[f"windows/{one['cfg']['sha256']}.json"] for one in says if "cfg" in one]
    assert text.decode() == "# Условия\n\nПлащате.\n"
    assert json.loads(window)["texts"]["bg"]["banner_title"]
    assert any(b"<h1>" in content for path, content in pack.files.items() if path.endswith(".html") and "texts/" in path)


def test_a_text_that_is_gone_or_was_changed_is_said_so_and_fails_no_pack(court: Court, aws: Aws) -> None:
    acted(court)
    pack = court.made(email=EMAIL)
    (text,) = [path for path in pack.files if path.endswith(".md")]
    aws.s3.delete_object(Bucket=aws.settings.content_bucket, Key=f"t/{text.removeprefix('texts/')}")
    (window,) = [path.removeprefix("windows/").removesuffix(".json") for path in pack.files if path.startswith("windows/")]
    key = f"s/{court.shop.site}/{window}/config.json"
    aws.s3.put_object(Bucket=aws.settings.content_bucket, Key=key, Body=b'{"texts": {}}')

    without = court.made(email=EMAIL)

    assert without.shown["made"]["counts"]["texts_lost"] == 2
    assert not [path for path in without.files if path.startswith(("windows/", "texts/")) and not path.endswith(".html")]
    assert text_of(without.files["report.pdf"]).count("НЕ Е в този пакет") == 2
    failed = {one.check for one in without.checked().findings if one.standing is verify.Standing.FAILS}
    assert failed == {"text", "window"}


def anchor(court: Court, authority: Authority) -> Settings:
    """Have the log stamped, under settings that name the authority; the letters about it are nobody's here."""
    settings: Settings = replace(court.app.wiring.settings, timestamp_authority=authority.address)
    anchor_logs(court.shop.tenant, wiring=replace(court.app.wiring, settings=settings), now=court.now)
    court.stream.queue(settings.mail_queue)
    return settings


def test_a_dated_checkpoint_is_in_the_pack_and_in_each_receipt_that_it_holds(court: Court, authority: Authority) -> None:
    acted(court)
    anchor(court, authority)
    acted(court)

    pack = court.made(email=EMAIL)

    assert pack.shown["made"]["counts"]["anchors"] == 1
    (stamp,) = [content for path, content in pack.files.items() if path.endswith(".tsr")]
    dated = [receipt for receipt in pack.receipts if receipt["anchors"]]
    assert len(dated) == 2
    assert len(pack.receipts) == 4
    assert {b64decode(receipt["anchors"][0]["token"]) for receipt in dated} == {stamp}
    certificates = load_pem_x509_certificates(authority.root.encode())
    verdict = pack.checked(authorities=tuple(certificates))
    assert [one.check for one in verdict.findings if one.standing is verify.Standing.HOLDS].count("anchor") == 2
    # Those that came after the time-stamp are not dated by anybody yet, which is what was asked.
    assert [one.check for one in verdict.findings if one.standing is verify.Standing.UNPROVEN] == ["authority"] * 2
    assert verdict.exit_code == 1


def test_a_time_stamp_is_vouched_for_only_under_the_roots_that_the_platform_was_given(
    court: Court, authority: Authority, tmp_path: Path
) -> None:
    subject, settings = acted(court), anchor(court, authority)
    vouched, said = ("Контролна точка, която го съдържа, е датирана от доставчик", "кой е подписал печата, тук не е потвърдено")
    with Authority(tmp_path / "foreign", port=0) as foreign:
        roots = {"none": "", "own": authority.root, "foreign": foreign.root}

    told = {}
    for name, given in roots.items():
        wiring = replace(court.app.wiring, settings=replace(settings, timestamp_roots=given))
        asked = court.ask(subject=subject).json["id"]
        for message in court.waiting():
            make(json.loads(message), wiring=wiring)
        report = text_of(court.fetch(asked).files["report.pdf"])
        told[name] = (vouched in report, said in report)

    assert told == {"none": (False, True), "own": (True, False), "foreign": (False, True)}


def test_a_restricted_subject_is_opened_in_the_pack_and_nowhere_else(court: Court) -> None:
    subject = acted(court)
    wiring, tenant = court.app.wiring, court.shop.tenant
    eraser(tenant, wiring).restrict(subject, until=court.now + timedelta(days=1000), now=court.now)

    by_email, by_subject = court.made(email=EMAIL), court.made(subject=subject)

    assert by_email.shown["subjects"] == by_subject.shown["subjects"] == [subject]
    for pack in (by_email, by_subject):
        assert [receipt["opening"]["personal"]["email"] for receipt in pack.receipts] == [EMAIL] * 2
        assert pack.checked().exit_code == 0
    assert court.shop.call("POST", "/register/search", {"email": EMAIL}).json["records"] == []
    assert EMAIL not in court.shop.call("GET", "/register").text


def test_a_pack_made_before_an_erasure_still_opens_the_commitments_and_one_made_after_opens_nothing(court: Court) -> None:
    subject = acted(court)
    before = court.made(email=EMAIL)
    eraser(court.shop.tenant, court.app.wiring).shred(subject, why=Why.REQUEST, now=court.now)

    after = court.made(subject=subject)

    assert court.ask(email=EMAIL).status == 404
    assert [one.check for one in before.checked().findings].count("opening") == 2
    assert before.checked().exit_code == 0
    assert after.checked().exit_code == 0
    assert not any("opening" in receipt for receipt in after.receipts)
    openings = {receipt["leaf"]: receipt["opening"] for receipt in before.receipts}
    for receipt in after.receipts:
        opened = json.dumps(receipt | {"opening": openings[receipt["leaf"]]}).encode()
        assert verify.check(opened, verify.Brought()).exit_code == 0
    assert EMAIL not in text_of(after.files["report.pdf"])


def test_asking_again_and_handing_over_again_make_one_pack(court: Court, aws: Aws) -> None:
    acted(court)
    asked = {"id": uuid7(court.now), "reason": "Claim 7/2026", "email": EMAIL}

    answers = [court.shop.call("POST", "/disputes", asked) for _ in range(3)]
    messages = court.waiting()
    for message in [*messages, messages[0]]:
        assert court.deliver(message) == {"batchItemFailures": []}
    ready = court.shop.call("GET", f"/disputes/{asked['id']}").json
    again = court.shop.call("POST", "/disputes", asked)

    assert [answer.status for answer in answers] == [202] * 3
    assert len({json.dumps(answer.json) for answer in answers}) == 1
    assert (again.status, again.json["state"], court.waiting()) == (202, "ready", [])
    assert again.json["made"] == ready["made"]
    kept = aws.s3.list_objects_v2(Bucket=aws.settings.export_bucket, Prefix=f"{court.shop.tenant}/")["Contents"]
    assert [one["Key"] for one in kept] == [f"{court.shop.tenant}/{asked['id']}/{ready['made']['sha256']}.zip"]
    assert court.shop.call("POST", "/disputes", asked | {"reason": "Another"}).status == 409


def test_a_worker_that_died_after_its_pack_was_put_is_made_up_for(court: Court) -> None:
    acted(court)
    asked = court.ask(email=EMAIL)
    (message,) = court.waiting()

    def die(**_: Any) -> None:
        raise RuntimeError("the container was taken away")

    s3 = court.app.wiring.exports.meta.events
    s3.register("after-call.s3.PutObject", die)
    failed = court.deliver(message)
    s3.unregister("after-call.s3.PutObject", die)

    assert failed["batchItemFailures"] != []
    assert court.shop.call("GET", f"/disputes/{asked.json['id']}").json["state"] == "wanted"
    assert court.deliver(message) == {"batchItemFailures": []}
    pack = court.fetch(asked.json["id"])
    assert pack.checked().exit_code == 0
    assert pack.shown["made"]["sha256"] == sha256(pack.raw).hexdigest()


def kept_of(court: Court) -> int:
    bucket, wiring = court.app.wiring.settings.export_bucket, court.app.wiring
    return int(wiring.exports.list_objects_v2(Bucket=bucket, Prefix=f"{court.shop.tenant}/")["KeyCount"])


def test_a_pack_whose_subject_is_shredded_while_it_is_made_is_not_kept(court: Court) -> None:
    subject = acted(court)
    asked = court.ask(email=EMAIL).json
    (message,) = court.waiting()

    def shred(**_: Any) -> None:
        s3.unregister("before-call.s3.PutObject", shred)
        eraser(court.shop.tenant, court.app.wiring).shred(subject, why=Why.REQUEST, now=court.now)

    s3 = court.app.wiring.exports.meta.events
    s3.register("before-call.s3.PutObject", shred)

    assert court.deliver(message) == {"batchItemFailures": []}

    found = court.shop.call("GET", f"/disputes/{asked['id']}").json
    assert (found["state"], found["link"], found["reason"]) == ("gone", None, asked["reason"])
    assert kept_of(court) == 0
    assert court.deliver(message) == {"batchItemFailures": []}
    assert court.made(subject=subject).shown["made"]["counts"]["opened"] == 0


def test_a_pack_that_is_still_there_is_not_handed_out_once_its_subject_has_no_key(court: Court) -> None:
    subject = acted(court)
    pack = court.made(email=EMAIL)
    court.app.wiring.shredder(court.shop.tenant).shred(subject, why=Why.REQUEST, now=court.now)

    found = court.shop.call("GET", f"/disputes/{pack.shown['id']}").json

    assert (found["state"], found["link"], kept_of(court)) == ("gone", None, 1)
    eraser(court.shop.tenant, court.app.wiring).shred(subject, why=Why.REQUEST, now=court.now)
    assert kept_of(court) == 0
    assert not requests.get(pack.shown["link"], timeout=10).ok


def test_a_link_is_good_for_five_minutes_and_a_pack_for_seven_days(court: Court) -> None:
    acted(court)

    pack = court.made(email=EMAIL)

    query = parse_qs(urlsplit(pack.shown["link"]).query)
    assert query["X-Amz-Expires"] == ["300"]
    assert EMAIL not in pack.shown["link"]
    made_at, expires_at = (datetime.fromisoformat(one) for one in (pack.shown["made"]["at"], pack.shown["expires_at"]))
    assert expires_at - made_at == timedelta(days=7)


def test_a_neighbour_sees_no_pack_and_finds_nobody(court: Court, neighbours_shop: Shop) -> None:
    subject = acted(court)
    pack = court.made(email=EMAIL)
    neighbour = Court(neighbours_shop, court.stream, court.app, court.now)

    record = json.loads(pack.receipts[0]["leaf"])["id"]
    answers = [neighbour.ask(email=EMAIL), neighbour.ask(subject=subject), neighbour.ask(record=record)]

    assert [answer.status for answer in answers] == [404] * 3
    assert court.waiting() == []
    assert neighbours_shop.call("GET", f"/disputes/{pack.shown['id']}").status == 404
    # The same id is another pack there.
    theirs = neighbours_shop.browser()
    theirs.submit(decision(neighbours_shop, court.now), identity=IDENTITY)
    court.stream.deliver()
    assert neighbour.made(id=pack.shown["id"], email=EMAIL).receipts[0]["leaf"] != pack.receipts[0]["leaf"]
    assert court.fetch(pack.shown["id"]).raw == pack.raw


def test_owners_data_protection_officers_and_dispute_keys_may_ask_for_packs_and_nobody_else(court: Court) -> None:
    told = {}
    for role in ("owner", "dpo", "dispute", "editor", "auditor"):
        key = court.shop.call("POST", "/keys", {"label": "court", "role": role}).json["key"]
        holder = Court(replace(court.shop, key=key), court.stream, court.app, court.now)
        asked, got = holder.ask(email="nobody@example.com"), holder.shop.call("GET", f"/disputes/{uuid7(court.now)}")
        told[role] = (asked.status, got.status)

    assert told == {
        **dict.fromkeys(("owner", "dpo", "dispute"), (404, 404)),
        **dict.fromkeys(("editor", "auditor"), (403, 403)),
    }


def test_a_key_for_disputes_opens_nothing_else(court: Court) -> None:
    acted(court)
    key = court.shop.call("POST", "/keys", {"label": "court", "role": "dispute"}).json["key"]
    lawyer = replace(court.shop, key=key)

    reading = [lawyer.call("GET", path) for path in ("/register", "/tenant", "/keys", f"/receipts/{uuid7(court.now)}")]

    assert [answer.status for answer in reading] == [403] * 4
    assert Court(lawyer, court.stream, court.app, court.now).made(email=EMAIL).checked().exit_code == 0


def test_a_request_that_makes_no_sense_is_refused_and_costs_no_call(court: Court, aws_calls: list[str]) -> None:
    bodies: list[dict[str, Any]] = [
        {},
        {"email": EMAIL, "subject": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"email": "no address"},
        {"subject": "ann@example.com"},
        {"record": "1"},
        {"email": EMAIL, "id": "1"},
        {"email": EMAIL, "reason": ""},
        {"email": EMAIL, "more": True},
    ]
    court.shop.call("GET", "/tenant")
    aws_calls.clear()

    refused = [court.ask(**body) for body in bodies]

    assert [answer.status for answer in refused] == [422] * len(bodies)
    assert not any(EMAIL in answer.text for answer in refused)
    assert aws_calls == ["dynamodb.GetItem"] * len(bodies)  # whose key it is


def test_the_report_tells_how_far_each_identity_can_be_believed(court: Court) -> None:
    shop, browser = court.shop, court.shop.browser()
    secret = shop.call("POST", "/sites/main/identity-secrets").json
    claimed, vouched, unnamed = (decision(shop, court.now) for _ in range(3))
    browser.submit(claimed, identity=IDENTITY)
    answer = browser.submit(unnamed)
    shop.browser().submit(vouched, identity_token=identity_token(shop, [vouched["id"]], court.now, secret))
    sign(court)

    pack = court.made(email=EMAIL)

    assert len(pack.shown["subjects"]) == 2
    assert leaf_of(answer)["sid"] in pack.shown["subjects"]
    report = text_of(pack.files["report.pdf"])
    for words in ("въведено от посетителя и непроверено от никого", "потвърден от магазина", "никой не е посочил кой е"):
        assert words in report
    assert all(record["id"] in report for record in (claimed, vouched, unnamed))


def test_records_that_are_gone_or_were_altered_are_told_of(court: Court, aws: Aws) -> None:
    subject = acted(court)
    table = aws.settings.register_table
    rows = aws.dynamodb.scan(TableName=table)["Items"]
    first, second = [row for row in rows if row["pk"]["S"].startswith(f"{court.shop.tenant}#consent#")]
    aws.dynamodb.delete_item(TableName=table, Key={name: first[name] for name in ("pk", "sk")})
    aws.dynamodb.put_item(TableName=table, Item={**second, "leaf": {"B": second["leaf"]["B"][:-1] + b"}}"}})

    pack = court.made(subject=subject)

    assert (pack.shown["made"]["counts"]["lost"], pack.receipts) == (2, [])
    report = text_of(pack.files["report.pdf"])
    assert first["sk"]["S"] in report
    assert second["sk"]["S"] in report
    assert "Записът е изброен, но регистърът не го съдържа." in report


def test_what_is_personal_is_in_the_opened_records_and_the_report_and_nowhere_else(
    court: Court, aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    canary, name = "canary-mail@example.com", "Canary Bird"
    acted(court, identity={"email": canary, "name": name})
    capsys.readouterr()

    asked = court.ask(email=canary)
    (message,) = court.waiting()
    court.deliver(message)
    pack = court.fetch(asked.json["id"])

    assert json.loads(message) == {"tenant": court.shop.tenant, "dispute": asked.json["id"]}
    holding = {path for path, content in pack.files.items() if found_in(content)}
    assert holding == {path for path in pack.files if path.startswith("records/")}
    assert canary in text_of(pack.files["report.pdf"])
    assert name in text_of(pack.files["report.pdf"])
    workspace = aws.dynamodb.scan(TableName=aws.settings.workspace_table)["Items"]
    stored = [item for item in workspace if item["pk"]["S"] == court.shop.tenant]
    assert any(item["sk"]["S"] == f"dispute#{DisputeId(asked.json['id'])}" for item in stored)
    told = capsys.readouterr()
    for text in (repr(stored), message, asked.text, json.dumps(pack.shown), told.out, told.err):
        assert not found_in(text.encode())


def found_in(content: bytes) -> bool:
    canaries = (b"canary-mail", b"Canary Bird", b"127.0.0.0/24")
    return any(canary in content or b64encode(canary) in content for canary in canaries)
