import pytest

from functions import errors


def kinds() -> list[type[errors.ConsentinelError]]:
    return [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.ConsentinelError)]


@pytest.mark.parametrize("kind", [kind for kind in kinds() if kind is not errors.AlreadyRecorded])
def test_every_error_carries_its_detail_as_its_text(kind: type[errors.ConsentinelError]) -> None:
    error = kind("The reason.")

    assert (error.detail, str(error)) == ("The reason.", "The reason.")


def test_an_entry_that_is_there_already_is_a_conflict_that_says_nothing_of_it() -> None:
    error = errors.AlreadyRecorded({"sealed": "ann@example.com"})

    assert isinstance(error, errors.Conflict)
    assert error.earlier == {"sealed": "ann@example.com"}
    assert "ann" not in str(error)


def test_violations_are_kept_in_order() -> None:
    first, second = errors.Violation("/a", "a text"), errors.Violation("/b", "a number")

    assert errors.Invalid("Both are wrong.", [first, second]).violations == (first, second)
    assert errors.Invalid("Nothing in particular.").violations == ()
