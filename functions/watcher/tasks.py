"""The stream's changes and removals."""

from typing import TYPE_CHECKING

from functions.dynamo import Item

if TYPE_CHECKING:
    from functions.wiring import Wiring


def watch(sequence: str, before: Item | None, after: Item | None, *, wiring: "Wiring") -> None:
    """One change of one entry."""
    raise NotImplementedError(sequence, before, after, wiring)
