"""Making, checking and revoking API keys."""

from collections.abc import Callable
from datetime import datetime

from functions.authority.model import ApiKey, Caller, PresentedKey, Role, Scope
from functions.errors import Forbidden, NotFound
from functions.ids import TenantId
from functions.workspace.model import Documents, Page


def _name(prefix: str) -> str:
    return f"key#{prefix}"


def issue_key(  # noqa: PLR0913 - what a key is, who makes it, and when
    tenant: TenantId,
    *,
    label: str,
    role: Role,
    scopes: frozenset[Scope],
    within: frozenset[Scope],
    documents: Documents,
    now: datetime,
) -> tuple[PresentedKey, ApiKey]:
    """The key with its secret, which nobody can show again, and what is kept of it.

    Raises:
        Forbidden: the key would hold a right that is not `within` those of whoever makes it.
    """
    presented = PresentedKey.new(tenant)
    kept = ApiKey.of(presented, label=label, role=role, scopes=scopes, now=now)
    beyond = sorted(kept.scopes - within)
    if beyond:
        raise Forbidden(f"A key cannot hold more than its maker, who lacks {', '.join(beyond)}.")
    documents.create(_name(kept.prefix), kept.to_json())
    return presented, kept


def read_key(prefix: str, *, documents: Documents) -> ApiKey:
    """Raises `NotFound`."""
    return ApiKey.from_json(documents.read(_name(prefix)).body)


def revoke_key(prefix: str, *, documents: Documents, now: datetime) -> ApiKey:
    """Raises `NotFound`; revoking twice keeps the first date."""
    stored = documents.read(_name(prefix))
    key = ApiKey.from_json(stored.body)
    if key.revoked_at is None:
        key = key.revoked(now)
        documents.update(stored.name, key.to_json(), after=stored.version)
    return key


def list_keys(*, after: str | None, documents: Documents) -> tuple[list[ApiKey], str | None]:
    page: Page = documents.page("key#", after=after)
    return [ApiKey.from_json(stored.body) for stored in page.documents], page.after


def caller_of(token: str, *, documents_of: Callable[[TenantId], Documents]) -> Caller | None:
    """Whom a bearer token speaks for; None for anything but a live key. What cannot be a key costs no look-up."""
    presented = PresentedKey.parse(token)
    if presented is None:
        return None
    try:
        stored = documents_of(presented.tenant).read(_name(presented.prefix))
    except NotFound:
        return None
    key = ApiKey.from_json(stored.body)
    return Caller(presented.tenant, f"key:{key.prefix}", key.scopes) if key.opens_for(presented) else None
