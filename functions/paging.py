"""Pages of what is numbered, newest first; the cursor is the number that the page before ended with."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from functions.errors import Invalid, Violation

PAGE = 50
HIGHEST = 999_999

One = TypeVar("One")


class NewestFirst(Protocol[One]):
    """Reads what is numbered, from the highest down or from under a number."""

    def __call__(self, *, below: int | None, limit: int) -> list[One]: ...


def numbered_page(
    cursor: str | None, newest_first: NewestFirst[One], number: Callable[[One], int]
) -> tuple[list[One], str | None]:
    """A page and the cursor of the next, None on the last; raises `Invalid` for a cursor that no page gave."""
    found = newest_first(below=None if cursor is None else numbered(cursor, "/cursor"), limit=PAGE + 1)
    return found[:PAGE], str(number(found[PAGE - 1])) if len(found) > PAGE else None


def numbered(text: str, pointer: str) -> int:
    """A version number out of a path or query; raises `Invalid`."""
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(HIGHEST)) and int(text) > 0):
        raise Invalid("That is not a version number.", [Violation(pointer, f"a number from 1 to {HIGHEST}")])
    return int(text)
