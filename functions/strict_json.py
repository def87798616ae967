"""JSON as it may cross the edge: no duplicate members, no NaN, no fractions, no surrogates, no great depth."""

import json
from typing import Any, Never

from functions.errors import Malformed

MAX_DEPTH = 8

Json = dict[str, Any] | list[Any] | str | int | bool | None


def parse(raw: bytes, *, max_depth: int = MAX_DEPTH) -> Json:
    """Raises `Malformed`, saying what is wrong and never quoting it."""
    try:
        document: Json = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_float=_refuse_fraction,
            parse_int=_integer,
        )
    except UnicodeDecodeError as error:
        raise Malformed("The body is not UTF-8.") from error
    except RecursionError as error:
        raise Malformed(_too_deep(max_depth)) from error
    except json.JSONDecodeError as error:
        raise Malformed(f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from error
    _check(document, max_depth, max_depth)
    return document


def _object(members: list[tuple[str, Json]]) -> dict[str, Json]:
    result = dict(members)
    if len(result) != len(members):
        raise Malformed("The body is not acceptable: an object has the same member twice.")
    return result


def _refuse_constant(_name: str) -> Never:
    raise Malformed("The body is not JSON: NaN and Infinity are not numbers there.")


def _refuse_fraction(_text: str) -> Never:
    raise Malformed("The body is not acceptable: numbers must be whole.")


def _integer(text: str) -> int:
    # RFC 8785 can carry integers of 53 bits; longer digits never reach int().
    if len(text) > 17 or abs(int(text)) > 2**53 - 1:  # noqa: PLR2004 - the sentence above
        raise Malformed("The body is not acceptable: a number is beyond 53 bits.")
    return int(text)


def _check(value: Json, left: int, max_depth: int) -> None:
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, dict | list):
        if left == 0:
            raise Malformed(_too_deep(max_depth))
        if isinstance(value, dict):
            for name in value:
                _check_text(name)
        for inner in value.values() if isinstance(value, dict) else value:
            _check(inner, left - 1, max_depth)


def _check_text(text: str) -> None:
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise Malformed("The body is not acceptable: a text holds half of a surrogate pair.")


def _too_deep(max_depth: int) -> str:
    return f"The body is nested deeper than {max_depth} levels."
