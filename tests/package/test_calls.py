"""Every operation of the API, every authorizer's answer, stream record and letter: what it asks of AWS is what its role allows.

No engine here enforces IAM, so a permission that is missing would first be missed in production.
"""

from datetime import UTC, datetime
from fnmatch import fnmatchcase
from types import ModuleType
from typing import Any

import pytest

from functions.cli.accounts import open_account
from functions.ids import SiteKey
from tests.package.calls import NOTES
from tests.package.iam import granted, policies_of, role_of
from tests.support.aws import Aws
from tests.support.http import Answer, Http
from tests.support.storefront import BANNER, ORIGIN, Shop, answered, decision
from tests.support.streams import Stream

OPERATOR = "OpensAccounts"
API, AUTHORIZER, INDEX, MAIL = "APIHandler", "Merchants", "Index", "Mail"


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
    for cache in (app.wiring._roots, app.wiring._sites, app.wiring._tenants, app.wiring._versions, app.wiring._configs):  # noqa: SLF001
        cache.clear()


def _everything(gateway: Gateway, app: ModuleType, aws: Aws) -> None:
    now, settings = datetime.now(UTC), aws.settings
    stream = Stream(aws, app)
    with NOTES.by(OPERATOR, settings):
        tenant, key = open_account("Rosa", profile={"contact_email": "owner@example.com"}, wiring=app.wiring, now=now)
    shop = Shop(gateway, tenant, str(key), SiteKey(f"pk_{tenant}_main"))
    _forget(app)
    shop = _set_up(shop)
    _forget(app)
    _visit(shop, gateway, now)
    again = {"after": 1, "texts": {"en": "# New terms"}, "change_note": "Rewritten.", "material": True}
    shop.call("POST", "/policies/terms/versions", again)
    records = stream.records()
    _forget(app)
    with NOTES.by(INDEX, settings):
        assert stream.deliver(records) == []
    assert len(shop.call("GET", "/sites/main/configs").json["configs"]) == 2  # the window has followed its document
    _read(shop)
    _letters(shop, app, aws)
    with NOTES.by(AUTHORIZER, settings):
        event = {"type": "TOKEN", "authorizationToken": f"Bearer {key}", "methodArn": "arn:aws:execute-api:r:1:a/live/GET/v1"}
        assert app.merchants(event, None)["principalId"] != "nobody"


def _set_up(shop: Shop) -> Shop:
    shop.call("POST", "/sites", {"site": "main", "name": "Rosa", "origins": [ORIGIN]})
    site = shop.call("GET", "/sites/main").json
    shop.call("PUT", "/sites/main", {"version": site["version"], "name": "Rosa", "origins": [ORIGIN]})
    shop.call("GET", "/sites")
    shop.call("POST", "/sites/main/identity-secrets")
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
    return Shop(shop.http, shop.tenant, shop.key, shop.site, config)


def _visit(shop: Shop, gateway: Gateway, now: datetime) -> None:
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
            path = operation.path.format(policy="terms", version="1", language="en", record=act["id"])
            gateway.send("OPTIONS", path, query=query, headers={"Origin": ORIGIN})


def _read(shop: Shop) -> None:
    (record, *_) = shop.register()
    shop.call("GET", f"/register/{record['id']}")
    shop.call("POST", "/register/search", {"email": "ann@example.com"})


def _letters(shop: Shop, app: ModuleType, aws: Aws) -> None:
    made = shop.call("POST", "/keys", {"label": "One", "role": "auditor"}).json
    shop.call("GET", "/keys")
    letter = f'{{"tenant":"{shop.tenant}","kind":"key-issued","about":"{made["prefix"]}"}}'
    record = {"messageId": "1", "body": letter, "eventSource": "aws:sqs", "receiptHandle": "1"}
    with NOTES.by(MAIL, aws.settings):
        _forget(app)
        assert app.mail({"Records": [record]}, None) == {"batchItemFailures": []}
    shop.call("DELETE", f"/keys/{made['prefix']}")


def test_every_operation_was_called(noted: Gateway) -> None:
    assert noted.called == set(noted.operations)


@pytest.mark.parametrize("maker", [API, AUTHORIZER, INDEX, MAIL, OPERATOR])
@pytest.mark.usefixtures("noted")
def test_what_is_asked_of_aws_is_allowed(resources: dict[str, Any], maker: str) -> None:
    policies = policies_of(resources, maker if maker == OPERATOR else role_of(resources, maker))
    asked = [ask for who, ask in NOTES.asked if who == maker]

    assert asked
    assert [ask for ask in asked if not policies.allow(ask)] == []


# Lambda itself does these in a function's name: it follows streams and queues, tells of failures, and logs.
BY_LAMBDA = (
    *("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"),
    *("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "logs:CreateLogStream", "logs:PutLogEvents"),
)
FAILURES = "IndexFailures.Arn"


@pytest.mark.parametrize("maker", [API, AUTHORIZER, INDEX, MAIL])
@pytest.mark.usefixtures("noted")
def test_nothing_is_allowed_that_is_not_asked_for(resources: dict[str, Any], maker: str) -> None:
    asked = {(ask.action, ask.resource) for who, ask in NOTES.asked if who == maker}

    unused = [
        (action, resource)
        for action, resource in granted(policies_of(resources, role_of(resources, maker)))
        if action not in BY_LAMBDA and resource != FAILURES
        if not any(action == used and fnmatchcase(target, resource) for used, target in asked)
    ]
    assert unused == []
