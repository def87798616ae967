"""The whole stack in a process of its own, over HTTP, as `make run` starts it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.clock import utc_now
from tests.engine.bound import THREADS, Bound
from tests.engine.conftest import ENGINES
from tests.engine.test_races import at_once
from tests.support.local_stack import ROOT, Running, started
from tests.support.storefront import answered


@pytest.fixture(scope="module", params=ENGINES)
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with started(tmp_path_factory.mktemp("stack"), "--engine", request.param) as running:
        yield running


def test_64_threads_that_post_one_event_get_one_receipt_and_leave_one_item(stack: Running) -> None:
    act = answered("terms", utc_now())

    answers = at_once(lambda _: stack.submit(act), THREADS)

    statuses = sorted(status for status, _ in answers)
    assert statuses == [200] * (THREADS - 1) + [201]
    receipts = {json.dumps(body["records"][0]["receipt"], sort_keys=True) for _, body in answers}
    assert len(receipts) == 1
    assert items_with(stack, act["id"]) == 1


def test_64_threads_with_one_id_and_different_content_enter_one_and_are_told_of_the_conflict(stack: Running) -> None:
    act = answered("terms", utc_now())

    answers = at_once(lambda number: stack.submit({**act, "at_client": act["at_client"] + number}), THREADS)

    assert sorted(status for status, _ in answers) == [201] + [409] * (THREADS - 1)
    assert items_with(stack, act["id"]) == 1


def items_with(stack: Running, event: str) -> int:
    """Of the whole register, whatever the partition."""
    bound = Bound(stack.said["engine"])
    pages = bound.dynamodb.get_paginator("scan").paginate(TableName=bound.name("RegisterTable"), ConsistentRead=True)
    return sum(item["sk"]["S"] == event for page in pages for item in page["Items"])


def test_an_entry_reaches_the_listing_through_the_stream(stack: Running) -> None:
    act = answered("terms", utc_now())

    stack.submit(act)

    assert stack.listed(act)


def test_the_gateway_refuses_who_has_no_key_and_who_has_a_wrong_one(stack: Running) -> None:
    assert stack.ask("/v1/admin/tenant")[0] == 401
    assert stack.ask("/v1/admin/tenant", Authorization="Bearer ck_wrong")[0] == 403
    assert stack.as_merchant("/v1/admin/tenant")[0] == 200


def test_after_kill_9_of_the_engine_a_consent_that_was_answered_is_given_again(tmp_path: Path) -> None:
    act = answered("terms", utc_now())
    with started(tmp_path) as first:
        status, body = first.submit(act)
        first.process.send_signal(signal.SIGSTOP)  # or it would start the engine again
        kill_engine_of(first)
        first.process.kill()
    assert status == 201

    with started(tmp_path) as second:
        again, same = second.submit(act)
        key = second.said["api_key"]

    assert again == 200
    assert same["records"][0]["receipt"] == body["records"][0]["receipt"]
    assert key == first.said["api_key"]


def test_after_a_restart_of_ministack_which_forgets_its_streams_new_entries_are_listed(tmp_path: Path) -> None:
    before, after = answered("terms", utc_now()), answered("terms", utc_now())
    with started(tmp_path, "--engine", "ministack") as first:
        first.submit(before)
        assert first.listed(before)

    with started(tmp_path, "--engine", "ministack") as second:
        second.submit(after)
        listed = second.listed(after)

    assert listed


def kill_engine_of(running: Running) -> None:
    """Its child that is an engine, and no other process."""
    children = Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children").read_text("ascii").split()
    (engine,) = [int(pid) for pid in children if b"infra.local.engine" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    os.kill(engine, signal.SIGKILL)


def test_a_port_that_is_taken_is_named_with_the_way_out(tmp_path: Path, stack: Running) -> None:
    taken = stack.said["mails"].rpartition(":")[2]
    ports = {f"CONSENTINEL_PORT_{part}": "0" for part in ("ENGINE", "API", "CDN", "SHOP", "RECORDER", "RECORDER_TLS")}

    ended = subprocess.run(
        [sys.executable, "-m", "infra.local", "--state", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, **ports, "CONSENTINEL_PORT_MAILS": taken},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert f"Port {taken} is taken, and the mails wants it." in ended.stderr
    assert "CONSENTINEL_PORT_MAILS=" in ended.stderr
