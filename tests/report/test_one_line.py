import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recommender.report.one_line import quick_ascii_line, quick_line, strict_ascii_line, strict_line

_NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
_TEXTS = st.text() | st.text('e-1,}]" \x7f\\é')
_VALUES = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
)


@given(_VALUES)
@example(5e-05)
@example([1e16, 1.5e-7, -1e300])
@example({"a": 2**70})
@example("\ud800")
@example({"b": "5e3,", "a": "\x7f"})
def test_quick_lines_are_those_of_the_standard_encoder(value):
    assert quick_line(value) == strict_line(value)
    assert quick_ascii_line(value) == strict_ascii_line(value)


@given(st.lists(_NUMBERS))
def test_lines_can_be_read_back(numbers):
    assert json.loads(quick_line(numbers)) == numbers


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_strict_lines_hold_numbers_only(number):
    for line in (strict_line, strict_ascii_line):
        with pytest.raises(ValueError, match="not JSON compliant"):
            line([number])
