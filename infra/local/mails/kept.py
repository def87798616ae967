"""Sent mails, in order, in a file if one is named."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Kept:
    """One mail as SES took it; `at` is RFC 3339."""

    at: str
    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    html: str

    @classmethod
    def of(cls, body: dict[str, Any], at: str) -> Self:
        """From SES v2's SendEmail with simple content."""
        destination, simple = body.get("Destination", {}), body["Content"]["Simple"]
        to = (address for kind in ("ToAddresses", "CcAddresses", "BccAddresses") for address in destination.get(kind, []))
        parts = {kind: simple["Body"].get(kind, {}).get("Data", "") for kind in ("Text", "Html")}
        return cls(at, body.get("FromEmailAddress", ""), tuple(to), simple["Subject"]["Data"], parts["Text"], parts["Html"])

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Self:
        return cls(**{**body, "to": tuple(body["to"])})

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class Box:
    """Grows only; what is in the file when it is made is in it too."""

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self.lock = Lock()
        self.mails = [] if file is None else [Kept.from_json(json.loads(line)) for line in _whole_lines(file)]

    def keep(self, mail: Kept) -> None:
        with self.lock:
            if self.file is not None:
                with self.file.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(mail.to_json(), ensure_ascii=False) + "\n")
            self.mails.append(mail)

    def read(self) -> list[Kept]:
        with self.lock:
            return list(self.mails)


def _whole_lines(file: Path) -> list[str]:
    """A process that was killed may have left half a line at the end; it goes."""
    whole, newline, half = (file.read_text("utf-8") if file.exists() else "").rpartition("\n")
    if half:
        file.write_text(whole + newline, "utf-8")
    return whole.split("\n") if whole else []
