"""The demo's account and its owner's key: the operator's part, which no API has."""

import os
from http import HTTPStatus
from pathlib import Path

from functions.authority.model import Role, Scope
from functions.authority.service import issue_key
from functions.cli.accounts import open_account
from functions.clock import utc_now
from functions.errors import Conflict
from functions.ids import TenantId
from functions.wiring import Wiring
from infra.local.seed.api import ApiClient, Refused

# The same on every machine, so that documentation can name the demo's site key.
TENANT = TenantId("rosaandthyme")


def owner(api: str, *, wiring: Wiring, name: str, file: Path) -> ApiClient:
    """The API with the owner's key: the one in the file while it opens, else a new one, kept there.

    An account that has lost its key file gets another key; one that was lost with the engine's data is opened again.
    """
    if file.exists():
        client = ApiClient(api, file.read_text("ascii").strip())
        if _opens(client):
            return client
    key = _new_key(wiring, name)
    _keep(key, file)
    return ApiClient(api, key)


def _opens(client: ApiClient) -> bool:
    try:
        client.get("/admin/tenant")
    except Refused as refused:
        if refused.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return False
        raise
    return True


def _new_key(wiring: Wiring, name: str) -> str:
    try:
        _, key = open_account(name, profile={}, wiring=wiring, now=utc_now(), tenant=TENANT)
    except Conflict:
        key, _ = issue_key(
            TENANT,
            label="The demo's owner, again",
            role=Role.OWNER,
            scopes=frozenset(),
            within=frozenset(Scope),
            documents=wiring.documents(TENANT),
            now=utc_now(),
        )
    return str(key)


def _keep(key: str, file: Path) -> None:
    """Readable by nobody else."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as opened:
        opened.write(key + "\n")
