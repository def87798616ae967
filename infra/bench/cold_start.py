"""`python -m infra.bench.cold_start`: what a cold start costs, as a ratio to a bare boto3 handler's on this machine.

Processor time of the whole process, by Lambda's own runtime client, from the start of Python to the first answer; the
smallest of several starts, which take turns. Seconds on a clock would tell how busy the machine is.
"""

import argparse
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import botocore.session

from functions.cli.accounts import open_account
from functions.wiring import Wiring
from infra.bench.runtime import Function, client_folder, request
from infra.bench.visit import ORIGIN, Event, visits
from infra.local import resources
from infra.local.engines import MotoEngine
from infra.package import build

BARE = Path(__file__).with_name("bare.py")
# A tenant that cannot be known to anybody.
NOBODY = {"site": "pk_aaaaaaaaaaaa_main"}


@dataclass(frozen=True, slots=True)
class Contender:
    """A handler, the request that it answers, and the status that shows that it has."""

    name: str
    code: Path
    handler: str
    event: Callable[[], Event]
    status: int


@dataclass
class Stage:
    """Where containers are started: the runtime client, the environment, and a place for their logs."""

    client: Path
    environment: dict[str, str]
    scratch: Path
    seconds: dict[tuple[str, int], float] = field(default_factory=dict)

    def container(self, code: Path, handler: str) -> Function:
        return Function(code, self.client, handler, self.environment, self.scratch / "log")

    def measure(self, one: Contender, requests: int) -> None:
        """Start a container, have it answer, and keep the least that this has cost so far."""
        with self.container(one.code, one.handler) as function:
            for _ in range(requests):
                answer = function.invoke(one.event())
                if answer["statusCode"] != one.status:
                    raise SystemExit(f"{one.name} answered {answer['statusCode']}: {answer['body']}")
        key = one.name, requests
        self.seconds[key] = min(function.cpu_s, self.seconds.get(key, function.cpu_s))


@contextmanager
def staged(scratch: Path) -> Iterator[Stage]:
    """With an engine that has the tables and keys; this process is told of them as well, to open an account."""
    engine = MotoEngine(scratch / "engine", port=0).start()
    try:
        os.environ.update(resources.aws_environment(engine.address))
        settings = resources.create(botocore.session.Session())
        os.environ.update(settings)
        client = client_folder(scratch / "client")
        yield Stage(client, {**resources.aws_environment(engine.address), **settings}, scratch)
    finally:
        engine.stop()


def contenders(stage: Stage) -> list[Contender]:
    """The bare one first. It has the bundle's packages, bytecode included, so that only the handlers differ."""
    bundle = build(stage.scratch / "package").bundle
    ours, slow = stage.scratch / "ours", stage.scratch / "without-bytecode"
    with ZipFile(bundle) as opened:
        opened.extractall(ours)
        opened.extractall(slow, [name for name in opened.namelist() if not name.endswith(".pyc")])
    shutil.copy(BARE, ours / "bare.py")
    tenant, _ = open_account("Bench", profile={}, wiring=Wiring.from_environment(), now=datetime.now(UTC))
    with stage.container(ours, "app.app") as function:
        visit = visits(function, tenant)
    stranger = request("POST", "/v1/consents", query=NOBODY, headers={"origin": ORIGIN}, body={})
    return [
        Contender("bare boto3, one put", ours, "bare.handler", visit, 201),
        Contender("a consent, recorded", ours, "app.app", visit, 201),
        Contender("a consent of nobody's site, refused", ours, "app.app", lambda: stranger, 404),
        Contender("a consent, recorded; no bytecode", slow, "app.app", visit, 201),
    ]


def report(stage: Stage, found: Sequence[Contender], warm: int) -> None:
    bare = found[0]
    print(f"{'':38}{'cold ms':>9}{'ratio':>8}{'warm ms':>9}{'ratio':>8}")
    for one in found:
        cold, of_bare = stage.seconds[one.name, 1], stage.seconds[bare.name, 1]
        each = (stage.seconds[one.name, 1 + warm] - cold) / warm
        of_bare_each = (stage.seconds[bare.name, 1 + warm] - of_bare) / warm
        print(f"{one.name:38}{cold * 1e3:9.0f}{cold / of_bare:8.2f}{each * 1e3:9.2f}{each / of_bare_each:8.2f}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m infra.bench.cold_start", description=__doc__.partition("\n")[0])
    parser.add_argument("--starts", type=int, default=7, help="of each handler; the least counts (7)")
    parser.add_argument("--warm", type=int, default=100, help="requests after the first one (100)")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, staged(Path(folder)) as stage:
        found = contenders(stage)
        for start in range(asked.starts):
            for one in found:
                stage.measure(one, 1)
                if start < 2:  # noqa: PLR2004 - many requests level out by themselves
                    stage.measure(one, 1 + asked.warm)
        report(stage, found, asked.warm)


if __name__ == "__main__":
    main()
