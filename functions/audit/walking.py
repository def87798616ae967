"""How far the audit of one log has come."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

from functions.audit.checkpoints import Times, key_of
from functions.audit.regrowing import Regrown
from functions.audit.rows import Item, head_of, packed, unpacked
from functions.ledger.keys import NotANote, Verifier
from functions.ledger.model import Head


@dataclass
class Walk:
    """A log between two pages; the head is as it was at the beginning, and what came after is for the next audit.

    `after` is the sort key of the last batch, `last` its start, `sequenced_ms` the latest time of a batch since the newest
    checkpoint. A walk that is `broken` could not follow the batches any further.
    """

    item: Item
    grown: Regrown = field(default_factory=Regrown)
    after: str | None = None
    last: int = 0
    batches: int = 0
    newest: int = 0
    sequenced_ms: int = 0
    times: Times = field(default_factory=Times)
    ended: bool = False
    broken: bool = False

    @cached_property
    def head(self) -> Head:
        return head_of(self.item)

    @cached_property
    def receipts(self) -> Verifier | None:
        """The key by which the tenant's receipts verify, where the head names one that can be read."""
        try:
            return Verifier.parse(self.head.receipts)
        except NotANote:
            return None

    def to_json(self) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in _PLAIN}
        return own | {"item": packed(self.item), "grown": self.grown.to_json(), "times": self.times.to_json()}

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Self:
        own = {name: said[name] for name in _PLAIN}
        item, grown, times = unpacked(said["item"]), Regrown.from_json(said["grown"]), Times.from_json(said["times"])
        return cls(item=item, grown=grown, times=times, **own)


_PLAIN = ("after", "last", "batches", "newest", "sequenced_ms", "ended", "broken")


def signing_key(head: Head, given: tuple[Verifier, ...]) -> Verifier | None:
    """The key that was given for this log, else the one that its head names."""
    named = next((key for key in given if key.name == head.origin), None)
    return named or (key_of(head.signed.vkey, head.origin) if head.signed else None)
