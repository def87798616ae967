"""The three kinds of engine: moto behind a lock in a child process, MiniStack in a child process, and one that runs already."""

import os
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition, Event, Thread
from time import monotonic, sleep
from typing import Protocol, Self

ROOT = Path(__file__).parent.parent.parent
LOOPBACK = "127.0.0.1"
PORT = 4566
MINISTACK = ROOT / ".venv-ministack" / "bin" / "ministack"
READY_WITHIN_S = 60
STOP_WITHIN_S = 20


class CannotStart(Exception):
    """What is wrong and what to do, for the person at the terminal."""


class Engine(Protocol):
    """Something that answers AWS requests."""

    @property
    def address(self) -> str:
        """Where it answers, once it has started."""

    def start(self) -> Self:
        """Returns when it answers; raises `CannotStart`."""

    def stop(self) -> None:
        """Returns when it has ended, with its state kept."""


@dataclass
class MotoEngine:
    """infra/local/engine.py in a process of its own, started again when it ends by itself; port 0 takes a free one."""

    state: Path
    port: int = PORT
    process: "subprocess.Popen[str] | None" = None
    stopping: Event = field(default_factory=Event)
    revived: Condition = field(default_factory=Condition)

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def start(self) -> Self:
        self._spawn()
        Thread(target=self._revive, name="engine", daemon=True).start()
        return self

    def stop(self) -> None:
        self.stopping.set()
        _end(self.process)

    def _spawn(self) -> None:
        command = [sys.executable, "-m", "infra.local.engine", "--state", str(self.state), "--port", str(self.port)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline() if self.process.stdout else ""
        if not line:
            _end(self.process)
            raise CannotStart("The engine has not started; the line above says why.")
        self.port = int(line)

    def _revive(self) -> None:
        while self.process is not None:
            self.process.wait()
            if self.stopping.is_set():
                return
            print("The engine has ended by itself; it starts again from its journal.", file=sys.stderr)
            _end(self.process)
            with self.revived:
                self._spawn()
                self.revived.notify_all()

    def await_revival(self, ended: "subprocess.Popen[str]") -> None:
        """Returns when another process has taken the place of one that has ended."""
        with self.revived:
            self.revived.wait_for(lambda: self.process is not ended, READY_WITHIN_S)


@dataclass
class MiniStackEngine:
    """MiniStack, which is linearizable by itself; it keeps its state when it is stopped, not when it is killed."""

    state: Path
    port: int = PORT
    process: "subprocess.Popen[str] | None" = None
    program: Path = MINISTACK

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def start(self) -> Self:
        if not self.program.exists():
            raise CannotStart(
                f"MiniStack is not installed: {self.program} is missing. `make .venv-ministack/.ready` installs it."
            )
        self.port = self.port or free_port()
        self.state.mkdir(parents=True, exist_ok=True)
        with (self.state / "log").open("ab") as log:
            self.process = subprocess.Popen([self.program], env=self._environment(), stdout=log, stderr=log, text=True)
        self._await_answer(self.process)
        return self

    def stop(self) -> None:
        _end(self.process)

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        own = {"BIND_HOST": LOOPBACK, "GATEWAY_PORT": str(self.port), "PERSIST_STATE": "1", "STATE_DIR": str(self.state)}
        # Its MQTT broker would listen on every interface.
        return {**kept, **own, "IOT_MTLS_ENABLED": "0"}

    def _await_answer(self, process: "subprocess.Popen[str]") -> None:
        until = monotonic() + READY_WITHIN_S
        while process.poll() is None and monotonic() < until:
            if answers(self.port):
                return
            sleep(0.05)
        raise CannotStart(f"MiniStack has not started; {self.state / 'log'} says why.")


@dataclass
class RunningEngine:
    """Somebody else's."""

    address: str

    def start(self) -> Self:
        return self

    def stop(self) -> None:
        """Leave it running: it is not ours."""


def engine_of(name: str, *, state: Path, port: int) -> Engine:
    """`moto`, `ministack`, or the address of one that runs."""
    match name:
        case "moto":
            return MotoEngine(state / "moto", port)
        case "ministack":
            return MiniStackEngine(state / "ministack", port)
        case _ if name.startswith(("http://", "https://")):
            return RunningEngine(name)
        case _:
            raise CannotStart(f"There is no engine {name}; it is moto, ministack, or the address of one that runs.")


def answers(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


def _end(process: "subprocess.Popen[str] | None") -> None:
    if process is None:
        return
    process.terminate()
    try:
        process.wait(STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
