"""A shop that is set up through the API as its merchant would, and a browser in it."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import jwt

from functions.clock import to_ms
from functions.ids import SiteKey, TenantId
from functions.vault.model import base64url
from tests.support.http import Answer, Http

ORIGIN = "https://shop.example"
UA = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"

BANNER: dict[str, Any] = {
    "version": 0,
    "layout": "bar",
    "languages": ["bg", "en"],
    "categories": {
        name: {"default": False, "titles": {}, "descriptions": {}}
        for name in ("necessary", "performance", "functional", "targeting")
    },
    "texts": {},
    "theme": {},
    "unknown": "block",
    "signals": ["google"],
    "policies": [],
    "cookies": [
        {
            "name": "_ga",
            "match": "prefix",
            "category": "performance",
            "provider": "Google",
            "purposes": {"en": "Tells visitors apart."},
            "lifetimes": {"en": "2 years"},
        }
    ],
    "vendors": [{"name": "Google Analytics", "category": "performance", "domains": ["google-analytics.com"]}],
}


@dataclass(frozen=True)
class Shop:
    """A tenant with one site; calls the API with its owner's key."""

    http: Http
    tenant: TenantId
    key: str
    site: SiteKey
    config: dict[str, Any] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None, *, query: Mapping[str, str] | None = None) -> Answer:
        return self.http.send(method, f"/v1/admin{path}", body, headers={"Authorization": f"Bearer {self.key}"}, query=query)

    def publish_policy(self, policy: str, kind: str, texts: dict[str, str], **changes: Any) -> Answer:
        """Make the document if it is not there, and publish its first version."""
        self.call("POST", "/policies", {"id": policy, "kind": kind, "titles": dict.fromkeys(texts, policy.title())})
        draft = {"after": 0, "texts": texts, "change_note": "First version.", "material": True, **changes}
        return self.call("POST", f"/policies/{policy}/versions", draft)

    def register(self, **query: str) -> list[dict[str, Any]]:
        answer = self.call("GET", "/register", query=query)
        assert answer.status == 200, answer.text
        records: list[dict[str, Any]] = answer.json["records"]
        return records

    def browser(self) -> "Browser":
        return Browser(self)


@dataclass
class Browser:
    """A visitor's browser on the shop's page."""

    shop: Shop
    token: str | None = None
    origin: str = ORIGIN
    secret: str = field(default_factory=lambda: base64url(secrets.token_bytes(16)))

    def headers(self) -> dict[str, str]:
        return {"Origin": self.origin, "User-Agent": UA, "Accept-Language": "bg,en;q=0.8"}

    def post(self, body: Any = None, *, raw: bytes | None = None, headers: Mapping[str, str] | None = None) -> Answer:
        sent = {**self.headers(), **(headers or {})}
        if isinstance(body, dict) and not {"subject_token", "identity_token", "secret"} & set(body):
            body = {**body, "secret": self.secret}
        return self.shop.http.send("POST", "/v1/consents", body, headers=sent, query={"site": self.shop.site}, raw=raw)

    def submit(self, *acts: dict[str, Any], **members: Any) -> Answer:
        """As the outbox does: with the token that this browser has, and keeping the one it gets."""
        token = {"subject_token": self.token} if self.token else {}
        answer = self.post({"acts": list(acts), **token, **members})
        if answer.status < 300:
            self.token = answer.json.get("subject_token", self.token)
        return answer

    def mine(self, path: str = "", **query: str) -> Answer:
        headers = self.headers() | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        return self.shop.http.send("GET", f"/v1/me/consents{path}", headers=headers, query={"site": self.shop.site, **query})


def uuid7(at: datetime) -> str:
    """A new id as a browser makes it (RFC 9562, 5.7)."""
    digits = f"{to_ms(at):012x}7{secrets.token_hex(2)[1:]}8{secrets.token_hex(8)[1:]}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def decision(shop: Shop, now: datetime, *given: str, **changes: Any) -> dict[str, Any]:
    """A banner act that grants these optional categories."""
    acts = {0: "refused", 3: "given"}
    return {
        "id": uuid7(now),
        "act": acts.get(len(given), "partial"),
        "section": "banner",
        "at_client": to_ms(now),
        "categories": {
            name: name == "necessary" or name in given for name in ("necessary", "performance", "functional", "targeting")
        },
        "shown": {
            "config": shop.config["version"],
            "build": shop.config["build"],
            "language": "bg",
            "gpc": False,
            "layer": "banner",
            "gesture": "button",
        },
        **changes,
    }


def answered(document: str, now: datetime, **changes: Any) -> dict[str, Any]:
    """A box in the checkout that was ticked for version 1 of a document."""
    return {
        "id": uuid7(now),
        "act": "given",
        "section": "checkout",
        "at_client": to_ms(now),
        "policy": {"id": document, "version": 1, "language": "bg"},
        "shown": {"language": "bg", "gpc": False, "layer": "form", "gesture": "checkbox"},
        **changes,
    }


def identity_token(shop: Shop, events: list[str], now: datetime, secret: dict[str, str], **changes: Any) -> str:
    """What the shop's server signs for a customer who is signed in there."""
    claims = {
        "aud": "consent",
        "site": shop.site,
        "events": events,
        "email": "ann@example.com",
        "name": "Ann Lee",
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(minutes=4)).timestamp()),
        **changes,
    }
    return jwt.encode(claims, secret["secret"], algorithm="HS256", headers={"kid": secret["kid"]})


def leaf_of(answer: Answer, position: int = 0) -> dict[str, Any]:
    leaf: dict[str, Any] = json.loads(answer.json["records"][position]["receipt"]["leaf"])
    return leaf
