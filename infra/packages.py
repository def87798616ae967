"""The Python packages that travel with the functions: wheels for the machine that Lambda is, never built from source."""

import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parent.parent
REQUIREMENTS = ROOT / "requirements.txt"
CACHE = ROOT / "build" / "packages"
# Of Chalice the bundle needs the two files that its packager puts in; as a package it would bring pip and setuptools along.
BY_CHALICE = "chalice"
MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
# Amazon Linux 2 has glibc 2.26 and is under Python 3.11 and before, Amazon Linux 2023 has 2.34 and is under 3.12 and after.
GLIBC_OF_PYTHON_311, GLIBC_SINCE_PYTHON_312 = 26, 34
OLDEST_GLIBC = 17


@dataclass(frozen=True, slots=True)
class Target:
    """What the functions run on."""

    python: str
    architecture: str

    @classmethod
    def of(cls, architecture: str) -> Self:
        """Lambda's Python is this one: Chalice says so in the template, and bytecode is of one version."""
        return cls(".".join(platform.python_version_tuple()[:2]), architecture)

    def platforms(self) -> Iterator[str]:
        """Newest first, as pip has no notion of one including another."""
        newest = GLIBC_OF_PYTHON_311 if self.python in {"3.10", "3.11"} else GLIBC_SINCE_PYTHON_312
        machine = MACHINES[self.architecture]
        for minor in range(newest, OLDEST_GLIBC - 1, -1):
            yield f"manylinux_2_{minor}_{machine}"
        yield f"manylinux2014_{machine}"


def requirements() -> list[str]:
    """The pins of requirements.txt, without Chalice's.

    Raises:
        LookupError: the Chalice that would be put in is another than the pinned one.
    """
    pins = [line for line in map(str.strip, REQUIREMENTS.read_text("utf-8").splitlines()) if line and not line.startswith("#")]
    pinned = {name: pin for name, _, pin in (line.partition("==") for line in pins)}
    if pinned[BY_CHALICE] != version(BY_CHALICE):
        raise LookupError(f"requirements.txt has Chalice {pinned[BY_CHALICE]}, and {version(BY_CHALICE)} is installed.")
    return [line for line in pins if not line.startswith(f"{BY_CHALICE}==")]


def installed(target: Target, cache: Path = CACHE) -> Path:
    """A folder with the packages in it, downloaded once for each state of requirements.txt."""
    wanted = "\n".join(requirements())
    key = sha256(f"{target}\n{wanted}".encode()).hexdigest()[:16]
    folder = cache / f"{target.python}-{target.architecture}-{key}"
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            _install(target, wanted, Path(scratch))
            with suppress(OSError):  # another build was first, with the same
                (Path(scratch) / "packages").rename(folder)
    return folder


def _install(target: Target, wanted: str, scratch: Path) -> None:
    listed = scratch / "requirements.txt"
    listed.write_text(wanted, "utf-8")
    platforms = [argument for name in target.platforms() for argument in ("--platform", name)]
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"),
            *("--only-binary", ":all:", "--implementation", "cp", "--python-version", target.python, *platforms),
            *("--target", str(scratch / "packages"), "--requirement", str(listed)),
        ],
        check=True,
    )
