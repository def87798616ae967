"""The whole stack in a process of its own, over HTTP, as `make run` starts it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

ROOT = Path(__file__).parents[2]
WITHIN_S = 20


class Running:
    """What the stack said when it was ready."""

    def __init__(self, process: "subprocess.Popen[str]", said: dict[str, str]) -> None:
        self.process = process
        self.said = said

    def ask(self, path: str, *, body: Any = None, **headers: str) -> tuple[int, Any]:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.said["api"] + path, data, {"Content-Type": "application/json", **sent})  # noqa: S310 - the stack's own
        try:
            with urlopen(request, timeout=60) as answer:  # noqa: S310 - as above
                return answer.status, json.loads(answer.read())
        except HTTPError as refused:
            with refused:
                return refused.code, json.loads(refused.read())

    def submit(self, act: dict[str, Any]) -> tuple[int, Any]:
        return self.ask(
            f"/v1/consents?site={self.said['site_key']}", body={"acts": [act], "secret": "A" * 22}, Origin=self.said["shop"]
        )

    def as_merchant(self, path: str) -> tuple[int, Any]:
        return self.ask(path, Authorization=f"Bearer {self.said['api_key']}")

    def listed(self, act: dict[str, Any]) -> bool:
        """The listing is made from the stream, which comes a moment later."""
        until = monotonic() + WITHIN_S
        while monotonic() < until:
            _, found = self.as_merchant("/v1/admin/register")
            if act["id"] in json.dumps(found):
                return True
        return False


@contextmanager
def started(state: Path, *arguments: str) -> Iterator[Running]:
    command = [sys.executable, "-m", "infra.local", "--json", "--free-ports", "--state", str(state), *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CONSENTINEL_"))}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, "the stack has not started; what it said is above"
        try:
            yield Running(process, json.loads(line))
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)
