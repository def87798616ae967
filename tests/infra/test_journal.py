"""What the engine's journal keeps, and what it makes of a crash at each place."""

from pathlib import Path

import pytest

from infra.local.journal import Damaged, InUse, Journal


def reopened(directory: Path) -> tuple[bytes | None, list[object]]:
    journal = Journal(directory)
    found = journal.snapshot(), list(journal.entries())
    journal.close()
    return found


def written(directory: Path, *entries: object) -> None:
    journal = Journal(directory)
    for entry in entries:
        journal.append(entry)
    journal.close()


def test_what_was_appended_is_there_in_order(tmp_path: Path) -> None:
    written(tmp_path, 1, ["ю", {"a": None}])
    written(tmp_path, 3)

    assert reopened(tmp_path) == (None, [1, ["ю", {"a": None}], 3])


def test_an_entry_is_on_disk_before_the_journal_is_closed(tmp_path: Path) -> None:
    journal = Journal(tmp_path)

    journal.append("answered")

    (file,) = tmp_path.glob("*.journal")
    assert file.read_bytes() == b'"answered"\n'
    journal.close()


@pytest.mark.parametrize("torn", [b'["half', b'"whole, but its end is missing"', b"\x00\x00\x00\n"])
def test_a_torn_end_is_cut_off_and_writing_goes_on_before_it(tmp_path: Path, torn: bytes) -> None:
    written(tmp_path, 1)
    (file,) = tmp_path.glob("*.journal")
    file.write_bytes(file.read_bytes() + torn)

    assert reopened(tmp_path) == (None, [1])
    written(tmp_path, 2)
    assert reopened(tmp_path) == (None, [1, 2])


def test_damage_in_the_middle_is_not_passed_over(tmp_path: Path) -> None:
    written(tmp_path, 1)
    (file,) = tmp_path.glob("*.journal")
    file.write_bytes(b"1\nbroken\n2\n")
    journal = Journal(tmp_path)

    with pytest.raises(Damaged, match=r"damaged at byte 2\b"):
        list(journal.entries())

    assert file.read_bytes() == b"1\nbroken\n2\n"
    journal.close()


def test_a_snapshot_takes_the_place_of_all_before_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append(1)
    journal.replace(b"after 1")
    journal.append(2)
    journal.close()

    assert reopened(tmp_path) == (b"after 1", [2])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["000001.journal", "000001.snapshot", "lock"]


def test_a_crash_while_a_snapshot_is_written_leaves_the_old_state(tmp_path: Path) -> None:
    written(tmp_path, 1)
    (tmp_path / "000001.writing").write_bytes(b"half a snap")

    assert reopened(tmp_path) == (None, [1])
    assert not (tmp_path / "000001.writing").exists()


def test_a_crash_after_a_snapshot_and_before_the_old_files_are_gone_takes_the_snapshot(tmp_path: Path) -> None:
    written(tmp_path, 1)
    (tmp_path / "000001.snapshot").write_bytes(b"after 1")

    assert reopened(tmp_path) == (b"after 1", [])


def test_a_directory_has_one_journal_at_a_time(tmp_path: Path) -> None:
    journal = Journal(tmp_path)

    with pytest.raises(InUse):
        Journal(tmp_path)

    journal.close()
    Journal(tmp_path).close()


def test_what_others_keep_in_the_directory_stays(tmp_path: Path) -> None:
    (tmp_path / "api-key").write_text("theirs")
    journal = Journal(tmp_path)

    journal.replace(b"snapshot")

    assert (tmp_path / "api-key").read_text() == "theirs"
    journal.close()
