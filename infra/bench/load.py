"""`python -m infra.bench.load`: consents at a rate into one tenant of the local stack, and when each is under a signature.

The stack is one of its own, started anew and ended again. Visitors come whether or not the one before has been answered, 32
at once at the most; if the engine is slower than they are, it is said how fast it went. Ends with 1 when an act was not
answered 201, or has no place in the tree, or two.
"""

import argparse
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from math import ceil
from pathlib import Path
from threading import Lock
from time import monotonic, sleep
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import botocore.session

from functions.clock import from_ms
from functions.dynamo import Table
from functions.ids import TenantId
from functions.ledger.checkpoint import opened
from functions.ledger.keys import Verifier
from functions.ledger.model import MERGE_DELAY, Batch
from functions.ledger.objects import LogObjects
from functions.ledger.table import LogRows
from functions.vault.model import base64url
from infra.bench.visit import refusal
from infra.local import resources
from infra.local.template import ACCOUNT

ROOT = Path(__file__).parent.parent.parent
CREATED = 201
NO_ANSWER = 0
VISITORS = 32
ANSWERS_WITHIN_S, ENDS_WITHIN_S, SIGNED_WITHIN_S = 60, 60, 240


def merge_delays(at_ms: Mapping[str, int], order: Sequence[str], signed: Mapping[int, int]) -> list[float]:
    """Seconds from each act to the first checkpoint that holds it, at the most: a checkpoint's time is a whole second, begun.

    Args:
        at_ms: the server's time in each act's leaf, by record id.
        order: what stands at each index of the log.
        signed: the time in each checkpoint in Unix seconds, by its size.

    Raises:
        IndexError: an act is under no checkpoint.
    """
    sizes = sorted(signed)
    firsts = ((one, sizes[bisect_right(sizes, index)]) for index, one in enumerate(order) if one in at_ms)
    return [signed[size] + 1 - at_ms[one] / 1000 for one, size in firsts]


def percentile(values: Iterable[float], percent: int) -> float:
    """By nearest rank: the smallest value that so many of a hundred do not exceed."""
    ordered = sorted(values)
    return ordered[max(ceil(percent * len(ordered) / 100), 1) - 1]


@dataclass
class Answers:
    """What became of the acts that were posted, told by many threads."""

    lock: Lock = field(default_factory=Lock)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    at_ms: dict[str, int] = field(default_factory=dict)

    def note(self, status: int, seconds: float, body: Any) -> None:  # noqa: ANN401 - JSON
        with self.lock:
            self.statuses[status] += 1
            self.seconds.append(seconds)
            if status == CREATED:
                says = json.loads(body["records"][0]["receipt"]["leaf"])
                self.at_ms[says["id"]] = says["at"]

    @property
    def years(self) -> set[int]:
        return {from_ms(at).year for at in self.at_ms.values()}


@dataclass(frozen=True, slots=True)
class Stack:
    """What the stack said of itself when it was ready."""

    said: Mapping[str, str]

    def config(self) -> dict[str, Any]:
        """The window as it is published."""
        return dict(self._ask(Request(f"{self.said['api']}/v1/banner?site={self.said['site_key']}"))[1])  # noqa: S310 - the stack's own

    def post(self, config: dict[str, Any]) -> tuple[int, Any]:
        """What one more new visitor's browser sends."""
        event = refusal(self.said["site_key"], config)
        body = json.dumps({"secret": base64url(secrets.token_bytes(16)), **json.loads(event["body"])}).encode()
        headers = {"Content-Type": "application/json", "Origin": self.said["shop"]}
        address = f"{self.said['api']}/v1/consents?site={self.said['site_key']}"
        return self._ask(Request(address, body, headers))  # noqa: S310 - as above

    def _ask(self, request: Request) -> tuple[int, Any]:
        try:
            with urlopen(request, timeout=ANSWERS_WITHIN_S) as answer:  # noqa: S310 - as above
                return answer.status, json.loads(answer.read())
        except HTTPError as refused:
            with refused:
                return refused.code, None
        except (URLError, ConnectionError, TimeoutError):
            return NO_ANSWER, None

    def client(self, service: str) -> Any:  # noqa: ANN401 - one of boto's many clients
        return botocore.session.Session().create_client(
            service,
            region_name=resources.REGION,
            endpoint_url=self.said["engine"],
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="local",  # noqa: S106 - opens nothing
        )


@contextmanager
def started(folder: Path, engine: str) -> Iterator[Stack]:
    """In a process of its own, which is ended by its id."""
    command = [sys.executable, "-m", "infra.local", "--json", "--free-ports", "--state", str(folder), "--engine", engine]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CONSENTINEL_"))}
    said = folder / "said"
    with (
        said.open("w") as log,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise SystemExit(f"The local stack has not started. {said.read_text()}")
        try:
            yield Stack(json.loads(line))
        finally:
            _end(process)


def _end(process: "subprocess.Popen[str]") -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(ENDS_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()


@dataclass(frozen=True, slots=True)
class Visits:
    """Visitors who come at a rate for some seconds; who cannot be served before they are over does not come."""

    rate: float
    seconds: float

    @property
    def asked(self) -> int:
        return round(self.rate * self.seconds)

    def post(self, stack: Stack) -> tuple[Answers, float]:
        """What was answered, and for how many seconds that went on."""
        answers, config, numbers, begun = Answers(), stack.config(), count(), monotonic()

        def come() -> None:
            # `next` of a count is one step of the interpreter, so no two visitors have the same number.
            while (number := next(numbers)) < self.asked and monotonic() - begun < self.seconds:
                sleep(max(0.0, begun + number / self.rate - monotonic()))
                sent = monotonic()
                status, body = stack.post(config)
                answers.note(status, monotonic() - sent, body)

        with ThreadPoolExecutor(VISITORS) as pool:
            for visitor in [pool.submit(come) for _ in range(VISITORS)]:
                visitor.result()
        return answers, monotonic() - begun


@dataclass(frozen=True, slots=True)
class Log:
    """The tenant's log of a year, as it is stored."""

    rows: LogRows
    objects: LogObjects

    @classmethod
    def of(cls, stack: Stack, year: int) -> "Log":
        table = Table(stack.client("dynamodb"), resources.physical_name("LedgerTable"))
        objects = LogObjects(stack.client("s3"), resources.physical_name("LogBucket"))
        return cls(LogRows(table, TenantId(stack.said["tenant"]), year), objects)

    @property
    def is_signed(self) -> bool:
        head = self.rows.head()
        return head is not None and head.size == head.signed_size

    def batches(self) -> list[Batch]:
        head = self.rows.head()
        return [] if head is None else list(self.rows.batches(0, head.size))

    def checkpoints(self) -> dict[int, int]:
        """The time in each, by size; every signature is verified."""
        head = self.rows.head()
        if head is None or head.signed is None:
            return {}
        verifier, folder = Verifier.parse(head.signed.vkey), f"{head.origin.rpartition('/')[2]}/checkpoint/"
        pages = self.objects.client.get_paginator("list_objects_v2").paginate(Bucket=self.objects.bucket, Prefix=folder)
        notes = (self.objects.read(one["Key"]) or b"" for page in pages for one in page.get("Contents", []))
        found = [opened(note, verifier) for note in notes]
        return {one.size: one.time for one in found if one.time is not None}


@dataclass(frozen=True, slots=True)
class Found:
    """What the ledger has of the acts: how often each, and how long it took to be under a signature."""

    places: Counter[str]
    delays: list[float]
    late: int
    batches: int
    checkpoints: int

    @classmethod
    def of(cls, logs: Sequence[Log], at_ms: Mapping[str, int]) -> "Found":
        places, delays, late, batches, checkpoints = Counter[str](), list[float](), 0, 0, 0
        for log in logs:
            found, signed = log.batches(), log.checkpoints()
            order = [ref.key for batch in found for ref in batch.refs]
            places += Counter(ref.key for batch in found for ref in batch.refs if ref.partition.startswith("consent#"))
            delays += merge_delays(at_ms, order, signed)
            late += sum(len(batch.late) for batch in found)
            batches, checkpoints = batches + len(found), checkpoints + len(signed)
        return cls(places, delays, late, batches, checkpoints)


def settled(stack: Stack, answers: Answers) -> list[Log]:
    """The logs, once all that was answered is in them and under a signature, or the time for it is over."""
    logs, until = [Log.of(stack, year) for year in sorted(answers.years)], monotonic() + SIGNED_WITHIN_S
    while monotonic() < until:
        held = sum(ref.key in answers.at_ms for log in logs for batch in log.batches() for ref in batch.refs)
        if held >= len(answers.at_ms) and all(log.is_signed for log in logs):
            return logs
        sleep(1)
    raise SystemExit(f"After {SIGNED_WITHIN_S} s not everything is in the tree and signed.")


def report(visits: Visits, answers: Answers, seconds: float, found: Found) -> bool:
    """Print it; tells whether every act was answered 201 and has one place."""
    posted, rate = sum(answers.statuses.values()), sum(answers.statuses.values()) / seconds
    pace = "as asked" if posted == visits.asked else "as fast as the engine went"
    statuses = ", ".join(f"{status or 'none'}: {number}" for status, number in sorted(answers.statuses.items()))
    once = sum(found.places[record] == 1 for record in answers.at_ms)
    whole = once == len(answers.at_ms) == sum(found.places.values())
    print(f"asked          {visits.asked} acts, {visits.rate:g} a second for {visits.seconds:g} s")
    print(f"posted         {posted} acts, {rate:.1f} a second ({pace})")
    print(f"answered       {statuses}")
    print(f"answered in    {_spread(answers.seconds, 's')}")
    told = f"{once} of {len(answers.at_ms)} once, {found.late} late"
    print(f"in the tree    {sum(found.places.values())} in {found.batches} batches; {told}")
    promise = MERGE_DELAY.total_seconds()
    kept = sum(delay <= promise for delay in found.delays)
    print(f"merge delay    {_spread(found.delays, 's')}; {kept} of {len(found.delays)} within the {promise:g} s promised")
    print(f"checkpoints    {found.checkpoints}, each of them verified")
    return whole and set(answers.statuses) == {CREATED}


def _spread(values: Sequence[float], unit: str) -> str:
    return f"p50 {percentile(values, 50):.2f} {unit}, p99 {percentile(values, 99):.2f} {unit}, max {max(values):.2f} {unit}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m infra.bench.load", description=__doc__.partition("\n")[0])
    parser.add_argument("--engine", default="moto", choices=("moto", "ministack"), help="what the stack runs on (moto)")
    parser.add_argument("--seconds", type=float, default=60, help="for how long visitors come (60)")
    parser.add_argument("--rate", type=float, default=100, help="how many of them in a second (100)")
    asked = parser.parse_args(arguments)
    visits = Visits(asked.rate, asked.seconds)
    with tempfile.TemporaryDirectory() as folder, started(Path(folder), asked.engine) as stack:
        print(f"engine         {asked.engine}", flush=True)
        answers, seconds = visits.post(stack)
        if not answers.at_ms:
            raise SystemExit(f"No act was recorded: {dict(answers.statuses)}")
        found = Found.of(settled(stack, answers), answers.at_ms)
    if not report(visits, answers, seconds, found):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
