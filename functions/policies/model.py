"""Documents, their kinds and their versions."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Self

import rfc8785

from functions.clock import from_ms, to_ms
from functions.ids import PolicyId


class PolicyKind(StrEnum):
    """What a document is in law, and so what a data subject can do with it."""

    CONTRACT_TERMS = "contract_terms"
    NOTICE = "notice"
    CONSENT_DECLARATION = "consent_declaration"
    COOKIE_POLICY = "cookie_policy"


@dataclass(frozen=True, slots=True)
class Policy:
    """A document without its texts; they are in its versions."""

    id: PolicyId
    kind: PolicyKind
    titles: dict[str, str]

    @classmethod
    def from_json(cls, policy: PolicyId, body: dict[str, Any]) -> Self:
        return cls(policy, PolicyKind(body["kind"]), body["titles"])

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind.value, "titles": self.titles}


@dataclass(frozen=True, slots=True)
class Text:
    """One language of a version: SHA-256 (hex) of the Markdown's UTF-8 bytes, and of the page rendered from it."""

    sha256: str
    html_sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """One immutable text of a document, in every language that it was published in.

    `material_version` is the newest version, up to this one, whose change was material: consent to an older one is not to this.
    """

    policy: PolicyId
    number: int
    kind: PolicyKind
    titles: dict[str, str]
    texts: dict[str, Text]
    change_note: str
    material: bool
    material_version: int
    effective_at: datetime
    published_at: datetime
    published_by: str

    def leaf_members(self, *, log: str) -> dict[str, Any]:
        """What the ledger keeps of it; the languages' hashes as one, so that it fits however many there are."""
        texts = {language: text.sha256 for language, text in self.texts.items()}
        return {
            "typ": "consentinel/policy-version/v1",
            "log": log,
            "at": to_ms(self.published_at),
            "policy": {"id": self.policy, "ver": self.number, "kind": self.kind.value},
            "texts": sha256(rfc8785.dumps(texts)).hexdigest(),
            "material": self.material,
            "effective_at": to_ms(self.effective_at),
        }

    def to_json(self) -> dict[str, Any]:
        """As it is shown and as it is kept beside the leaf."""
        return {
            "policy": self.policy,
            "version": self.number,
            "kind": self.kind.value,
            "titles": self.titles,
            "texts": {
                language: {"sha256": text.sha256, "html_sha256": text.html_sha256, "size": text.size}
                for language, text in self.texts.items()
            },
            "change_note": self.change_note,
            "material": self.material,
            "material_version": self.material_version,
            "effective_at": self.effective_at.isoformat(),
            "published_at": self.published_at.isoformat(),
            "published_by": self.published_by,
        }

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Self:
        return cls(
            policy=PolicyId(body["policy"]),
            number=body["version"],
            kind=PolicyKind(body["kind"]),
            titles=body["titles"],
            texts={language: Text(**text) for language, text in body["texts"].items()},
            change_note=body["change_note"],
            material=body["material"],
            material_version=body["material_version"],
            effective_at=datetime.fromisoformat(body["effective_at"]),
            published_at=datetime.fromisoformat(body["published_at"]),
            published_by=body["published_by"],
        )


def whole_ms(at: datetime) -> datetime:
    """As the leaf can carry it, so that what is shown equals what is proven."""
    return from_ms(to_ms(at))
