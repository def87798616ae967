"""Erasures as entries of the register."""

from dataclasses import dataclass
from typing import Any

from functions.errors import AlreadyRecorded
from functions.ledger.kinds import KEY_OF
from functions.ledger.leaf import canonical
from functions.register.table import Register


@dataclass(frozen=True, slots=True)
class ErasureEntries:
    """The erasures of one tenant's data subjects."""

    register: Register

    def enter(self, says: dict[str, Any]) -> None:
        """Once for each subject and what was done; the first entry stays."""
        place = KEY_OF[says["typ"]](says)
        try:
            self.register.append(place.partition, place.key, canonical(says), {})
        except AlreadyRecorded:
            return  # by a try before this one
