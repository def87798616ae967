"""Whatever is wrong with a submission, the answer says what to do, nothing is written, and no AWS call is spent on it."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.aws import Aws
from tests.support.http import Answer
from tests.support.storefront import Browser, Shop, answered, decision, identity_token, uuid7

Send = Callable[[Shop, datetime], Answer]


def post(shop: Shop, body: Any) -> Answer:
    return shop.browser().post(body)


def raw(shop: Shop, text: str | bytes, headers: dict[str, str] | None = None) -> Answer:
    return shop.browser().post(raw=text.encode() if isinstance(text, str) else text, headers=headers)


def act(shop: Shop, now: datetime, **changes: Any) -> dict[str, Any]:
    return {"acts": [decision(shop, now, "performance") | changes]}


def text_of(shop: Shop, now: datetime) -> str:
    return json.dumps(act(shop, now))


def entries(aws: Aws) -> int:
    pages = aws.dynamodb.get_paginator("scan").paginate(TableName=aws.settings.register_table, Select="COUNT")
    return sum(page["Count"] for page in pages)


CASES: dict[str, tuple[Send, int, str]] = {
    "a site key of nobody": (
        lambda shop, now: shop.http.send(
            "POST", "/v1/consents", act(shop, now), headers=shop.browser().headers(), query={"site": "pk_aaaaaaaaaaaa_main"}
        ),
        404,
        "There is no site by this key.",
    ),
    "a site key that cannot be one": (
        lambda shop, now: shop.http.send(
            "POST", "/v1/consents", act(shop, now), headers=shop.browser().headers(), query={"site": "shop"}
        ),
        422,
        "That is not a site key",
    ),
    "no site key": (
        lambda shop, now: shop.http.send("POST", "/v1/consents", act(shop, now), headers=shop.browser().headers()),
        400,
        "Say which site",
    ),
    "a foreign origin": (
        lambda shop, now: Browser(shop, origin="https://shop.example.evil.example").post(act(shop, now)),
        403,
        "This origin is not one of the site's.",
    ),
    "no origin": (
        lambda shop, now: shop.http.send("POST", "/v1/consents", act(shop, now), query={"site": shop.site}),
        403,
        "no Origin",
    ),
    "no declaration as JSON": (
        lambda shop, now: raw(shop, text_of(shop, now), {"Content-Type": "text/plain"}),
        415,
        "Content-Type: application/json",
    ),
    "an empty body": (lambda shop, _: raw(shop, ""), 400, "not JSON"),
    "half a document": (lambda shop, now: raw(shop, text_of(shop, now)[:-3]), 400, "not JSON"),
    "a body that is not UTF-8": (lambda shop, _: raw(shop, b'{"acts": "\xff"}'), 400, "not UTF-8"),
    "a body over 16 KB": (lambda shop, now: raw(shop, text_of(shop, now) + " " * 16_384), 413, "16384 bytes"),
    "a nest of 100 levels": (lambda shop, _: raw(shop, "[" * 100 + "]" * 100), 400, "nested deeper"),
    "a nest of 8,000 levels": (lambda shop, _: raw(shop, "[" * 8000 + "]" * 8000), 400, "nested deeper"),
    "NaN": (lambda shop, _: raw(shop, '{"acts": NaN}'), 400, "NaN"),
    "a number with a fraction": (lambda shop, _: raw(shop, '{"acts": 1.5}'), 400, "whole"),
    "a member twice": (lambda shop, _: raw(shop, '{"acts": [], "acts": []}'), 400, "same member twice"),
    "half a surrogate pair": (lambda shop, _: raw(shop, '{"acts": "\\ud800"}'), 400, "surrogate"),
    "a list for an object": (lambda shop, _: post(shop, []), 422, "form"),
    "wrong types": (lambda shop, now: post(shop, act(shop, now, at_client="now")), 422, "form"),
    "an extra member": (lambda shop, now: post(shop, act(shop, now, ip="203.0.113.9")), 422, "form"),
    "no acts": (lambda shop, _: post(shop, {"acts": []}), 422, "form"),
    "21 acts": (lambda shop, now: post(shop, {"acts": [decision(shop, now)] * 21}), 422, "form"),
    "an act that nobody makes": (lambda shop, now: post(shop, act(shop, now, act="implied")), 422, "form"),
    "necessary switched off": (
        lambda shop, now: post(shop, act(shop, now, categories=dict.fromkeys(("necessary", "performance"), False))),
        422,
        "form",
    ),
    "a choice by default": (
        lambda shop, now: post(shop, act(shop, now, shown=decision(shop, now)["shown"] | {"gesture": "default"})),
        422,
        "form",
    ),
    "an id from 1970": (
        lambda shop, now: post(shop, act(shop, now, id="00000000-0000-7000-8000-000000000000")),
        422,
        "do not fit together",
    ),
    "an id of eight days ago": (
        lambda shop, now: post(shop, act(shop, now, id=uuid7(now - timedelta(days=8)))),
        422,
        "do not fit together",
    ),
    "an id of the day after tomorrow": (
        lambda shop, now: post(shop, act(shop, now, id=uuid7(now + timedelta(days=2)))),
        422,
        "do not fit together",
    ),
    "an id that is no UUIDv7": (
        lambda shop, now: post(shop, act(shop, now, id="7f2c1f6e-0000-4000-8000-000000000000")),
        422,
        "form",
    ),
    "the same id twice": (
        lambda shop, now: post(shop, {"acts": [decision(shop, now)] * 2, "submission": uuid7(now)}),
        422,
        "do not fit together",
    ),
    "several acts without a submission": (
        lambda shop, now: post(shop, {"acts": [decision(shop, now), decision(shop, now)]}),
        422,
        "do not fit together",
    ),
    "given, with a category refused": (
        lambda shop, now: post(shop, act(shop, now, act="given")),
        422,
        "do not fit together",
    ),
    "an address presented as verified without a token": (
        lambda shop, now: post(shop, act(shop, now) | {"identity": {"email": "ann@example.com", "verification": "token"}}),
        422,
        "form",
    ),
    "an address that cannot be one": (
        lambda shop, now: post(shop, act(shop, now) | {"identity": {"email": "ann@@example"}}),
        422,
        "cannot be one",
    ),
    "an address with a Cyrillic а": (
        lambda shop, now: post(shop, act(shop, now) | {"identity": {"email": "\u0430nn@example.com"}}),
        422,
        "cannot be one",
    ),
    "an identity token that is none": (
        lambda shop, now: post(shop, act(shop, now) | {"identity_token": "eyJ.eyJ.x"}),
        422,
        "identity token",
    ),
    "a signal that grants": (
        lambda shop, now: post(shop, act(shop, now, shown=decision(shop, now)["shown"] | {"gesture": "signal"})),
        422,
        "do not fit together",
    ),
    "a config on a document": (
        lambda shop, now: post(shop, {"acts": [answered("terms", now, shown=decision(shop, now)["shown"])]}),
        422,
        "do not fit together",
    ),
    "a parameter that nobody knows": (
        lambda shop, now: shop.http.send(
            "POST", "/v1/consents", act(shop, now), headers=shop.browser().headers(), query={"site": shop.site, "x": "1"}
        ),
        400,
        "query parameters site",
    ),
    "a subject token that is none": (
        lambda shop, now: post(shop, act(shop, now) | {"subject_token": "st1.nobody"}),
        401,
        "subject token",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_refused_in_words_without_an_aws_call(
    case: str, shop: Shop, now: datetime, aws: Aws, aws_calls: list[str]
) -> None:
    send, status, words = CASES[case]
    shop.browser().submit(decision(shop, now))
    send(shop, now)
    before = entries(aws)
    aws_calls.clear()

    answer = send(shop, now)

    assert aws_calls == []
    assert answer.status == status, answer.text
    assert words in answer.json["detail"]
    assert answer.headers["content-type"] == "application/problem+json"
    assert entries(aws) == before


def test_an_act_on_a_window_or_a_version_that_was_never_published_is_refused(shop: Shop, now: datetime) -> None:
    shop.publish_policy("terms", "contract_terms", {"bg": "Условия"})
    shown = decision(shop, now)["shown"]
    policy = {"id": "terms", "version": 1, "language": "bg"}

    answers = {
        "/acts/0/shown/config": post(shop, act(shop, now, shown=shown | {"config": 99})),
        "/acts/0/shown/build": post(shop, act(shop, now, shown=shown | {"build": "0" * 64})),
        "/acts/0/shown/language": post(shop, act(shop, now, shown=shown | {"language": "de"})),
        "/acts/0/policy/version": post(shop, {"acts": [answered("terms", now, policy=policy | {"version": 2})]}),
        "/acts/0/policy/language": post(shop, {"acts": [answered("terms", now, policy=policy | {"language": "de"})]}),
    }

    for pointer, answer in answers.items():
        assert answer.status == 422
        assert answer.json["violations"][0]["pointer"] == pointer


def test_a_document_of_the_neighbour_does_not_exist_here(shop: Shop, neighbours_shop: Shop, now: datetime) -> None:
    neighbours_shop.publish_policy("terms", "contract_terms", {"bg": "Условия"})

    answer = post(shop, {"acts": [answered("terms", now)]})

    assert answer.status == 422


def test_a_notice_is_acknowledged_and_never_agreed_to(shop: Shop, now: datetime) -> None:
    shop.publish_policy("privacy", "notice", {"bg": "Известие"})

    agreed = post(shop, {"acts": [answered("privacy", now)]})
    acknowledged = post(shop, {"acts": [answered("privacy", now, act="acknowledged")]})

    assert agreed.status == 422
    assert agreed.json["violations"][0]["expected"] == "one of acknowledged"
    assert acknowledged.status == 201


def test_an_identity_token_is_good_for_its_own_event_and_site_only(shop: Shop, neighbours_shop: Shop, now: datetime) -> None:
    secret = shop.call("POST", "/sites/main/identity-secrets").json
    first, second = decision(shop, now), decision(shop, now)
    token = identity_token(shop, [first["id"]], now, secret)

    good = post(shop, {"acts": [first], "identity_token": token})
    replayed = post(shop, {"acts": [second], "identity_token": token})
    elsewhere = post(neighbours_shop, {"acts": [first], "identity_token": token})
    forged = post(
        shop, {"acts": [second], "identity_token": identity_token(shop, [second["id"]], now, secret | {"secret": "x" * 32})}
    )
    expired = identity_token(shop, [second["id"]], now - timedelta(minutes=6), secret)
    late = post(shop, {"acts": [second], "identity_token": expired})

    assert good.status == 201
    assert [answer.status for answer in (replayed, elsewhere, forged, late)] == [422] * 4
    assert "other acts" in replayed.json["detail"]


def test_what_was_refused_is_never_repeated_in_the_answer(shop: Shop, now: datetime) -> None:
    canary = "canary-7c1f@example.com"

    answers = [
        post(shop, act(shop, now) | {"identity": {"email": f"{canary}@"}}),
        post(shop, act(shop, now, **{canary: 1})),
        post(shop, act(shop, now, act=canary)),
        raw(shop, f'{{"acts": "{canary}", }}'),
        shop.http.send("POST", "/v1/consents", {}, headers=shop.browser().headers(), query={"site": canary}),
    ]

    assert all(400 <= answer.status < 500 for answer in answers)
    assert not any("canary" in answer.text for answer in answers)
