import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.report import render_json


def test_json_is_sorted_and_stable(view):
    text = render_json(view)
    assert text == json.dumps(json.loads(text), sort_keys=True, indent=2, ensure_ascii=False) + "\n"
    assert render_json(json.loads(text)) == text
    assert json.loads(text) == view


@given(st.text())
def test_any_text_survives_and_nothing_unprintable_is_written(value):
    text = render_json({"value": value})
    assert json.loads(text) == {"value": value}
    assert all(char == "\n" or char.isprintable() for char in text)


def test_letters_stay_readable_and_overrides_do_not():
    assert render_json({"a": "Größe \u202e \ud800 \U000e0041"}) == (
        '{\n  "a": "Größe \\u202e \\ud800 \\udb40\\udc41"\n}\n'
    )


def test_no_value_outside_of_json_is_written():
    with pytest.raises(ValueError, match="not JSON compliant"):
        render_json({"a": float("nan")})
