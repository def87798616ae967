from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.ledger.lines import base64, decimal, unbase64


@given(st.integers(0, 2**63 - 1))
def test_a_number_is_read_as_it_is_written(number: int) -> None:
    assert decimal(str(number)) == number


@pytest.mark.parametrize(
    "text", ["", "00", "01", "-1", "+1", " 1", "1 ", "1\n", "1_0", "1.0", "0x1", "١", "１", str(2**63), "9" * 5000]
)
def test_a_number_has_one_spelling_and_a_limit(text: str) -> None:
    with pytest.raises(ValueError, match="decimal"):
        decimal(text)


@given(st.binary(max_size=80))
def test_bytes_are_read_as_they_are_written(value: bytes) -> None:
    assert base64(value) == b64encode(value).decode()
    assert unbase64(base64(value)) == value


@pytest.mark.parametrize(
    "text", ["A", "AA", "AA=", "AB==", "AAB=", "AA==\n", " AA==", "AA==AA==", "AA===", "-_-_", "é", "\ud800"]
)
def test_bytes_have_one_spelling(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        unbase64(text)
