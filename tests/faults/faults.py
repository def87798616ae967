"""One AWS call of a run goes wrong, in every way that a call can; botocore is asked, nothing of ours is replaced."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar

from botocore.exceptions import ClientError, ConnectionClosedError
from botocore.handlers import BUILTIN_HANDLERS
from moto.core.models import botocore_stubber


class Crash(BaseException):
    """The process is gone: nothing that runs in it can catch that."""


class Kind(Enum):
    """What becomes of the call."""

    THROTTLED = "refused, because there are too many"
    SERVER_ERROR = "answered 500, and not done"
    REQUEST_LOST = "never arrived, and the SDK tries again"
    REPLY_LOST = "done, the answer lost, and the SDK tries again"
    REPLY_LOST_FOR_GOOD = "done, the answer lost, and the SDK gives up"
    CRASH_BEFORE = "the process ended before it"
    CRASH_AFTER = "done, and the process ended"


@dataclass
class Faults:
    """Counts calls while it is on, and spoils one of them."""

    current: ClassVar["Faults | None"] = None
    at: int = -1
    kind: Kind = Kind.THROTTLED
    calls: list[str] = field(default_factory=list)

    @contextmanager
    def on(self) -> Iterator["Faults"]:
        Faults.current = self
        try:
            yield self
        finally:
            Faults.current = None

    def meet(self, name: str, event: str, request: Any) -> None:
        self.calls.append(name)
        if len(self.calls) - 1 != self.at:
            return
        match self.kind:
            case Kind.THROTTLED:
                raise _refused("ThrottlingException", 400)
            case Kind.SERVER_ERROR:
                raise _refused("InternalServerError", 500)
            case Kind.REQUEST_LOST:
                raise ConnectionClosedError(endpoint_url=request.url)
            case Kind.REPLY_LOST:
                botocore_stubber(event, request)
                raise ConnectionClosedError(endpoint_url=request.url)
            case Kind.REPLY_LOST_FOR_GOOD:
                botocore_stubber(event, request)
                raise _refused("RequestTimeout", 500)
            case Kind.CRASH_BEFORE:
                raise Crash(name)
            case Kind.CRASH_AFTER:
                botocore_stubber(event, request)
                raise Crash(name)


def _refused(code: str, status: int) -> ClientError:
    """As the SDK has it once it has given up."""
    told: Any = {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(told, "spoiled")


def _before_send(event_name: str, request: Any, **_: Any) -> None:
    if Faults.current is not None:
        Faults.current.meet(event_name.removeprefix("before-send."), event_name, request)


# Before moto's own, which every session that is made from here on has too.
BUILTIN_HANDLERS.insert(0, ("before-send", _before_send))
