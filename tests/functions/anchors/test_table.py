from datetime import UTC, datetime

from functions.anchors.model import AnchorKind, AnchorRow, CheckpointRef
from tests.functions.anchors.conftest import YEAR, Log

AT = datetime(2026, 3, 1, 12, 0, 0, 123_000, tzinfo=UTC)


def row(size: int, kind: AnchorKind = AnchorKind.RFC3161) -> AnchorRow:
    return AnchorRow(kind, CheckpointRef(YEAR, size), AT, f"id/anchor/{size}.tsr" if kind is AnchorKind.RFC3161 else None)


def test_rows_are_read_back_as_they_were_entered_by_size(log: Log) -> None:
    for size in (9, 10, 100_000_000_000):
        log.rows.enter(row(size))

    assert list(log.rows.all(AnchorKind.RFC3161, YEAR)) == [row(9), row(10), row(100_000_000_000)]
    assert log.rows.newest(AnchorKind.RFC3161, YEAR) == row(100_000_000_000)


def test_mails_and_stamps_are_kept_apart_from_each_other_and_from_the_head(log: Log) -> None:
    log.grow(AT)
    log.rows.enter(row(3, AnchorKind.MAIL))

    assert log.rows.newest(AnchorKind.RFC3161, YEAR) is None
    assert log.rows.newest(AnchorKind.MAIL, YEAR) == row(3, AnchorKind.MAIL)


def test_the_first_row_of_a_size_stays(log: Log) -> None:
    log.rows.enter(row(1))
    log.rows.enter(AnchorRow(AnchorKind.RFC3161, CheckpointRef(YEAR, 1), AT, "elsewhere"))

    assert list(log.rows.all(AnchorKind.RFC3161, YEAR)) == [row(1)]


def test_another_year_and_a_neighbour_have_none_of_it(log: Log, neighbours_log: Log) -> None:
    log.rows.enter(row(1))
    log.rows.cosign(CheckpointRef(YEAR, 1), b"abcd", "— a line", at=AT)

    assert log.rows.newest(AnchorKind.RFC3161, YEAR - 1) is None
    assert neighbours_log.rows.newest(AnchorKind.RFC3161, YEAR) is None
    assert list(neighbours_log.rows.all(AnchorKind.RFC3161, YEAR)) == []
    assert neighbours_log.rows.cosignatures(CheckpointRef(YEAR, 1)) == []


def test_cosignatures_are_kept_by_size_and_key(log: Log) -> None:
    for size, key, line in ((1, b"aaaa", "one"), (1, b"bbbb", "two"), (1, b"aaaa", "again"), (11, b"aaaa", "other")):
        log.rows.cosign(CheckpointRef(YEAR, size), key, line, at=AT)

    assert log.rows.cosignatures(CheckpointRef(YEAR, 1)) == ["one", "two"]
