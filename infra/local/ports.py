"""Where each part listens, and how to choose another place."""

import errno
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Self, TypeVar

from infra.local.engines import LOOPBACK, CannotStart

PREFIX = "CONSENTINEL_PORT_"
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Ports:
    """One field per part; 0 takes a free port."""

    engine: int = 4566
    api: int = 8787
    cdn: int = 8788
    shop: int = 8789
    mails: int = 8790
    recorder: int = 8791
    recorder_tls: int = 8792
    authority: int = 8793

    @classmethod
    def free(cls) -> Self:
        return cls(**dict.fromkeys((field.name for field in fields(cls)), 0))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """`CONSENTINEL_PORT_` and the part in capitals; raises `CannotStart` for what is no port."""
        names = {field.name: PREFIX + field.name.upper() for field in fields(cls)}
        return cls(
            **{part: _port(variable, environment[variable]) for part, variable in names.items() if variable in environment}
        )


def _port(variable: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) < 65536):  # noqa: PLR2004 - the highest port there is, and one
        raise CannotStart(f"{variable}={text} is no port.")
    return int(text)


def listening(part: str, port: int, make: Callable[[int], Made]) -> Made:
    """Make a part that listens; raises `CannotStart` with the way out when the port is taken."""
    try:
        return make(port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise CannotStart(
            f"Port {port} is taken, and the {part.replace('_', ' ')} wants it. Stop what uses it, or choose another: "
            f"{PREFIX}{part.upper()}=8800 make run (0 takes any free one), or all of them: make run ARGS=--free-ports."
        ) from error


def check_free(port: int) -> None:
    """Raises `OSError` when somebody listens there; for a part that another process will be."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((LOOPBACK, port))
