import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.errors import Malformed
from functions.strict_json import parse

CANARY = "canary-7f3a"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts
documents = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=12
)


def depth(value: Any) -> int:
    match value:
        case dict():
            return 1 + max(map(depth, value.values()), default=0)
        case list():
            return 1 + max(map(depth, value), default=0)
        case _:
            return 0


@settings(deadline=None, max_examples=150)
@given(documents, st.booleans())
def test_what_json_writes_is_read_back_unless_it_is_too_deep(document: Any, ascii_only: bool) -> None:
    raw = json.dumps(document, ensure_ascii=ascii_only).encode()

    if depth(document) > 8:
        with pytest.raises(Malformed, match="deeper"):
            parse(raw)
    else:
        assert parse(raw) == document


@settings(deadline=None, max_examples=150)
@given(
    st.binary(max_size=60)
    | st.text('{}[]",:0123456789.eE+-ntfu\\ \ud800', max_size=30).map(lambda t: t.encode("utf-8", "surrogatepass"))
)
def test_whatever_the_bytes_they_are_read_or_refused_and_nothing_else_happens(raw: bytes) -> None:
    try:
        document = parse(raw)
    except Malformed:
        return

    assert json.loads(raw) == document


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b'{"a": 1,}', "not JSON"),
        (b'{"a": 1} {"a": 1}', "not JSON"),
        (b'{"a": "\x01"}', "not JSON"),
        (b'{"a": "\\x"}', "not JSON"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": Infinity}', "NaN"),
        (b'{"a": -Infinity}', "NaN"),
        (b'{"a": 1.5}', "whole"),
        (b'{"a": 1.0}', "whole"),
        (b'{"a": 1e3}', "whole"),
        (b'{"a": 1E400}', "whole"),
        (b'{"a": 9007199254740992}', "53 bits"),
        (b'{"a": -9007199254740992}', "53 bits"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "53 bits"),
        (b'{"a": 1, "a": 1}', "twice"),
        (b'{"a": 1, "\\u0061": 2}', "twice"),
        (b'[[{"b": 1, "b": 2}]]', "twice"),
        (b'{"a": "\\ud800"}', "surrogate"),
        (b'{"a": "\\udc00x"}', "surrogate"),
        (b'{"\\ud83d": 1}', "surrogate"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (b'{"a": "\xed\xa0\x80"}', "not UTF-8"),
        (b'{"a": "\xc0\xaf"}', "not UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8"),
        (b'\xef\xbb\xbf{"a": 1}', "not JSON"),
        (b"[" * 9 + b"]" * 9, "deeper than 8"),
        (b'{"a":' * 9 + b"1" + b"}" * 9, "deeper than 8"),
        (b"[" * 100_000 + b"]" * 100_000, "deeper than 8"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "deeper than 8"),
    ],
    ids=lambda value: f"{repr(value)[:40]} {len(repr(value))}",
)
def test_what_must_not_cross_the_edge_is_refused_with_the_reason(raw: bytes, says: str) -> None:
    with pytest.raises(Malformed) as refusal:
        parse(raw)

    assert says in refusal.value.detail


@pytest.mark.parametrize(
    ("raw", "document"),
    [
        (b"null", None),
        (b" \r\n\t[] ", []),
        (b"9007199254740991", 2**53 - 1),
        (b"-9007199254740991", -(2**53) + 1),
        (b"-0", 0),
        (b'"\\ud83d\\ude02"', "😂"),
        ('"съгласие"'.encode(), "съгласие"),
        (b'{"a": {"a": 1}}', {"a": {"a": 1}}),
        (b"[" * 8 + b"]" * 8, [[[[[[[[]]]]]]]]),
    ],
    ids=lambda value: f"{repr(value)[:40]} {len(repr(value))}",
)
def test_what_may_cross_the_edge_is_read(raw: bytes, document: Any) -> None:
    assert parse(raw) == document


def test_the_depth_is_the_callers_to_set() -> None:
    assert parse(b"[[1]]", max_depth=2) == [[1]]
    with pytest.raises(Malformed, match="deeper than 1 levels"):
        parse(b"[[1]]", max_depth=1)


@pytest.mark.parametrize(
    "raw",
    [
        f'{{"{CANARY}": 1, "{CANARY}": 2}}',
        f'{{"a": "{CANARY}',
        f'{{"a": "{CANARY}\\x"}}',
        f'{{"a": "{CANARY}\\ud800"}}',
        f'{{"{CANARY}\\ud800": 1}}',
        f'{{"a": {CANARY}}}',
    ],
)
def test_a_refusal_never_quotes_what_was_sent(raw: str) -> None:
    with pytest.raises(Malformed) as refusal:
        parse(raw.encode())

    assert CANARY not in str(refusal.value)
