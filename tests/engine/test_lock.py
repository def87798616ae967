"""The engine itself, on a world that only looks at how it is used."""

import io
from collections.abc import Iterator
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest

from infra.local.engine import SNAPSHOT_AFTER, Engine
from infra.local.journal import Journal
from infra.local.wire import Answer, Request
from tests.engine.test_races import at_once

TARGETS = {"PutItem": "DynamoDB_20120810", "GetItem": "DynamoDB_20120810", "CreateKey": "TrentService", "Sign": "TrentService"}


class Watched:
    """Notes what it executes, and whether two threads were ever in it together."""

    def __init__(self) -> None:
        self.executed: list[Request] = []
        self.together = False
        self.meeting = Barrier(2)
        self.status = "200 OK"

    def execute(self, request: Request) -> Answer:
        if request.body == b"wait for another":
            try:
                self.meeting.wait(0.05)
                self.together = True
            except BrokenBarrierError:
                self.meeting.reset()
        self.executed.append(request)
        return Answer(self.status, [], b"")

    def marks(self) -> object:
        return 0

    def dump(self) -> bytes:
        return f"{len(self.executed)} executed".encode()

    def load(self, snapshot: bytes) -> None:
        self.loaded = snapshot


@pytest.fixture
def world() -> Watched:
    return Watched()


@pytest.fixture
def engine(tmp_path: Path, world: Watched) -> Iterator[Engine]:
    engine = Engine(Journal(tmp_path), world)
    yield engine
    engine.journal.close()


def send(engine: Engine, operation: str, body: bytes = b"") -> None:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "REQUEST_URI": "/",
        "PATH_INFO": "/",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_X_AMZ_TARGET": f"{TARGETS[operation]}.{operation}",
        "wsgi.input": io.BytesIO(body),
    }
    engine(environ, lambda *_: None)


def journaled(engine: Engine) -> int:
    return engine.journal.entries_since


def test_requests_are_executed_one_at_a_time(engine: Engine, world: Watched) -> None:
    at_once(lambda _: send(engine, "PutItem", b"wait for another"), 8)

    assert len(world.executed) == 8
    assert not world.together


def test_a_write_is_in_the_journal_when_it_is_answered_and_a_read_never(engine: Engine, tmp_path: Path) -> None:
    send(engine, "GetItem")
    send(engine, "PutItem", b"\x00\xff")

    (file,) = tmp_path.glob("*.journal")
    assert file.read_bytes().count(b"\n") == 1


def test_a_write_that_was_refused_is_not_kept(engine: Engine, world: Watched) -> None:
    world.status = "400 BAD REQUEST"

    send(engine, "PutItem")

    assert journaled(engine) == 0


def test_what_is_replayed_is_the_very_request(engine: Engine, world: Watched, tmp_path: Path) -> None:
    send(engine, "PutItem", b"\x00\xff")
    engine.journal.close()

    again = Watched()
    Engine(Journal(tmp_path), again).journal.close()

    assert again.executed == world.executed


def test_a_new_key_is_in_a_snapshot_when_it_is_answered_because_it_cannot_be_drawn_again(engine: Engine) -> None:
    send(engine, "PutItem")
    send(engine, "CreateKey")

    assert (engine.journal.snapshot(), journaled(engine)) == (b"2 executed", 0)


def test_using_a_key_changes_nothing(engine: Engine) -> None:
    send(engine, "Sign")

    assert (engine.journal.snapshot(), journaled(engine)) == (None, 0)


def test_the_journal_never_grows_beyond_what_is_replayed_quickly(engine: Engine) -> None:
    for _ in range(SNAPSHOT_AFTER + 1):
        send(engine, "PutItem")

    assert (engine.journal.snapshot(), journaled(engine)) == (f"{SNAPSHOT_AFTER} executed".encode(), 1)
