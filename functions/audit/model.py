"""What an audit finds: the kinds of disagreement, one of them named, and the tally of all."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self


class Kind(StrEnum):
    """What does not fit; the words are for whoever reads the report."""

    HEAD_MISSING = "a log has batches and no head"
    HEAD_UNREADABLE = "the head of a log cannot be read"
    HEAD_KEY = "the head names another key than the one that was given, or none"
    HEAD_RECEIPTS = "the key that the head names for receipts is none of that account's"
    HEAD_COUNT = "the head counts another number of batches than there are"
    HEAD_LAST = "the head names another last batch than there is"
    HEAD_ROOT = "the hashes of the batches do not lead to the tree that the head tells of"
    HEAD_SIGNED = "the head tells of another newest checkpoint than there is"
    BATCH_UNREADABLE = "a batch cannot be read"
    BATCH_GAP = "the batches of a log do not follow one another up to its head"
    BATCH_REFS = "a batch has not as many references as hashes"
    BATCH_BEYOND = "a batch reaches beyond the head"
    BATCH_TIME = "the time of a batch does not lie between those of the checkpoints around it, or after its log was closed"
    CHECKPOINT_MISSING = "the newest checkpoint, or one that a row tells of, is not there"
    CHECKPOINT_SIGNATURE = "a checkpoint is not one that the log's key signed under the log's name"
    CHECKPOINT_ROOT = "a checkpoint tells of another tree than the batches"
    CHECKPOINT_TIME = "the time of a checkpoint lies before that of a smaller one, or is not told, or a row tells another"
    CHECKPOINT_STRAY = "a checkpoint was signed inside of a batch"
    CHECKPOINT_BEYOND = "a checkpoint tells of a larger tree than the head"
    ENTRY_MISSING = "an entry that is in the tree is not in the register"
    ENTRY_HASH = "an entry's leaf does not hash to the leaf hash in the tree"
    ENTRY_STATED = "what stands beside an entry's leaf, its hash or its content, is not that of the leaf"
    ENTRY_LEAF = "an entry's leaf is no leaf in canonical form"
    ENTRY_KEY = "an entry's leaf belongs under another key"
    ENTRY_LOG = "an entry's leaf belongs to another log"
    ENTRY_YEAR = "an entry's time is of another year than its log"
    ENTRY_AHEAD = "an entry entered the tree before its time"
    ENTRY_LATE = "an entry is marked late and is not, or is late and not marked"
    RECEIPT = "the receipt's signature beside a consent record does not hold"
    LOCATOR = "the locator of an entry does not say where it is in the tree"
    TILE = "a tile is not there, or not the one that follows from the hashes"
    BUNDLE = "an entry bundle is not there, or holds other leaves than the tree"
    MISSING = "an entry is missing from its bundle"
    KEPT = "a checkpoint that was kept elsewhere does not fit the log"
    ANCHOR = "an anchor, or the checkpoint that it is of, is not there, or it is not over that checkpoint"
    UNPLACED = "an entry of the register has no place in the tree"
    MISPLACED = "the place that an entry's locator tells of is not that entry's"
    QUARANTINED = "an entry of the register was kept out of the tree"
    UNKNOWN = "an entry of the register is of no known account or kind"


@dataclass(frozen=True, slots=True)
class Finding:
    """One disagreement: where, and what was expected there. Of an entry it has the key and nothing of the content."""

    kind: Kind
    tenant: str
    log: str
    where: str
    expected: str

    def __str__(self) -> str:
        place = " ".join(part for part in (self.tenant, self.log, self.where) if part)
        return f"{self.kind.value}: {place}; expected {self.expected}"

    def to_json(self) -> dict[str, str]:
        return {
            "kind": self.kind.name.lower(),
            "words": self.kind.value,
            "tenant": self.tenant,
            "log": self.log,
            "where": self.where,
            "expected": self.expected,
        }

    @classmethod
    def from_json(cls, said: dict[str, str]) -> Self:
        return cls(Kind[said["kind"].upper()], said["tenant"], said["log"], said["where"], said["expected"])


@dataclass
class Tally:
    """What was looked at, how often what was found, and the first finding."""

    logs: int = 0
    batches: int = 0
    checkpoints: int = 0
    entries: int = 0
    objects: int = 0
    anchors: int = 0
    scanned: int = 0
    waiting: int = 0
    receipts: int = 0
    receipts_unchecked: int = 0
    found: dict[Kind, int] = field(default_factory=dict)
    first: Finding | None = None

    def tell(self, finding: Finding) -> None:
        self.found[finding.kind] = self.found.get(finding.kind, 0) + 1
        self.first = self.first or finding

    @property
    def disagreements(self) -> int:
        return sum(self.found.values())

    @property
    def looked_at(self) -> dict[str, int]:
        return {name: value for name, value in vars(self).items() if isinstance(value, int)}

    def to_json(self) -> dict[str, Any]:
        return {
            "counts": self.looked_at,
            "findings": {kind.name.lower(): number for kind, number in self.found.items()},
            "first": None if self.first is None else self.first.to_json(),
        }

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Self:
        first = None if said["first"] is None else Finding.from_json(said["first"])
        found = {Kind[name.upper()]: number for name, number in said["findings"].items()}
        return cls(**said["counts"], found=found, first=first)
