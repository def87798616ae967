"""A consent record as the register shows it: all that is known of an act, opened as far as its subject still has a key."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from functions import clock
from functions.consents.entry import Entry
from functions.consents.receipt import receipt_of
from functions.ids import PolicyId, RecordId, SubjectId
from functions.ledger.note import Verifier
from functions.listings.model import matter_of
from functions.policies.model import PolicyVersion
from functions.vault.model import CannotOpen, Subject


class State(StrEnum):
    """How a record was found."""

    WHOLE = "whole"
    ERASED = "erased"  # the subject's key was shredded (GDPR Art. 17); the leaf stays
    ALTERED = "altered"  # leaf, hash, signature, sealed data and commitment no longer fit together
    MISSING = "missing"  # it is listed, and the register does not have it


@dataclass(frozen=True, slots=True)
class RegisterRecord:
    """One entry whose leaf is the one that was signed, with what could be opened of it."""

    entry: Entry
    says: dict[str, Any]
    state: State
    personal: dict[str, Any]

    @classmethod
    def opened(cls, entry: Entry, owner: Subject | None) -> Self:
        """The state is `erased` without an owner, and `altered` when seal or commitment do not fit the leaf."""
        says = entry.says
        if owner is None:
            return cls(entry, says, State.ERASED, {})
        try:
            personal = owner.open(entry.sealed, leaf_hash=entry.leaf_hash)
        except CannotOpen:
            return cls(entry, says, State.ALTERED, {})
        whole = owner.commitment(personal, record=entry.id) == says["pii"]
        return cls(entry, says, State.WHOLE if whole else State.ALTERED, personal)

    @property
    def subject(self) -> SubjectId:
        return SubjectId(self.says["sid"])

    @property
    def matter(self) -> tuple[SubjectId, str]:
        return self.subject, matter_of(self.says)

    @property
    def policy(self) -> tuple[PolicyId, int] | None:
        return (PolicyId(self.says["pol"]["id"]), self.says["pol"]["ver"]) if "pol" in self.says else None

    def to_json(self, *, last_ms: int, version: PolicyVersion | None, verifier: Verifier) -> dict[str, Any]:
        """`last_ms`: when the subject last acted on the same matter, as far as the listings know."""
        says = self.says
        return {
            "id": self.entry.id,
            "state": self.state.value,
            "at": clock.written(says["at"]),
            "at_client": clock.written(says["at_client"]),
            "last_action_at": clock.written(max(says["at"], last_ms)),
            "act": says["act"],
            "section": says["sec"],
            "site": says["site"],
            "subject": says["sid"],
            "categories": says.get("cat"),
            "policy": _policy(says["pol"], version) if "pol" in says else None,
            "identity": {
                "email": self.personal.get("email"),
                "name": self.personal.get("name"),
                "verification": says["idv"],
            },
            "ip": self.personal.get("ip"),
            "device": self.personal.get("device"),
            "shown": {
                "config": says.get("cfg"),
                "build": says["ui"].get("build"),
                "language": says["ui"]["lang"],
                "gpc": says["ui"]["gpc"],
                "layer": says["ui"]["layer"],
                "gesture": says["ui"]["via"],
            },
            "submission": says.get("sub"),
            "previous": says.get("prev"),
            "receipt": receipt_of(self.entry, verifier),
        }


def unreadable(record: RecordId, state: State) -> dict[str, Any]:
    """A record of which nothing can be believed: it is gone, or its leaf is not the one that was signed."""
    return {"id": record, "state": state.value}


def _policy(says: dict[str, Any], version: PolicyVersion | None) -> dict[str, Any]:
    return {
        "id": says["id"],
        "version": says["ver"],
        "kind": version.kind.value if version else None,
        "title": version.titles[says["lang"]] if version else None,
        "language": says["lang"],
        "sha256": says["sha256"],
    }
