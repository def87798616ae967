"""The README's first consent, done as it is written: its commands in a shell, its page in a browser."""

import json
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

from tests.support.browser import Internet
from tests.support.local_stack import Running, started

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
CHAPTER = README.partition("## A first consent on your own page")[2].partition("\n## ")[0]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Reader:
    """Does what the chapter says, with the addresses that `make run` printed."""

    def __init__(self, stack: Running, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        said = stack.said
        self.changes = {
            "ck_…        # the key that make run printed": said["api_key"],
            "http://127.0.0.1:8787": said["api"],
            "http://127.0.0.1:8788": said["cdn"],
            "http://127.0.0.1:9000": f"http://127.0.0.1:{self.port}",
            "http.server 9000": f"http.server {self.port}",
        }
        self.set_up, self.read_back = (self.mine(block) for block in re.findall(r"```sh\n(.*?)```", CHAPTER, re.DOTALL))

    def mine(self, text: str) -> str:
        for theirs, ours in self.changes.items():
            text = text.replace(theirs, ours)
        return text

    def shell(self, commands: str) -> str:
        done = subprocess.run(["bash", "-euc", commands], cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def serving(self) -> Iterator[str]:
        commands, server = self.set_up.rsplit("python3 -m http.server", 1)
        self.shell(commands)
        process = subprocess.Popen(
            ["python3", "-u", "-m", "http.server", *server.split()],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        with process:
            assert process.stdout is not None
            process.stdout.readline()
            yield f"http://127.0.0.1:{self.port}"
            process.terminate()


def test_a_first_consent_is_recorded_as_the_readme_says(tmp_path: Path, page: Page, internet: Internet) -> None:
    with started(tmp_path / "state") as stack:
        reader = Reader(stack, tmp_path)
        with reader.serving() as address:
            page.goto(address)
            with page.expect_response(
                lambda answer: "/v1/consents" in answer.url and answer.request.method == "POST"
            ) as posted:
                page.get_by_role("button", name="Reject all").click()
            assert posted.value.status == 201
            functions = reader.set_up.partition("api $API/sites")[0]
            assert stack.listed({"id": posted.value.json()["records"][0]["id"]})
            (record,) = json.loads(reader.shell(functions + reader.read_back))["records"]

    shown = json.loads(re.findall(r"```json\n(.*?)```", CHAPTER, re.DOTALL)[0])["records"][0]
    assert set(shown) - {"…"} <= set(record)
    for member in ("state", "act", "section", "site", "categories", "identity", "ip"):
        assert record[member] == shown[member]
    assert {seen.host for seen in internet.seen()} <= {"www.googletagmanager.com"}


def test_the_chapter_is_thirty_lines_at_the_most() -> None:
    blocks = re.findall(r"```sh\n(.*?)```", CHAPTER, re.DOTALL)

    assert sum(len(block.strip().splitlines()) for block in blocks) <= 30
