"""Rows as an auditor reads them: whoever has changed one may have left anything in it."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from functions.clock import from_ms
from functions.ledger.kinds import EntryRef
from functions.ledger.lines import base64, decimal, unbase64
from functions.ledger.model import MOST_LEAVES, Batch, Head, Located, Reserved, Signed, split
from functions.ledger.tree import HASH_BYTES, Frontier

Item = dict[str, Any]
BATCH = "batch#"
SIGNED = "signed#"
ANCHOR = "anchor#"
ORIGIN = re.compile(r"[!-~]{1,200}/[0-9a-f]{32}")
ODD = (KeyError, TypeError, ValueError, OverflowError)


class Unreadable(ValueError):
    """The row is not of the form that docs/reference/ledger.md tells of."""


def head_of(item: Mapping[str, Any]) -> Head:
    """With an empty receipt key where the row has none; raises `Unreadable`."""
    try:
        return _head_of(item)
    except ODD as error:
        raise Unreadable("That is no head.") from error


def _head_of(item: Mapping[str, Any]) -> Head:
    signed, turn = None, None
    if "signing_size" in item:
        turn = Reserved(_number(item, "signing_size"), from_ms(_number(item, "signing_at")))
    if "signed_size" in item:
        signed = Signed(_number(item, "signed_size"), from_ms(_number(item, "signed_at")), item["vkey"]["S"])
    return Head(
        origin=_origin(item["origin"]["S"]),
        receipts=item.get("receipt_vkey", {"S": ""})["S"],
        v=_number(item, "v"),
        frontier=Frontier(_number(item, "size"), _hashes(item, "roots")),
        last=_number(item, "last"),
        finished=_number(item, "finished") if "finished" in item else 0,
        signed=signed,
        closed="closed" in item,
        reserved=turn,
    )


def batch_of(item: Mapping[str, Any]) -> Batch:
    """With at least one hash; raises `Unreadable`."""
    try:
        start, hashes = decimal(item["sk"]["S"].removeprefix(BATCH).lstrip("0") or "0"), _hashes(item, "hashes")
        refs = tuple(EntryRef.parse(ref["S"]) for ref in item["refs"]["L"])
        late = frozenset(int(place) for place in item.get("late", {"NS": []})["NS"])
        if item["sk"]["S"] != f"{BATCH}{start:012d}" or not 0 < len(hashes) <= MOST_LEAVES or late - set(range(len(hashes))):
            raise Unreadable("That is no batch.")
        return Batch(start, hashes, refs, from_ms(_number(item, "at")), late)
    except ODD as error:
        raise Unreadable("That is no batch.") from error


def located_of(item: Mapping[str, Any]) -> Located | None:
    """Nothing for what is no locator."""
    try:
        return Located(_number(item, "year"), _number(item, "index"), _number(item, "start"), item["late"]["BOOL"])
    except ODD:
        return None


def sized_of(item: Mapping[str, Any], prefix: str) -> tuple[int, datetime] | None:
    """The tree size in the key, and the time, of a row that tells of a checkpoint; nothing for what is none."""
    try:
        size, at = decimal(item["sk"]["S"].removeprefix(prefix).lstrip("0")), from_ms(_number(item, "at"))
    except ODD:
        return None
    return (size, at) if item["sk"]["S"] == f"{prefix}{size:012d}" else None


def binary(item: Mapping[str, Any], name: str) -> bytes:
    """Empty where there is none."""
    value = item.get(name, {}).get("B", b"")
    return value if isinstance(value, bytes) else b""


def packed(item: Mapping[str, Any]) -> Item:
    """A row as JSON can have it."""
    return {name: {"B": base64(value["B"])} if "B" in value else value for name, value in item.items()}


def unpacked(item: Mapping[str, Any]) -> Item:
    return {name: {"B": unbase64(value["B"])} if "B" in value else value for name, value in item.items()}


def _origin(text: str) -> str:
    if not ORIGIN.fullmatch(text):
        raise Unreadable("A log's name ends with its id.")
    return text


def _number(item: Mapping[str, Any], name: str) -> int:
    return decimal(item[name]["N"])


def _hashes(item: Mapping[str, Any], name: str) -> tuple[bytes, ...]:
    raw = item[name]["B"]
    if len(raw) % HASH_BYTES:
        raise Unreadable("A hash has 32 bytes.")
    return split(raw)
