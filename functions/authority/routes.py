"""API keys: made, listed, revoked."""

from typing import TYPE_CHECKING

from chalice.app import ChaliceAuthorizer

from functions.authority.edge import MerchantApi
from functions.authority.model import Role, Scope
from functions.authority.service import issue_key, list_keys, revoke_key
from functions.clock import utc_now
from functions.ids import KeyPrefix
from functions.mail.model import Letter, LetterKind
from functions.schema import Schema
from functions.web import Call, Reply

if TYPE_CHECKING:
    from functions.wiring import Wiring

NEW_KEY = Schema("authority/schemas/new-key.json")
ISSUED = Schema("authority/schemas/issued-key.json")
KEY = Schema("authority/schemas/key.json")
KEYS = Schema("authority/schemas/keys.json")


def merchant(wiring: "Wiring", authorizer: ChaliceAuthorizer) -> MerchantApi:
    api = MerchantApi(__name__, authorizer)

    @api.operation(
        "GET",
        "/v1/admin/keys",
        summary="The account's API keys, without their secrets.",
        scope=Scope.KEYS_READ,
        query={"cursor": "the cursor of the page before"},
        answers={200: KEYS},
    )
    def get_keys(call: Call) -> Reply:
        keys, cursor = list_keys(after=call.query("cursor"), documents=wiring.documents(call.who.tenant))
        return Reply(200, {"keys": [key.shown() for key in keys], "cursor": cursor})

    @api.operation(
        "POST",
        "/v1/admin/keys",
        summary="Make a key. Its secret is shown this once; the account's contact address is told of it.",
        scope=Scope.KEYS_WRITE,
        body=NEW_KEY,
        answers={201: ISSUED},
    )
    def post_keys(call: Call) -> Reply:
        body, tenant = call.body(), call.who.tenant
        presented, kept = issue_key(
            tenant,
            label=body["label"],
            role=Role(body["role"]),
            scopes=frozenset(map(Scope, body.get("scopes", []))),
            within=call.who.scopes,
            documents=wiring.documents(tenant),
            now=utc_now(),
        )
        wiring.letters.post(Letter(tenant, LetterKind.KEY_ISSUED, kept.prefix))
        return Reply(201, {**kept.shown(), "key": str(presented)})

    @api.operation(
        "DELETE",
        "/v1/admin/keys/{prefix}",
        summary="Revoke a key; it is dead within a minute, and stays listed.",
        scope=Scope.KEYS_WRITE,
        answers={200: KEY},
    )
    def delete_key(call: Call, prefix: str) -> Reply:
        named = KeyPrefix.parse(prefix)
        return Reply(200, revoke_key(named, documents=wiring.documents(call.who.tenant), now=utc_now()).shown())

    return api
