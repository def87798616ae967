"""The local stack's AWS: moto behind one lock, with a journal.

moto alone is not linearizable: of two concurrent conditional puts both may win, and a failing transaction undoes its
neighbours' writes. One lock around it makes every request atomic. A request that changed something is in the journal before
it is answered (see journal.py for what that survives), so a process that is killed loses nothing it has promised.
"""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Lock, Thread
from typing import Protocol

from waitress.server import create_server

from infra.local.journal import Damaged, InUse, Journal
from infra.local.moto_world import MotoWorld, OtherVersion
from infra.local.wire import Answer, Environ, Request

LOOPBACK = "127.0.0.1"
# At the next start a replayed request takes some 2 ms, so never more than a second of that.
SNAPSHOT_AFTER = 400

StartResponse = Callable[[str, list[tuple[str, str]]], object]


class World(Protocol):
    """What requests are executed on: the same requests in the same order make the same of it."""

    def execute(self, request: Request) -> Answer:
        """One at a time; never called by two threads."""

    def marks(self) -> object:
        """Changes when a message is added, received, moved or deleted."""

    def dump(self) -> bytes:
        """Everything there is, keys included."""

    def load(self, snapshot: bytes) -> None:
        """Be as when it was dumped."""


class Engine:
    """The WSGI application; what its journal holds is there again before the first request."""

    def __init__(self, journal: Journal, world: World) -> None:
        self.lock = Lock()
        self.journal = journal
        self.world = world
        self._restore()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        request = Request.of(environ)
        with self.lock:
            answer = self._answer(request)
        start_response(answer.status, answer.headers)
        return [answer.body]

    def keep(self) -> None:
        """Write a snapshot in place of the journal."""
        with self.lock:
            self.journal.replace(self.world.dump())

    def _answer(self, request: Request) -> Answer:
        before = self.world.marks() if request.receives else None
        answer = self.world.execute(request)
        changed = self.world.marks() != before if request.receives else answer.good and not request.reads
        if changed:
            self._remember(request)
        return answer

    def _remember(self, request: Request) -> None:
        if request.service == "TrentService":  # KMS: what a key is made of cannot be drawn again
            self.journal.replace(self.world.dump())
            return
        self.journal.append(request.entry())
        if self.journal.entries_since >= SNAPSHOT_AFTER:
            self.journal.replace(self.world.dump())

    def _restore(self) -> None:
        snapshot = self.journal.snapshot()
        if snapshot is not None:
            self.world.load(snapshot)
        for entry in self.journal.entries():
            self.world.execute(Request.from_entry(entry))
        if self.journal.entries_since:
            self.journal.replace(self.world.dump())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m infra.local.engine", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one; which, is the first line of the output")
    parser.add_argument("--state", type=Path, required=True, help="directory that snapshot and journal are kept in")
    asked = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this process when it is time
    signal.signal(signal.SIGTERM, _terminate)
    try:
        engine = Engine(Journal(asked.state), MotoWorld())
        server = create_server(engine, host=LOOPBACK, port=asked.port, threads=16, backlog=512, ident=None)  # type: ignore[no-untyped-call]
    except (Damaged, InUse, OtherVersion, OSError) as error:
        sys.exit(f"The engine cannot start: {error}")
    Thread(target=_end_with_parent, daemon=True).start()
    print(server.effective_port, flush=True)
    server.run()
    engine.keep()


def _terminate(*_: object) -> None:
    raise SystemExit


def _end_with_parent() -> None:
    """The parent holds the other end of standard input; when that closes, nobody is left to serve."""
    while os.read(0, 1):  # not through a buffer, whose lock would be held when the interpreter ends
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
