"""Policy versions as entries of the register."""

import json
from dataclasses import dataclass

from functions.ids import PolicyId
from functions.ledger.kinds import numbered
from functions.ledger.leaf import canonical
from functions.policies.model import PolicyVersion
from functions.register.table import Register


@dataclass(frozen=True, slots=True)
class PolicyVersions:
    """The versions of one tenant's documents."""

    register: Register

    def append(self, version: PolicyVersion, *, log: str) -> None:
        """Raises `AlreadyRecorded` when there is a version by that number."""
        leaf = canonical(version.leaf_members(log=log))
        beside = {"version": {"S": json.dumps(version.to_json(), ensure_ascii=False)}}
        self.register.append(f"policy#{version.policy}", numbered(version.number), leaf, beside)

    def read(self, policy: PolicyId, number: int) -> PolicyVersion | None:
        item = self.register.read(f"policy#{policy}", numbered(number))
        return None if item is None else PolicyVersion.from_json(json.loads(item["version"]["S"]))

    def newest_first(self, policy: PolicyId, *, below: int | None = None, limit: int) -> list[PolicyVersion]:
        bound = None if below is None else numbered(below)
        items = self.register.newest_first(f"policy#{policy}", below=bound, limit=limit)
        return [PolicyVersion.from_json(json.loads(item["version"]["S"])) for item in items]
