"""Kill −9 and start again: whatever was answered is there."""

from collections.abc import Iterator
from pathlib import Path
from signal import SIGKILL
from threading import Thread
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError

from functions.ids import TenantId
from infra.local.engines import CannotStart, MotoEngine
from tests.engine.bound import Bound
from tests.engine.test_streams import Stream


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "moto"


class Restartable:
    """An engine that can be killed; what it was bound to before stays valid, because its port stays."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.engine = MotoEngine(state, port=0).start()
        self.bound = Bound(self.engine.address)

    def kill(self) -> None:
        """Nobody revives it: the test does."""
        self.engine.stopping.set()
        process = self.engine.process
        assert process is not None
        process.send_signal(SIGKILL)
        process.wait()

    def start(self) -> None:
        self.engine.stop()
        self.engine = MotoEngine(self.state, port=self.engine.port).start()

    def stop(self) -> None:
        self.engine.stop()


@pytest.fixture
def restartable(state: Path) -> Iterator[Restartable]:
    engine = Restartable(state)
    yield engine
    engine.stop()


def test_a_write_that_was_answered_is_there_after_kill_9(restartable: Restartable) -> None:
    rows = restartable.bound.tenant()
    rows.register.append("consent#0", "a", b"\x00leaf\xff", {"sealed": {"B": b"sealed"}})

    restartable.kill()
    restartable.start()

    entry = rows.register.read("consent#0", "a")
    assert entry is not None
    assert (entry["leaf"], entry["sealed"]) == ({"B": b"\x00leaf\xff"}, {"B": b"sealed"})


def test_root_keys_wrapped_before_open_after(restartable: Restartable) -> None:
    tenant = TenantId.new()
    made = restartable.bound.roots.create(tenant)
    settings = restartable.bound.resources.settings()

    restartable.kill()
    restartable.start()

    assert restartable.bound.roots.unwrap(tenant) == made
    assert Bound(restartable.engine.address).resources.settings() == settings


def test_a_signing_key_stays_the_same_key(restartable: Restartable) -> None:
    kms = restartable.bound.client("kms")
    key = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    public = kms.get_public_key(KeyId=key)["PublicKey"]

    restartable.kill()
    restartable.start()

    assert kms.get_public_key(KeyId=key)["PublicKey"] == public


def test_stream_object_versions_and_messages_are_the_very_same(restartable: Restartable) -> None:
    """So a position in the stream that was kept, and a receipt handle that was given out, go on meaning what they meant."""
    bound = restartable.bound
    rows = bound.tenant()
    bucket, queue = bound.name("ContentBucket"), bound.name("MailQueue")
    for number in range(3):
        rows.register.append("consent#0", f"{number}", b"leaf", {})
        bound.client("s3").put_object(Bucket=bucket, Key="t/с %25", Body=b"%d" % number)
        bound.client("sqs").send_message(QueueUrl=queue, MessageBody=f"letter {number}")
    taken = bound.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=2)["Messages"]

    def look() -> Any:
        versions = bound.client("s3").list_object_versions(Bucket=bucket)["Versions"]
        return Stream(bound, ShardIteratorType="TRIM_HORIZON").read(), versions

    before = look()
    for _ in range(2):  # from the journal first, then from the snapshot that the start has made of it
        restartable.kill()
        restartable.start()
        Bound(restartable.engine.address)

        assert look() == before
    for message in taken:
        bound.client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    left = bound.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    assert [message["Body"] for message in left] == ["letter 2"]


def test_killed_in_the_middle_of_many_writes_it_has_all_that_were_answered(restartable: Restartable) -> None:
    """More of them than a snapshot is made after, so that one falls among them."""
    rows = restartable.bound.tenant()
    answered: list[str] = []

    def write() -> None:
        try:
            for number in range(100_000):
                rows.register.append("consent#0", f"{number:06}", b"leaf", {})
                answered.append(f"{number:06}")
        except (BotoCoreError, ConnectionError):
            return

    writer = Thread(target=write)
    writer.start()
    while len(answered) < 450:
        writer.join(0.01)
    restartable.kill()
    writer.join()
    restartable.start()

    there = [item["sk"]["S"] for item in rows.register.newest_first("consent#0", limit=100_000)][::-1]
    assert there[: len(answered)] == answered
    assert len(there) - len(answered) <= 1


def test_a_last_line_that_was_torn_does_not_stop_the_start(restartable: Restartable) -> None:
    rows = restartable.bound.tenant()
    rows.register.append("consent#0", "a", b"leaf", {})
    restartable.kill()
    (journal,) = restartable.state.glob("*.journal")
    with journal.open("ab") as file:
        file.write(b'[1764000000.0,1,{"REQUEST_ME')

    restartable.start()

    assert rows.register.read("consent#0", "a") is not None


def test_two_engines_never_have_one_state(restartable: Restartable) -> None:
    with pytest.raises(CannotStart):
        MotoEngine(restartable.state, port=0).start()


def test_an_engine_that_was_killed_is_started_again_by_the_stack(state: Path) -> None:
    engine = MotoEngine(state, port=0).start()
    rows = Bound(engine.address).tenant()
    rows.register.append("consent#0", "a", b"leaf", {})
    first = engine.process
    assert first is not None

    first.send_signal(SIGKILL)
    engine.await_revival(first)

    assert rows.register.read("consent#0", "a") is not None
    engine.stop()
