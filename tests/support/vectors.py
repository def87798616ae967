"""Foreign test vectors, each folder with its licence beside it."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "vectors"


def load(path: str) -> Any:
    return json.loads((FOLDER / path).read_bytes())
