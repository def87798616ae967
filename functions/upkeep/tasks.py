"""Upkeep by schedule: every tenant is asked for by a message of its own."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from functions.wiring import Wiring


def ask_all(do: str, *, wiring: "Wiring") -> None:
    """Post one message a tenant."""
    raise NotImplementedError(do, wiring)


def upkeep(body: dict[str, Any], *, wiring: "Wiring") -> None:
    """Do what one message says."""
    raise NotImplementedError(body, wiring)
