"""Both verifiers over the same files: ours in Python, and the browser page's in Node, which has the same WebCrypto."""

import json
import subprocess
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from functions.cli.verify import Verdict, verify

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Case:
    """A file, and what is brought to check it with."""

    content: bytes
    keys: Sequence[str] = ()
    checkpoint: str | None = None
    consistency: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What a verifier said: its exit code, and check and standing of each finding."""

    exit_code: int
    findings: tuple[tuple[str, str], ...]

    def of(self, check: str) -> list[str]:
        return [standing for name, standing in self.findings if name == check]


def verdict_of(case: Case, *, certificates: Sequence[Path] = ()) -> Verdict:
    with TemporaryDirectory() as folder:
        paths = {"file": case.content}
        paths |= {"checkpoint": case.checkpoint.encode()} if case.checkpoint is not None else {}
        paths |= {"consistency": case.consistency.encode()} if case.consistency is not None else {}
        for name, content in paths.items():
            Path(folder, name).write_bytes(content)
        return verify(
            Path(folder, "file"),
            keys=case.keys,
            checkpoint=Path(folder, "checkpoint") if "checkpoint" in paths else None,
            consistency=Path(folder, "consistency") if "consistency" in paths else None,
            certificates=certificates,
        )


def told(verdict: Verdict) -> Told:
    return Told(verdict.exit_code, tuple((one.check, one.standing.value) for one in verdict.findings))


def by_python(cases: Iterable[Case]) -> list[Told]:
    return [told(verdict_of(case)) for case in cases]


def by_javascript(cases: Iterable[Case]) -> list[Told]:
    lines = [
        json.dumps({"content": b64encode(case.content).decode(), "brought": _brought(case)}, ensure_ascii=True)
        for case in cases
    ]
    ran = subprocess.run(
        ["node", "--no-warnings", "banner/test/verify-files.js"],
        cwd=ROOT,
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    answers = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(answers) == len(lines)
    return [Told(one["exit"], tuple((check, standing) for check, standing, _ in one["findings"])) for one in answers]


def _brought(case: Case) -> dict[str, object]:
    brought = {"keys": list(case.keys), "checkpoint": case.checkpoint, "consistency": case.consistency}
    return {name: value for name, value in brought.items() if value is not None}
