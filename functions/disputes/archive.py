"""The ZIP of a pack: each file once, its hash in the manifest, one file at a time in memory."""

import json
from datetime import datetime
from hashlib import sha256
from typing import IO, Self
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

FORMAT = "consentinel/dispute-pack/v1"
MANIFEST = "manifest.json"


class Archive:
    """A pack as it is written; `manifest.json` comes last, with the SHA-256 of every other file."""

    def __init__(self, into: IO[bytes], *, at: datetime) -> None:
        self.digests: dict[str, str] = {}
        self._zip = ZipFile(into, "w", ZIP_DEFLATED)
        self._time = at.timetuple()[:6]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        if failure[0] is None:
            manifest = {"format": FORMAT, "files": dict(sorted(self.digests.items()))}
            self._put(MANIFEST, json.dumps(manifest, indent=1).encode() + b"\n")
        self._zip.close()

    def add(self, path: str, content: bytes) -> None:
        """A path that is there already stays as it is: whatever is named by a hash is the same."""
        if path not in self.digests:
            self.digests[path] = sha256(content).hexdigest()
            self._put(path, content)

    def __contains__(self, path: str) -> bool:
        return path in self.digests

    def _put(self, path: str, content: bytes) -> None:
        entry = ZipInfo(path, self._time)
        entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o644 << 16
        self._zip.writestr(entry, content)
