"""What a log proves of itself, for whoever holds one of its checkpoints."""

import re
from base64 import b64encode
from dataclasses import dataclass
from typing import Any, Self

from functions.errors import Invalid, NotFound, Violation
from functions.ledger.reading import LogReader
from functions.listings.model import FIRST_YEAR

YEAR = re.compile(r"[0-9]{4}")
# Keys of the ledger have twelve digits for it.
SIZE = re.compile(r"[1-9][0-9]{0,11}")


def year_of(text: str, *, this_year: int) -> int:
    """Raises `NotFound` for a year that nobody can have a log of."""
    if not YEAR.fullmatch(text) or not FIRST_YEAR <= int(text) <= this_year:
        raise NotFound("There is no log of that year.")
    return int(text)


@dataclass(frozen=True, slots=True)
class Growth:
    """From one tree size to another, both of signed checkpoints."""

    old: int
    new: int

    @classmethod
    def parse(cls, old: str | None, new: str | None) -> Self:
        """From a query; raises `Invalid`."""
        wrong = [f"/{name}" for name, text in (("from", old), ("to", new)) if text is None or not SIZE.fullmatch(text)]
        if old is None or new is None or wrong:
            raise Invalid("Two tree sizes are needed.", [Violation(one, "a tree size, such as 1204") for one in wrong])
        if int(old) > int(new):
            raise Invalid("A log never shrinks.", [Violation("/from", "a tree size that is not above the other")])
        return cls(int(old), int(new))

    def proven_by(self, log: LogReader) -> dict[str, Any]:
        """The consistency proof (RFC 6962, 2.1.2) with the checkpoint that it leads to.

        Raises:
            NotFound: no checkpoint of one of the sizes was signed.
        """
        older, newer = (log.checkpoint(size) for size in (self.old, self.new))
        if older is None or newer is None:
            raise NotFound("No checkpoint of that size was signed.")
        hashes = [b64encode(one).decode() for one in log.consistency(self.old, self.new)]
        return {"from": self.old, "to": self.new, "consistency": hashes, "checkpoint": newer}


def newest_checkpoint(log: LogReader) -> dict[str, Any]:
    """Raises `NotFound` before the first."""
    newest = log.newest()
    if newest is None:
        raise NotFound("Nothing of that year's log has been signed.")
    return {"size": newest[0], "checkpoint": newest[1]}
