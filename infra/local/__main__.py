"""`python -m infra.local`: the whole platform on this machine, until Ctrl-C."""

import argparse
import json
import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict
from pathlib import Path
from threading import Event

from infra.local.engines import CannotStart
from infra.local.ports import Ports
from infra.local.stack import Stack

STATE = Path(__file__).parent.parent.parent / ".local"
WELCOME = """
  Demo shop    {shop}    with the banner and unmodified vendors' tags
  Recorder     {recorder}    what third parties were asked for, and how to point a Chromium at it
  Mails        {mails}    what the platform would have sent
  API          {api}/v1    docs/reference/openapi.json
  CDN          {cdn}    banner, configs and texts
  Engine       {engine}    AWS as the app sees it: {kind}

  You are the merchant with this key:   Authorization: Bearer {key}
    curl -H 'Authorization: Bearer {key}' {api}/v1/admin/tenant
  The shop's tag:   {snippet}

  What the functions log is in {state}/log. Data is kept in {state}; remove it to begin anew. Ctrl-C ends everything."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=__doc__)
    parser.add_argument("--engine", default="moto", help="moto (default), ministack, or the address of one that runs")
    parser.add_argument("--state", type=Path, default=STATE, help="directory that all data is kept in (default: .local)")
    parser.add_argument("--free-ports", action="store_true", help="take ports that are free instead of the usual ones")
    parser.add_argument("--json", action="store_true", help="print addresses and key as one line of JSON, for programs")
    asked = parser.parse_args()
    logging.basicConfig(format="%(name)s: %(message)s")
    ended = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        ports = Ports.free() if asked.free_ports else Ports.from_environment(os.environ)
        with _log(asked.state), Stack(asked.state, asked.engine, ports) as stack:
            print(told(stack) if asked.json else welcome(stack), file=sys.__stdout__, flush=True)
            ended.wait()
    except CannotStart as error:
        sys.exit(str(error))


@contextmanager
def _log(state: Path) -> Iterator[None]:
    """What the functions print goes to a file, as on AWS it goes to a log; the terminal is for people."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / "log").open("a", buffering=1, encoding="utf-8") as log, redirect_stdout(log):
        yield


def told(stack: Stack) -> str:
    return json.dumps({**asdict(stack.addresses), **asdict(stack.seeded)})


def welcome(stack: Stack) -> str:
    return WELCOME.format(
        **asdict(stack.addresses),
        kind=stack.engine,
        key=stack.seeded.api_key,
        snippet=stack.seeded.snippet,
        state=os.path.relpath(stack.state),
    )


if __name__ == "__main__":
    main()
