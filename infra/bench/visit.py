"""A shop set up through a handler, and the requests that its visitors' browsers send."""

import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from functions.authority.model import Scope
from functions.clock import to_ms
from functions.ids import TenantId
from functions.vault.model import base64url
from infra.bench.runtime import Function, request

ORIGIN = "https://shop.example"
SITES = "/v1/admin/sites"
Event = dict[str, Any]


def visits(function: Function, tenant: TenantId) -> Callable[[], Event]:
    """Open a site with a window, by the function itself; gives what makes the request of one more visitor who refuses."""
    caller = {"tenant": str(tenant), "name": "bench", "scopes": " ".join(sorted(Scope))}
    opened = function.invoke(
        request("POST", SITES, authorizer=caller, body={"site": "main", "name": "Bench", "origins": [ORIGIN]})
    )
    publication = request(
        "POST", f"{SITES}/main/configs", resource=f"{SITES}/{{site}}/configs", authorizer=caller, body={"after": 0}
    )
    published = function.invoke({**publication, "pathParameters": {"site": "main"}})
    key, config = json.loads(opened["body"])["key"], json.loads(published["body"])
    return lambda: refusal(key, config)


def refusal(site: str, config: Event) -> Event:
    """Of everything optional, by a new visitor."""
    shown = {"config": config["version"], "build": config["build"], "language": "en"}
    act = {
        "id": uuid7(),
        "act": "refused",
        "section": "banner",
        "at_client": to_ms(datetime.now(UTC)),
        "categories": {"necessary": True, "performance": False, "functional": False, "targeting": False},
        "shown": {**shown, "gpc": False, "layer": "banner", "gesture": "button"},
    }
    body = {"acts": [act], "secret": base64url(secrets.token_bytes(16))}
    return request("POST", "/v1/consents", query={"site": site}, headers={"origin": ORIGIN}, body=body)


def uuid7() -> str:
    """RFC 9562, 5.7."""
    digits = f"{to_ms(datetime.now(UTC)):012x}7{secrets.token_hex(2)[1:]}8{secrets.token_hex(8)[1:]}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
