"""A thread for each source, polling."""

import logging
from pathlib import Path
from threading import Event, Thread
from typing import Any, Protocol, Self

from botocore.exceptions import BotoCoreError, ClientError
from chalice.app import Chalice

from infra.local.pump.queue import QueuePoller
from infra.local.pump.sources import Source, sources_of
from infra.local.pump.stream import Position, StreamPoller
from infra.local.pump.ticker import Ticker
from infra.local.resources import Resources

IDLE_S = 0.3
AFTER_TROUBLE_S = 1.0
log = logging.getLogger(__name__)


class Poller(Protocol):
    @property
    def source(self) -> Source:
        """What it calls."""

    def poll(self) -> bool:
        """Take what there is; tells whether there was anything."""


class Pump:
    """Calls the functions of an app that are bound to streams, queues and schedules.

    Args:
        app: the app, whose functions may be called from several threads.
        resources: what the template's references stand for.
        state: directory for the positions in streams.
    """

    def __init__(self, app: Chalice, resources: Resources, state: Path) -> None:
        state.mkdir(parents=True, exist_ok=True)
        self.state = state
        self.stopping = Event()
        self.session = resources.session
        pollers = [self._poller(source) for source in sources_of(app, resources)]
        self.threads = [Thread(target=self._run, args=(one,), name=one.source.name, daemon=True) for one in pollers]

    def start(self) -> Self:
        for thread in self.threads:
            thread.start()
        return self

    def stop(self) -> None:
        """Returns when what is being handled has been."""
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def _poller(self, source: Source) -> Poller:
        match source.kind:
            case "SQS":
                return QueuePoller(source, self._client("sqs"))
            case "DynamoDB":
                position = Position(self.state / f"{source.name}.position")
                return StreamPoller(source, self._client("dynamodbstreams"), self._client("sqs"), position, self.stopping)
            case "Schedule" | "ScheduleV2":
                return Ticker(source)
            case kind:
                raise LookupError(f"The local stack cannot call {source.name} by {kind}.")

    def _client(self, service: str) -> Any:  # noqa: ANN401 - one of boto's many clients
        return self.session.create_client(service)

    def _run(self, poller: Poller) -> None:
        while not self.stopping.is_set():
            try:
                busy = poller.poll()
            except (BotoCoreError, ClientError) as error:
                # The engine is away, or has just come back and knows the iterator no more; what was not settled comes again.
                log.warning("%s cannot be fed: %s", poller.source.name, type(error).__name__)
                self.stopping.wait(AFTER_TROUBLE_S)
                continue
            if not busy:
                self.stopping.wait(IDLE_S)
