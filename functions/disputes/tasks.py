"""The queue of dispute packs that are wanted."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from functions.wiring import Wiring


def make(body: dict[str, Any], *, wiring: "Wiring") -> None:
    """Make one pack."""
    raise NotImplementedError(body, wiring)
