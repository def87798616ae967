"""The audit by schedule."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from functions.wiring import Wiring


def audit(*, wiring: "Wiring") -> None:
    """Audit everything."""
    raise NotImplementedError(wiring)
