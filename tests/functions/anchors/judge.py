"""The foreign judge of time-stamps."""

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory


def verifies(response: bytes, data: bytes, root: str) -> bool:
    """Whether `openssl ts -verify` takes a response for a stamp over the data, by an authority under the root (PEM)."""
    with TemporaryDirectory() as folder:
        for name, content in (("data", data), ("response", response), ("root", root.encode())):
            Path(folder, name).write_bytes(content)
        command = ["openssl", "ts", "-verify", "-data", "data", "-in", "response", "-CAfile", "root"]
        return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0
