"""Roles, the scopes they hold, and API keys."""

import hmac
import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Self

from functions.errors import Forbidden
from functions.ids import TenantId


class Scope(StrEnum):
    """One right; a route asks for exactly one."""

    TENANT_READ = "tenant:read"
    TENANT_WRITE = "tenant:write"
    KEYS_READ = "keys:read"
    KEYS_WRITE = "keys:write"
    POLICIES_READ = "policies:read"
    POLICIES_WRITE = "policies:write"
    BANNER_READ = "banner:read"
    BANNER_WRITE = "banner:write"
    REGISTER_READ = "register:read"
    ERASURES_READ = "erasures:read"
    ERASURES_WRITE = "erasures:write"
    STATISTICS_READ = "statistics:read"
    DISPUTES_WRITE = "disputes:write"


class Role(StrEnum):
    """What a person or a key is in the account."""

    OWNER = "owner"
    EDITOR = "editor"
    DATA_PROTECTION_OFFICER = "dpo"
    AUDITOR = "auditor"
    DISPUTE = "dispute"


READING = frozenset(scope for scope in Scope if scope.endswith(":read"))

SCOPES: dict[Role, frozenset[Scope]] = {
    Role.OWNER: frozenset(Scope),
    Role.EDITOR: (READING - {Scope.KEYS_READ, Scope.REGISTER_READ, Scope.ERASURES_READ})
    | {Scope.POLICIES_WRITE, Scope.BANNER_WRITE},
    Role.DATA_PROTECTION_OFFICER: READING
    | {Scope.POLICIES_WRITE, Scope.TENANT_WRITE, Scope.ERASURES_WRITE, Scope.DISPUTES_WRITE},
    Role.AUDITOR: READING,
    # A lawyer's key: what was kept for a dispute, and nothing of the account.
    Role.DISPUTE: frozenset({Scope.DISPUTES_WRITE}),
}

SHAPE = re.compile(r"ck_([a-z2-7]{12})_([0-9a-f]{12})\.([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Caller:
    """For whom a merchant's request goes on."""

    tenant: TenantId
    name: str
    scopes: frozenset[Scope]

    def must_hold(self, scope: Scope) -> None:
        """Raises `Forbidden`."""
        if scope not in self.scopes:
            raise Forbidden(f"This needs the right {scope}, which your role or key does not hold.")


@dataclass(frozen=True, slots=True)
class PresentedKey:
    """An API key as its holder sends it: `ck_TENANT_PREFIX.SECRET`, the secret 256 random bits."""

    tenant: TenantId
    prefix: str
    secret: str

    @classmethod
    def parse(cls, text: str) -> Self | None:
        match = SHAPE.fullmatch(text)
        return cls(TenantId(match[1]), match[2], match[3]) if match else None

    @classmethod
    def new(cls, tenant: TenantId) -> Self:
        return cls(tenant, secrets.token_hex(6), secrets.token_urlsafe(32))

    def __str__(self) -> str:
        return f"ck_{self.tenant}_{self.prefix}.{self.secret}"

    @property
    def digest(self) -> str:
        # The secret has full entropy, so one hash is as good as a slow one.
        return sha256(self.secret.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key as it is kept: without its secret."""

    prefix: str
    label: str
    role: Role
    scopes: frozenset[Scope]
    digest: str
    created_at: datetime
    revoked_at: datetime | None = None

    @classmethod
    def of(cls, key: PresentedKey, *, label: str, role: Role, scopes: frozenset[Scope], now: datetime) -> Self:
        """A key never holds more than its role."""
        return cls(key.prefix, label, role, scopes & SCOPES[role] if scopes else SCOPES[role], key.digest, now)

    def opens_for(self, key: PresentedKey) -> bool:
        return self.revoked_at is None and hmac.compare_digest(self.digest, key.digest)

    def revoked(self, now: datetime) -> Self:
        return self if self.revoked_at else replace(self, revoked_at=now)

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Self:
        return cls(
            prefix=body["prefix"],
            label=body["label"],
            role=Role(body["role"]),
            scopes=frozenset(map(Scope, body["scopes"])),
            digest=body["digest"],
            created_at=datetime.fromisoformat(body["created_at"]),
            revoked_at=datetime.fromisoformat(body["revoked_at"]) if body["revoked_at"] else None,
        )

    def to_json(self) -> dict[str, Any]:
        return {**self.shown(), "digest": self.digest}

    def shown(self) -> dict[str, Any]:
        """As its tenant may see it."""
        return {
            "prefix": self.prefix,
            "label": self.label,
            "role": self.role.value,
            "scopes": sorted(self.scopes),
            "created_at": self.created_at.isoformat(),
            "revoked_at": self.revoked_at.isoformat() if self.revoked_at else None,
        }
