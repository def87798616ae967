import pytest

from functions.errors import Invalid
from functions.paging import HIGHEST, PAGE, numbered, numbered_page

COUNT = 2 * PAGE + 1


def newest_first(*, below: int | None, limit: int) -> list[int]:
    return list(range(COUNT if below is None else below - 1, 0, -1))[:limit]


def test_pages_follow_each_other_without_gap_or_repetition_and_end() -> None:
    seen: list[int] = []
    cursor: str | None = None
    pages = 0
    while pages == 0 or cursor is not None:
        page, cursor = numbered_page(cursor, newest_first, int)
        seen += page
        pages += 1

    assert seen == list(range(COUNT, 0, -1))
    assert pages == 3


def test_a_page_that_is_just_full_is_the_last() -> None:
    page, cursor = numbered_page(str(PAGE + 1), newest_first, int)

    assert (len(page), cursor) == (PAGE, None)


@pytest.mark.parametrize("text", ["1", "000001", str(HIGHEST)])
def test_a_number_is_read(text: str) -> None:
    assert numbered(text, "/version") == int(text)


@pytest.mark.parametrize(
    "text",
    ["", "0", "-1", "+1", " 1", "1\n", "1_0", "1.0", "²", "١", "1000000", "00000010000000", "0000001" + "9" * 5000, "x"],
    ids=lambda text: repr(text)[:20],
)
def test_what_is_no_version_number_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        numbered(text, "/cursor")

    assert refusal.value.violations[0].pointer == "/cursor"
