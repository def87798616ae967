"""Every operation, stream record, message, letter and schedule: what it asks of AWS is what its role allows.

No engine here enforces IAM, so a permission that is missing would first be missed in production.
"""

from datetime import UTC, datetime
from fnmatch import fnmatchcase
from types import ModuleType
from typing import Any

import pytest

from functions.cli.accounts import open_account
from functions.ids import SiteKey
from infra.local.gateway import lambda_context
from infra.local.pump.ticker import event_of
from tests.package.calls import NOTES
from tests.package.iam import functions_of, granted, policies_of, role_of
from tests.support.aws import Aws
from tests.support.http import Answer, Http
from tests.support.storefront import BANNER, ORIGIN, Browser, Shop, answered, decision, identity_token, uuid7
from tests.support.streams import Stream

OPERATOR = "OpensAccounts"
API, AUTHORIZER, MAIL = "APIHandler", "Merchants", "Mail"
SEQUENCE, WATCH, LEDGER, PROJECT = "Sequence", "Watch", "Ledger", "Project"
UPKEEP, DISPUTE, RECONCILE, DAILY, AUDIT = "Upkeep", "Dispute", "Reconcile", "Daily", "Audit"
MAKERS = (API, AUTHORIZER, SEQUENCE, WATCH, LEDGER, PROJECT, UPKEEP, DISPUTE, MAIL, RECONCILE, DAILY, AUDIT)


class Gateway(Http):
    """The app over HTTP; notes which operations were called, and counts their calls as the API's."""

    def __init__(self, app: ModuleType, aws: Aws) -> None:
        super().__init__(app.app, app.apis)
        self.aws = aws
        self.called: set[str] = set()

    def send(self, method: str, path: str, *arguments: Any, **named: Any) -> Answer:
        operation = self._operation(method, path)
        assert operation is not None, f"{method} {path}"
        with NOTES.by(API, self.aws.settings):
            answer = super().send(method, path, *arguments, **named)
        assert answer.status < 300, answer.text
        self.called.add(operation.id)
        return answer


@pytest.fixture(scope="module")
def noted(aws: Aws, app: ModuleType) -> Gateway:
    """Everything done once."""
    _forget(app)
    gateway = Gateway(app, aws)
    _everything(gateway, app, aws)
    return gateway


def _forget(app: ModuleType) -> None:
    """What the container remembers would hide calls."""
    vars(app.wiring).pop("checkpoint_key", None)
    for cache in (app.wiring._roots, app.wiring._sites, app.wiring._tenants, app.wiring._versions, app.wiring._configs):  # noqa: SLF001 - what a new container lacks
        cache.clear()


def _everything(gateway: Gateway, app: ModuleType, aws: Aws) -> None:
    now, settings = datetime.now(UTC), aws.settings
    stream = Stream(aws, app)
    with NOTES.by(OPERATOR, settings):
        tenant, key = open_account("Rosa", profile={"contact_email": "owner@example.com"}, wiring=app.wiring, now=now)
    shop = Shop(gateway, tenant, str(key), SiteKey(f"pk_{tenant}_main"))
    _forget(app)
    shop, secret = _set_up(shop)
    _forget(app)
    visitor, record = _visit(shop, gateway, now)
    leaving = _leave(shop, secret, now)
    again = {"after": 1, "texts": {"en": "# New terms"}, "change_note": "Rewritten.", "material": True}
    shop.call("POST", "/policies/terms/versions", again)
    _sequence(stream, app, aws)
    _take(LEDGER, app.ledger, settings.ledger_queue, stream, app)
    assert len(shop.call("GET", "/sites/main/configs").json["configs"]) == 2  # the window has followed its document
    _sequence(stream, app, aws)
    _read(shop)
    _prove(shop, visitor, record, now)
    _dispute(shop, stream, app, record=leaving["shred"])  # before it is erased
    _erase(leaving, shop, gateway)
    _keep_in_order(stream, app, shop)
    _sequence(stream, app, aws)
    _dispute(shop, stream, app, record=leaving["restrict"])
    _dispute(shop, stream, app, email="ann@example.com")
    _audit(stream, app, aws)
    _tamper(shop, stream, app, aws)
    made = shop.call("POST", "/keys", {"label": "One", "role": "auditor"}).json
    shop.call("GET", "/keys")
    _take(MAIL, app.mail, settings.mail_queue, stream, app)
    shop.call("DELETE", f"/keys/{made['prefix']}")
    with NOTES.by(AUTHORIZER, settings):
        event = {"type": "TOKEN", "authorizationToken": f"Bearer {key}", "methodArn": "arn:aws:execute-api:r:1:a/live/GET/v1"}
        assert app.merchants(event, None)["principalId"] != "nobody"


def _sequence(stream: Stream, app: ModuleType, aws: Aws) -> None:
    """New entries become leaves, and their batches listings."""
    _forget(app)
    records = stream.records()
    for _ in range(2):  # told twice, as a stream may
        with NOTES.by(SEQUENCE, aws.settings):
            assert stream.sequence(records) == []
    _take(PROJECT, app.project, aws.settings.batch_queue, stream, app)


def _take(maker: str, handler: Any, queue: str, stream: Stream, app: ModuleType) -> None:
    """Hand over what waits in a queue."""
    bodies = stream.queue(queue)
    assert bodies, queue
    for body in bodies:
        _forget(app)
        record = {"messageId": "1", "body": body, "eventSource": "aws:sqs", "receiptHandle": "1"}
        with NOTES.by(maker, app.wiring.settings):
            assert handler({"Records": [record]}, None) == {"batchItemFailures": []}, body


def _audit(stream: Stream, app: ModuleType, aws: Aws) -> None:
    """Begun with no time left, and brought to its end by the message that goes on."""
    for time_left_ms in (0, 900_000):
        (body,) = stream.queue(aws.settings.audit_queue)
        record = {"messageId": "1", "body": body, "eventSource": "aws:sqs", "receiptHandle": "1"}
        with NOTES.by(AUDIT, aws.settings):
            assert app.audit({"Records": [record]}, lambda_context(AUDIT, time_left_ms)) == {"batchItemFailures": []}
    assert stream.queue(aws.settings.audit_queue) == []


def _keep_in_order(stream: Stream, app: ModuleType, shop: Shop) -> None:
    """Erasures that were asked for, and what is done every quarter of an hour and every day."""
    settings = app.wiring.settings
    _take(UPKEEP, app.upkeep, settings.upkeep_queue, stream, app)
    for maker, handler in ((RECONCILE, app.reconcile), (DAILY, app.daily)):
        with NOTES.by(maker, settings):
            handler(event_of(maker, datetime.now(UTC)), None)
        _forget(app)
        for body in stream.queue(settings.upkeep_queue):
            # Other tests have accounts in the directory, too.
            if shop.tenant in body:
                stream.sqs.send_message(QueueUrl=settings.upkeep_queue, MessageBody=body)
        _take(UPKEEP, app.upkeep, settings.upkeep_queue, stream, app)


def _leave(shop: Shop, secret: dict[str, str], now: datetime) -> dict[str, str]:
    """Acts of two visitors who are to be erased, by how; the shop vouches for each."""
    leaving = {}
    for how in ("shred", "restrict"):
        act = answered("terms", now)
        token = identity_token(shop, [act["id"]], now, secret, email=f"{how}@example.com", sub=how)
        shop.browser().submit(act, identity_token=token)
        leaving[how] = act["id"]
    return leaving


def _erase(leaving: dict[str, str], shop: Shop, gateway: Gateway) -> None:
    for how, record in leaving.items():
        asked = shop.call("POST", "/erasures", {"record": record, "how": how, "reason": "Asked for."}).json
        gateway.send("GET", f"/v1/admin/erasures/{asked['subject']}", headers={"Authorization": f"Bearer {shop.key}"})
    shop.call("GET", "/erasures")


def _tamper(shop: Shop, stream: Stream, app: ModuleType, aws: Aws) -> None:
    """Somebody overwrites an entry with the appender's own rights."""
    stream.records()
    (record, *_) = shop.register()
    key: Any = {"pk": {"S": f"{shop.tenant}#consent#{int(record['id'][-1], 16) % 4}"}, "sk": {"S": record["id"]}}
    aws.dynamodb.put_item(TableName=aws.settings.register_table, Item={**key, "leaf": {"B": b"{}"}, "leaf_hash": {"B": b"-"}})
    _forget(app)
    records = stream.records()
    for _ in range(2):
        with NOTES.by(WATCH, aws.settings):
            assert stream.watch(records) == []


def _set_up(shop: Shop) -> tuple[Shop, dict[str, str]]:
    """The shop with a config, and a secret for its identity tokens."""
    shop.call("POST", "/sites", {"site": "main", "name": "Rosa", "origins": [ORIGIN]})
    site = shop.call("GET", "/sites/main").json
    shop.call("PUT", "/sites/main", {"version": site["version"], "name": "Rosa", "origins": [ORIGIN]})
    shop.call("GET", "/sites")
    secret: dict[str, str] = shop.call("POST", "/sites/main/identity-secrets").json
    account = shop.call("GET", "/tenant").json
    shop.call("PUT", "/tenant", account)
    shop.publish_policy("terms", "contract_terms", {"en": "# Terms", "bg": "# Условия"})
    shop.call("GET", "/policies")
    document = shop.call("GET", "/policies/terms").json
    shop.call("PUT", "/policies/terms", {"version": document["version"], "titles": {"en": "Terms", "bg": "Условия"}})
    shop.call("GET", "/policies/terms/versions")
    shop.call("POST", "/previews", {"text": "# Hello"})
    shop.call("PUT", "/sites/main/banner", BANNER | {"policies": ["terms"]})
    shop.call("GET", "/sites/main/banner")
    config = shop.call("POST", "/sites/main/configs", {"after": 0}).json
    shop.call("GET", "/sites/main/configs")
    return Shop(shop.http, shop.tenant, shop.key, shop.site, config), secret


def _visit(shop: Shop, gateway: Gateway, now: datetime) -> tuple[Browser, str]:
    """A visitor's browser, and a record of theirs."""
    browser = shop.browser()
    act = answered("terms", now)
    browser.submit(act, decision(shop, now, "performance"), submission=act["id"], identity={"email": "ann@example.com"})
    browser.mine()
    browser.mine(f"/{act['id']}")
    query = {"site": shop.site}
    gateway.send("GET", "/v1/banner", query=query)
    gateway.send("GET", "/v1/receipts/key", query=query)
    for path in ("", "/versions", "/versions/1", "/versions/1/texts/en"):
        gateway.send("GET", f"/v1/policies/terms{path}", query=query)
    for operation in gateway.operations.values():
        if operation.method == "OPTIONS":
            path = operation.path.format(policy="terms", version="1", language="en", record=act["id"], year=now.year)
            gateway.send("OPTIONS", path, query=query, headers={"Origin": ORIGIN})
    return browser, act["id"]


def _read(shop: Shop) -> None:
    (record, *_) = shop.register()
    shop.call("GET", f"/register/{record['id']}")
    shop.call("POST", "/register/search", {"email": "ann@example.com"})
    shop.call("GET", "/statistics")


def _prove(shop: Shop, visitor: Browser, record: str, now: datetime) -> None:
    """The whole receipt, and how the log has grown, for the visitor and for the merchant."""
    logs = f"/logs/{now.year}"
    newest = shop.call("GET", f"{logs}/checkpoint").json
    grown = dict.fromkeys(("from", "to"), str(newest["size"]))
    shop.call("GET", f"{logs}/consistency", query=grown)
    assert shop.call("GET", f"/receipts/{record}").json["proof"]
    headers = visitor.headers() | {"Authorization": f"Bearer {visitor.token}"}
    for path, query in ((f"/v1/receipts/{record}", {}), (f"/v1{logs}/consistency", grown)):
        shop.http.send("GET", path, headers=headers, query={"site": shop.site, **query})


def _dispute(shop: Shop, stream: Stream, app: ModuleType, **named: str) -> None:
    """A pack of somebody who is named by a record, or of whoever has an address."""
    pack = uuid7(datetime.now(UTC))
    shop.call("POST", "/disputes", {"id": pack, "reason": "A claim.", **named})
    _take(DISPUTE, app.dispute, app.wiring.settings.dispute_queue, stream, app)
    assert shop.call("GET", f"/disputes/{pack}").json["link"]


def test_every_operation_was_called(noted: Gateway) -> None:
    assert noted.called == set(noted.operations)


@pytest.mark.parametrize("maker", [*MAKERS, OPERATOR])
@pytest.mark.usefixtures("noted")
def test_what_is_asked_of_aws_is_allowed(resources: dict[str, Any], maker: str) -> None:
    policies = policies_of(resources, maker if maker == OPERATOR else role_of(resources, maker))
    asked = [ask for who, ask in NOTES.asked if who == maker]

    assert asked
    assert [ask for ask in asked if not policies.allow(ask)] == []


@pytest.mark.usefixtures("noted")
def test_every_function_is_among_those_who_ask(resources: dict[str, Any]) -> None:
    assert set(MAKERS) == set(functions_of(resources))


# Lambda itself does these in a function's name: it follows streams and queues, tells of failures, and logs.
BY_LAMBDA = (
    *("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"),
    *("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "logs:CreateLogStream", "logs:PutLogEvents"),
)
FAILURES = ("SequenceFailures.Arn", "WatchFailures.Arn")
# Nobody asks for it, but without it S3 says of what is missing that it is forbidden.
TO_MISS = (("s3:ListBucket", "LogBucket.Arn"), ("s3:ListBucket", "ContentBucket.Arn"))
# What this story has no occasion for.
SELDOM: dict[str, tuple[tuple[str, str], ...]] = {
    # The checkpoint of another run that was faster, or stopped before it said so.
    "SequencerRole": (("s3:GetObject", "LogBucket.Arn/*/checkpoint/*"),),
    "UpkeepRole": (
        ("dynamodb:UpdateItem", "LedgerTable.Arn"),  # at the turn of the year
        ("dynamodb:BatchGetItem", "RegisterTable.Arn"),  # when the proof of years ago is not needed any more
        ("sqs:SendMessage", "LedgerQueue.Arn"),  # for entries that were forgotten
        ("s3:GetObject", "LogBucket.Arn/*/anchor/*"),  # where there is a time-stamp authority
        ("s3:PutObject", "LogBucket.Arn/*/anchor/*"),
    ),
    "ApiRole": (
        ("s3:GetObject", "ExportBucket.Arn/*"),  # by whoever opens the link that was signed in its name
        ("s3:GetObject", "LogBucket.Arn/*/anchor/*"),
    ),
    "DisputeRole": (
        ("s3:GetObject", "LogBucket.Arn/*/anchor/*"),
        ("s3:ListBucket", "ExportBucket.Arn"),  # when somebody is erased while their pack is made
        ("s3:DeleteObject", "ExportBucket.Arn/*"),
    ),
}
ROLES = (
    *("ApiRole", "AuthorizerRole", "SequencerRole", "WatcherRole", "ProjectionRole"),
    *("UpkeepRole", "DisputeRole", "MailRole", "SchedulesRole", "AuditorRole"),
)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.usefixtures("noted")
def test_nothing_is_allowed_that_is_not_asked_for(resources: dict[str, Any], role: str) -> None:
    makers = {maker for maker in MAKERS if role_of(resources, maker) == role}
    asked = {(ask.action, ask.resource) for who, ask in NOTES.asked if who in makers}

    unused = [
        (action, resource)
        for action, resource in granted(policies_of(resources, role))
        if action not in BY_LAMBDA and resource not in FAILURES and (action, resource) not in (*TO_MISS, *SELDOM.get(role, ()))
        if not any(action == used and fnmatchcase(target, resource) for used, target in asked)
    ]
    assert unused == []
