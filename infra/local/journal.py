"""A snapshot, and behind it a journal of what has happened since: the engine's memory on disk.

What is appended has been handed to the operating system before `append` returns, so it outlives the process, kill −9 included.
It is not forced to the disk: a power cut or a crash of the machine can cost the last seconds, and nothing older.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from io import BufferedWriter
from pathlib import Path
from typing import Any

KINDS = {".snapshot", ".journal", ".writing"}


class Damaged(Exception):
    """The journal is broken in its middle, which no crash does."""


class InUse(Exception):
    """Another engine has this directory."""


class Journal:
    """The newest snapshot of a directory and the entries after it; one process at a time."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self._lock = _lock(directory)
        self.number = max((int(path.stem) for path in directory.glob("*.snapshot")), default=0)
        self._sweep()
        self.entries_since = 0
        self._file = self._open()

    def snapshot(self) -> bytes | None:
        path = self._path("snapshot")
        return path.read_bytes() if path.exists() else None

    def entries(self) -> Iterator[Any]:
        """What was appended since the snapshot, oldest first. A torn last entry was never answered, and is cut off.

        Raises:
            Damaged: an entry that others follow cannot be read.
        """
        whole, torn = 0, False
        with self._path("journal").open("rb") as lines:
            for line in lines:
                if torn:
                    raise Damaged(f"{self._path('journal')} is damaged at byte {whole}. Remove {self.directory} to start anew.")
                entry = _entry(line)
                torn = entry is None
                if entry is not None:
                    whole += len(line)
                    self.entries_since += 1
                    yield entry
        self._file.truncate(whole)

    def append(self, entry: Any) -> None:  # noqa: ANN401 - anything that JSON can say
        self._file.write(json.dumps(entry, separators=(",", ":")).encode() + b"\n")
        self._file.flush()
        self.entries_since += 1

    def replace(self, snapshot: bytes) -> None:
        """Put a snapshot in the place of everything so far; either it is there as a whole, or the old state still is."""
        self.number += 1
        fresh = self._path("writing")
        with fresh.open("wb") as file:
            file.write(snapshot)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(self._path("snapshot"))
        self._file.close()
        self._file = self._open()
        self.entries_since = 0
        self._sweep()

    def close(self) -> None:
        self._file.close()
        self._lock.close()

    def _open(self) -> BufferedWriter:
        return self._path("journal").open("ab")

    def _path(self, kind: str) -> Path:
        return self.directory / f"{self.number:06d}.{kind}"

    def _sweep(self) -> None:
        """Remove what a newer snapshot has replaced, and what a crash left half written."""
        kept = {self._path("snapshot"), self._path("journal")}
        for path in self.directory.iterdir():
            if path.suffix in KINDS and path not in kept:
                path.unlink()


def _lock(directory: Path) -> BufferedWriter:
    lock = (directory / "lock").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise InUse(
            f"Another engine is using {directory}. Stop it, or choose another: make run ARGS='--state DIRECTORY'."
        ) from error
    return lock


def _entry(line: bytes) -> Any:  # noqa: ANN401 - anything that JSON can say; None where it is cut off
    if not line.endswith(b"\n"):
        return None
    try:
        return json.loads(line)
    except ValueError:
        return None
